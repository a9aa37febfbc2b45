import { findConditionKey, type Family } from "../policy/conditions.ts";
import { parseIpTest } from "../policy/ip-range.ts";
import type { ConditionTest, Policy, Statement } from "../policy/policy.ts";
import { parseResource } from "../policy/resource.ts";
import { grantable } from "./fields.ts";
import type { Bucket, Reading } from "./request.ts";
import {
  all,
  any,
  assertion,
  call,
  exactly,
  inAnyCase,
  isIn,
  literal,
  lower,
  matches,
  regexOf,
} from "./smtlib-terms.ts";

/**
 * The question whether two policies differ, for a solver that knows nothing of this tool: a script in
 * SMT-LIB 2.6 that is satisfiable exactly if some request is decided differently. It is written from
 * the policies, apart from the comparison, so that `unsat` is a second opinion on "no difference".
 * Both policies must be supported.
 */
export function smtlibOf(
  before: Policy | "none",
  after: Policy | "none",
  bucket: Bucket,
  reading: Reading,
): string {
  const sides = [statementsOf(before), statementsOf(after)] as const;
  const keys = [...new Set(sides.flat().flatMap(({ condition }) => (condition ?? []).map(keyOf)))].sort();
  const around: Surroundings = { bucket, reading, names: new Map(keys.map((key, at) => [key, `key${at}`])) };
  const lines = [
    "(set-logic QF_SLIA)",
    "; Who asks: 0 is anonymous, 1 the owner of the bucket, 2 a UID, 3 a role session.",
    ...principalLines(bucket),
    "; For what: an action by its place in the catalogue, those on the bucket first.",
    ...actionLines(),
    "; On what: BUCKET or BUCKET/KEY.",
    ...resourceLines(bucket),
    ...keys.flatMap((key) => keyLines(key, around)),
    ...sideLines("before", sides[0], around),
    ...sideLines("after", sides[1], around),
    "; Deny beats Allow, and neither is not the same as Deny.",
    "(assert (or (distinct before-deny after-deny) (and (not before-deny) (distinct before-allow after-allow))))",
    "(check-sat)",
  ];
  return `${lines.join("\n")}\n`;
}

interface Surroundings {
  readonly bucket: Bucket;
  readonly reading: Reading;
  /** The symbol of each condition key. */
  readonly names: ReadonlyMap<string, string>;
}

function statementsOf(policy: Policy | "none"): readonly Statement[] {
  return policy === "none" ? [] : policy.statements;
}

function keyOf({ key }: ConditionTest): string {
  return key ?? "";
}

// Who, what and on what.

const digits = '(re.+ (re.range "0" "9"))';
const anyLetters = "(re.+ re.allchar)";
/** One letter or more, none of them `/`. */
const part = '(re.+ (re.diff re.allchar (str.to_re "/")))';

function principalLines({ owner }: Bucket): readonly string[] {
  const session = call("re.++", [
    exactly("arn:sts::"),
    digits,
    exactly(":assumed-role/"),
    part,
    exactly("/"),
    part,
  ]);
  return [
    "(declare-const who Int)",
    "(declare-const who-name String)",
    "(assert (<= 0 who 3))",
    assertion(`(=> (= who 2) (and ${isIn("who-name", [digits])} (distinct who-name ${literal(owner)})))`),
    assertion(`(=> (= who 3) ${isIn("who-name", [session])})`),
  ];
}

/** On the bucket, then on objects. */
const ordered = ["bucket", "object"].flatMap((level) => grantable.filter((action) => action.level === level));
const firstOnObjects = ordered.findIndex(({ level }) => level === "object");
const listings = ordered.flatMap(({ name }, index) =>
  name === "oss:ListObjects" || name === "oss:ListObjectVersions" ? [index] : [],
);

function actionLines(): readonly string[] {
  return [
    "(declare-const action Int)",
    assertion(`(<= 0 action ${ordered.length - 1})`),
    `(define-fun is-object () Bool (>= action ${firstOnObjects}))`,
    `(define-fun is-listing () Bool ${isAction(listings)})`,
  ];
}

