import { memoize, memoizeBy } from "../memoize.ts";
import { actions, type Action } from "../policy/action-catalogue.ts";
import type { ConditionTest, Policy, Statement } from "../policy/policy.ts";
import { defaultInterpretation, type Decision, type Interpretation, type Request } from "./request.ts";
import type { Bucket } from "../policy/bucket.ts";

/** Decision of a policy on one request. */
export interface Evaluation {
  readonly decision: Decision;
  /** Indices of the deciding statements in the canonical policy. */
  readonly deciding: readonly number[];
}

/**
 * Evaluates a policy on one request: the reference semantics. It is written to be checked by eye against
 * OSS's documentation, and shares no code with the engine, which is tested against it. The policy must be
 * supported (see unsupported.ts).
 */
export function evaluate(
  policy: Policy,
  request: Request,
  bucket: Bucket,
  interpretation: Interpretation = defaultInterpretation,
): Evaluation {
  const matching = (effect: Statement["effect"]) => {
    const found: number[] = [];
    policy.statements.forEach((statement, index) => {
      if (statement.effect === effect && statementMatches(statement, request, bucket, interpretation))
        found.push(index);
    });
    return found;
  };
  const denying = matching("Deny");
  if (denying.length > 0) return { decision: "deny", deciding: denying };
  const allowing = matching("Allow");
  if (allowing.length > 0) return { decision: "allow", deciding: allowing };
  return { decision: "none", deciding: [] };
}

function statementMatches(
  statement: Statement,
  request: Request,
  bucket: Bucket,
  interpretation: Interpretation,
): boolean {
  const { action, resource, condition } = statement;
  return (
    principalMatches(statement, request.principal, bucket, interpretation) &&
    (action ?? []).some((pattern) => actionMatches(pattern, request.action, interpretation)) &&
    (resource ?? []).some((pattern) => resourceMatches(pattern, request, bucket, interpretation)) &&
    (condition ?? []).every((test) => testHolds(test, request, interpretation))
  );
}

/** Without a Condition, `*` excludes the owner; with one, it includes the owner (OSS docs: bucket policy). */
function principalMatches(
  { effect, principal, condition }: Statement,
  caller: string,
  bucket: Bucket,
  interpretation: Interpretation,
): boolean {
  const isConditional =
    condition !== null && (condition.length > 0 || interpretation.emptyCondition === "is a condition");
  const isAlone = principal?.length === 1 || interpretation.mixedPrincipals === "spare the owner";
  return (principal ?? []).some((pattern) => {
    if (pattern === "*") return caller !== "owner" || isConditional || !isAlone;
    // Only queries contain these words: unsupported.ts rejects them in a policy.
    if (pattern === "anonymous" || pattern === "owner") return pattern === caller;
    if (caller === "anonymous") return false;
    if (caller === "owner")
      return pattern === bucket.owner && (effect !== "Deny" || interpretation.ownerNamed === "is bound");
    if (!pattern.startsWith("arn:")) return pattern === caller;
    return (
      like(pattern, caller) || (interpretation.roleCase === "is left aside" && roleLike(pattern, caller))
    );
  });
}

/** Matches a role session, ignoring case in ROLE of `arn:sts::UID:assumed-role/ROLE/SESSION`. */
function roleLike(pattern: string, caller: string): boolean {
  const folded = (arn: string) => {
    const [head = "", role = "", ...session] = arn.split("/");
    return [head, lower(role), ...session].join("/");
  };
  return like(folded(pattern), folded(caller));
}

function actionMatches(pattern: string, action: string, { actionCase }: Interpretation): boolean {
  return actionCase === "counts" ? like(pattern, action) : like(lower(pattern), lower(action));
}

const levels: ReadonlyMap<string, Action["level"]> = new Map(actions.map(({ name, level }) => [name, level]));

/**
 * Matches a Resource. A bucket-level action is on the bucket, an object-level action on an object (OSS docs:
 * bucket policy). An action outside the catalogue may be on either.
 */
function resourceMatches(
  pattern: string,
  request: Request,
  bucket: Bucket,
  interpretation: Interpretation,
): boolean {
  const level = levels.get(request.action);
  const isOnBucket = request.resource === "";
  if (level !== undefined && level !== (isOnBucket ? "bucket" : "object")) return false;
  if (pattern === "*") return true;
  const [, region, owner = "", name = ""] = segmentsOf(pattern);
  if (region === undefined) return false;
  if (region !== "*" && interpretation.namedRegion === "never matches") return false;
  if (!like(owner, bucket.owner) && interpretation.foreignOwner === "never matches") return false;
  return like(name, request.resource === "" ? bucket.name : `${bucket.name}/${request.resource}`);
}

const segmentsOf = memoize(
  (pattern): readonly string[] => /^acs:oss:([^:]*):([^:]*):(.*)$/s.exec(pattern) ?? [],
);

/** Evaluates a test. With a negated operator no value may match; otherwise one must (OSS docs: bucket policy). */
function testHolds(test: ConditionTest, request: Request, interpretation: Interpretation): boolean {
  const { operator, key, unquoted = [] } = test;
  const drops = interpretation.unquotedValue === "matches nothing";
  const values = test.values.filter((value) => !(drops && unquoted.includes(value)));
  const isNegated = operator.includes("Not");
  const given = request.context.get(key ?? "") ?? absentText(test, request, interpretation);
  if (given === undefined) return isNegated && interpretation.absentKey === "negated is true";
  const matches = values.some((value) =>
    valueMatches(operator.replace("Not", ""), value, given, interpretation),
  );
  return matches !== isNegated;
}