/** Whether the action is one of these; neighbours are told as a range. */
function isAction(indexes: readonly number[]): string {
  const runs: (readonly [number, number])[] = [];
  for (const index of indexes) {
    const [first, last] = runs.at(-1) ?? [index, index];
    if (last === index - 1) runs.splice(-1, 1, [first, index]);
    else runs.push([index, index]);
  }
  return any(
    runs.map(([first, last]) => (first === last ? `(= action ${first})` : `(<= ${first} action ${last})`)),
  );
}

function resourceLines({ name }: Bucket): readonly string[] {
  const first = '(re.diff re.allchar (re.union (str.to_re "/") (str.to_re "\\u{5c}")))';
  const objects = call("re.++", [exactly(`${name}/`), first, "re.all"]);
  return [
    "(declare-const resource String)",
    assertion(`(ite is-object ${isIn("resource", [objects])} (= resource ${literal(name)}))`),
  ];
}

// Condition keys.

const sorts: Readonly<Record<Family, string>> = {
  String: "String",
  Numeric: "Int",
  Date: "Int",
  Bool: "Bool",
  Ip: "Int",
};

function familyOf(key: string): Family {
  return findConditionKey(key)?.family ?? "String";
}

function keyLines(key: string, { names }: Surroundings): readonly string[] {
  const name = names.get(key) ?? "";
  return [
    `; ${literal(key)}`,
    `(declare-const ${name} ${sorts[familyOf(key)]})`,
    ...(familyOf(key) === "Ip" ? [`(declare-const ${name}-is-6 Bool)`] : []),
    `(declare-const has-${name} Bool)`,
    ...valueRules(key, name).map(assertion),
    ...presenceRules(key, `has-${name}`).map(assertion),
  ];
}

/** Dates in milliseconds since 1970, up to the end of the year 9999; days and addresses as whole numbers. */
function valueRules(key: string, name: string): readonly string[] {
  switch (familyOf(key)) {
    case "Bool":
      return [];
    case "Numeric":
      return [`(>= ${name} 0)`];
    case "Date":
      return [`(<= 0 ${name} ${Date.parse("9999-12-31T23:59:59Z")})`];
    case "Ip": {
      const [most4, most6, mapped] = [2n ** 32n - 1n, 2n ** 128n - 1n, 0xffffn * 2n ** 32n];
      const isMapped = `(<= ${mapped} ${name} ${mapped + most4})`;
      return [`(ite ${name}-is-6 (and (<= 0 ${name} ${most6}) (not ${isMapped})) (<= 0 ${name} ${most4}))`];
    }
    case "String":
      // Empty for a request from the Internet.
      if (key !== "acs:SourceVpc") return [];
      return [isIn(name, [exactly(""), call("re.++", [exactly("vpc-"), anyLetters])])];
  }
}

function presenceRules(key: string, has: string): readonly string[] {
  if (["acs:SourceIp", "acs:SourceVpc", "acs:CurrentTime", "acs:SecureTransport"].includes(key)) return [has];
  if (key === "acs:AccessId") return [`(= ${has} (distinct who 0))`];
  return key === "oss:Prefix" || key === "oss:Delimiter" ? [`(=> ${has} is-listing)`] : [];
}

// Statements.

function sideLines(side: string, statements: readonly Statement[], around: Surroundings): readonly string[] {
  const named = statements.map((statement, index) => ({ statement, name: `${side}-${index + 1}` }));
  const of = (effect: string) =>
    named.filter(({ statement }) => statement.effect === effect).map(({ name }) => name);
  return [
    ...named.map(({ statement, name }) => `(define-fun ${name} () Bool ${statementTerm(statement, around)})`),
    `(define-fun ${side}-allow () Bool ${any(of("Allow"))})`,
    `(define-fun ${side}-deny () Bool ${any(of("Deny"))})`,
  ];
}

function statementTerm(statement: Statement, around: Surroundings): string {
  return all([
    principalTerm(statement, around),
    actionTerm(statement.action ?? [], around.reading),
    resourceTerm(statement.resource ?? [], around),
    ...(statement.condition ?? []).map((test) => testTerm(test, around)),
  ]);
}