/**
 * Returns the text that an absent key is compared as; undefined if it is not compared. From the Internet
 * acs:SourceVpc is the empty text; oss:Prefix exists only on calls that list (OSS docs: bucket policy).
 */
function absentText(
  { operator, key }: ConditionTest,
  { action }: Request,
  interpretation: Interpretation,
): string | undefined {
  if (key === "acs:SourceVpc") return "";
  const isListing = action === "oss:ListObjects" || action === "oss:ListObjectVersions";
  if (!operator.startsWith("String") || (key === "oss:Prefix" && !isListing)) return undefined;
  return interpretation.absentText === "is the empty text" ? "" : undefined;
}

function valueMatches(
  operator: string,
  value: string,
  given: string,
  { boolCase, hostBits }: Interpretation,
): boolean {
  switch (operator) {
    case "StringEquals":
      return given === value;
    case "StringEqualsIgnoreCase":
      return lower(given) === lower(value);
    case "Bool":
      return given === (boolCase === "counts" ? value : lower(value));
    case "StringLike":
      return like(value, given);
    case "IpAddress":
      return inRange(value, given, hostBits);
  }
  const isDate = operator.startsWith("Date");
  const [left, right] = isDate ? [Date.parse(given), Date.parse(value)] : [Number(given), Number(value)];
  switch (operator.replace(/^(Numeric|Date)/, "")) {
    case "Equals":
      return left === right;
    case "LessThan":
      return left < right;
    case "LessThanEquals":
      return left <= right;
    case "GreaterThan":
      return left > right;
    case "GreaterThanEquals":
      return left >= right;
  }
  throw new Error(`evaluate does not know the operator ${operator}`);
}

/**
 * Matches a pattern: `*` is any run of characters, even empty, and `?` is one (OSS docs: policy syntax). What is between
 * two `*` matches where it first can, which leaves most to what follows.
 */
function like(pattern: string, text: string): boolean {
  const wildcard = pattern.search(/[*?]/);
  if (wildcard < 0) return pattern === text;
  if (!text.startsWith(pattern.slice(0, wildcard))) return false;
  const letters = [...text];
  const [first = [], ...rest] = partsOf(pattern);
  const fits = (part: readonly string[], at: number) =>
    at + part.length <= letters.length &&
    part.every((mark, index) => mark === "?" || mark === letters[at + index]);
  const last = rest.at(-1);
  if (last === undefined) return first.length === letters.length && fits(first, 0);
  if (!fits(first, 0)) return false;
  let at = first.length;
  for (const part of rest.slice(0, -1)) {
    while (at < letters.length && !fits(part, at)) at += 1;
    if (!fits(part, at)) return false;
    at += part.length;
  }
  return letters.length - last.length >= at && fits(last, letters.length - last.length);
}

/** Returns what is before, between and after the `*` of a pattern, in characters. */
const partsOf = memoize((pattern) => pattern.split("*").map((part) => [...part]));

/** Converts ASCII letters to lower case. OSS does not document how it treats others. */
const lower = memoize((text) => text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()));

function inRange(range: string, address: string, hostBits: Interpretation["hostBits"]): boolean {
  if (range.includes("*")) return inOctets(range, address);
  const [network = "", length] = range.split("/");
  const [a, b] = [bitsOf(network), bitsOf(address)];
  const most = Number(length ?? a.length);
  if (a.slice(most).includes("1")) {
    if (hostBits === "match nothing") return false;
    if (hostBits === "leave the address") return a === b;
  }
  return a.length === b.length && a.slice(0, most) === b.slice(0, most);
}

/** Matches an IPv4 address with `*` for whole bytes, such as `101.*.*.100` (OSS docs: bucket policy). */
function inOctets(range: string, address: string): boolean {
  const bits = bitsOf(address);
  const bytes = range.split(".");
  return (
    bits.length === 8 * bytes.length &&
    bytes.every((byte, index) => byte === "*" || bitsOf(byte) === bits.slice(8 * index, 8 * index + 8))
  );
}

/** Addresses that are kept: more than two policies can name. */
const maxAddresses = 8_000;

/** Returns an address as a text of 32 or 128 bits. An IPv4-mapped IPv6 address is IPv4. */
const bitsOf = memoizeBy((address: string) => address, findBits, maxAddresses);

function findBits(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
  const binary = (text: string, base: number, width: number) =>
    Number.parseInt(text, base).toString(2).padStart(width, "0");
  if (!mapped.includes(":"))
    return mapped
      .split(".")
      .map((byte) => binary(byte, 10, 8))
      .join("");
  const [head = "", tail] = mapped.split("::");
  const words = (text: string) => (text === "" ? [] : text.split(":"));
  const [front, back] = [words(head), words(tail ?? "")];
  const filled = [...front, ...Array<string>(8 - front.length - back.length).fill("0"), ...back];
  return filled.map((word) => binary(word, 16, 16)).join("");
}