function principalTerm({ effect, principal, condition }: Statement, around: Surroundings): string {
  const { bucket, reading } = around;
  const isBare = condition === null || (condition.length === 0 && reading.emptyCondition === "is none");
  const bindsOwner = effect !== "Deny" || reading.ownerNamed === "is bound";
  const words = principal ?? [];
  const roles = words.filter((word) => word.startsWith("arn:"));
  const others = words
    .filter((word) => !roles.includes(word))
    .map((word) => {
      if (word === "*") return isBare ? "(distinct who 1)" : "true";
      if (word === "anonymous") return "(= who 0)";
      if (word === "owner") return "(= who 1)";
      if (word === bucket.owner) return bindsOwner ? "(= who 1)" : "false";
      return `(and (= who 2) (= who-name ${literal(word)}))`;
    });
  if (roles.length === 0) return any(others);
  const sessions = roles.map((role) => roleRegex(role, reading));
  return any([...others, `(and (= who 3) ${isIn("who-name", sessions)})`]);
}

/** The role stands between the slashes; where its case is left aside, that of the rest still counts. */
function roleRegex(pattern: string, { roleCase }: Reading): string {
  if (roleCase === "counts") return regexOf(pattern);
  const letters = [...pattern];
  const first = letters.indexOf("/");
  return regexOf(pattern, (index) => index > first && index < letters.indexOf("/", first + 1));
}

function actionTerm(patterns: readonly string[], { actionCase }: Reading): string {
  const fold = actionCase === "counts" ? (text: string) => text : lower;
  const indexes = ordered.flatMap(({ name }, index) =>
    patterns.some((pattern) => matches(fold(pattern), fold(name))) ? [index] : [],
  );
  return isAction(indexes);
}

function resourceTerm(words: readonly string[], { bucket, reading }: Surroundings): string {
  const named = words.flatMap((word) => {
    const parsed = parseResource(word);
    return parsed?.kind === "named" ? [parsed] : [];
  });
  if (words.includes("*")) return "true";
  const counting = named.filter(
    ({ region, owner }) =>
      (region === "*" || reading.namedRegion === "matches") &&
      (matches(owner, bucket.owner) || reading.foreignOwner === "matches"),
  );
  return isIn(
    "resource",
    counting.map(({ name }) => regexOf(name)),
  );
}

/** Under a negated operator no value may match. */
function testTerm(test: ConditionTest, { reading, names }: Surroundings): string {
  const name = names.get(keyOf(test)) ?? "";
  const isNegated = test.operator.includes("Not");
  const holds = (text: string) => {
    const matching = valuesTerm(test.operator.replace("Not", ""), test.values, text);
    return isNegated ? `(not ${matching})` : matching;
  };
  const none = String(isNegated && reading.absentKey === "negated is true");
  const isText = test.operator.startsWith("String") && reading.absentText === "is the empty text";
  const empty = isText ? holds(literal("")) : none;
  const absent = keyOf(test) === "oss:Prefix" ? `(ite is-listing ${empty} ${none})` : empty;
  return `(ite has-${name} ${holds(name)} ${absent})`;
}

const relations: readonly (readonly [string, string])[] = [
  ["LessThanEquals", "<="],
  ["LessThan", "<"],
  ["GreaterThanEquals", ">="],
  ["GreaterThan", ">"],
  ["Equals", "="],
];

/** Whether one of the values matches. */
function valuesTerm(operator: string, values: readonly string[], name: string): string {
  switch (operator) {
    case "StringEquals":
      return any(values.map((value) => `(= ${name} ${literal(value)})`));
    case "StringEqualsIgnoreCase":
      return isIn(name, values.map(inAnyCase));
    case "StringLike":
      return isIn(
        name,
        values.map((value) => regexOf(value)),
      );
    case "Bool":
      return any(values.map((value) => (lower(value) === "true" ? name : `(not ${name})`)));
    case "IpAddress":
      return any(values.map((value) => rangeTerm(value, name)));
  }
  const relation = relations.find(([ending]) => operator.endsWith(ending))?.[1];
  if (relation === undefined) throw new Error(`SMT-LIB does not know the operator ${operator}`);
  const read = operator.startsWith("Date") ? Date.parse : Number;
  return any(values.map((value) => `(${relation} ${name} ${integer(read(value))})`));
}

/** SMT-LIB writes -1 as `(- 1)`. */
function integer(value: number): string {
  return value < 0 ? `(- ${-value})` : String(value);
}

function rangeTerm(value: string, name: string): string {
  const range = parseIpTest(value);
  if (range === undefined) return "false";
  const version = range.version === 6 ? `${name}-is-6` : `(not ${name}-is-6)`;
  return `(and ${version} (<= ${range.first} ${name} ${range.last}))`;
}
