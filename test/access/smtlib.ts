import { parseIpTest } from "../../src/policy/ip-range.ts";
import type { ConditionTest, Policy, Statement } from "../../src/policy/policy.ts";
import { parseResource } from "../../src/policy/resource.ts";
import { grantable } from "../../src/access/engine/fields.ts";
import { mayBeUnknown } from "../../src/access/engine/unknown-actions.ts";
import type { Interpretation } from "../../src/access/request.ts";
import type { Bucket } from "../../src/policy/bucket.ts";
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
import { keyLines, type Surroundings } from "./smtlib-keys.ts";

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
  interpretation: Interpretation,
): string {
  const sides = [statementsOf(before), statementsOf(after)] as const;
  const keys = [...new Set(sides.flat().flatMap(({ condition }) => (condition ?? []).map(keyOf)))].sort();
  const around: Surroundings = {
    bucket,
    interpretation,
    names: new Map(keys.map((key, at) => [key, `key${at}`])),
  };
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

function statementsOf(policy: Policy | "none"): readonly Statement[] {
  return policy === "none" ? [] : policy.statements;
}

function keyOf({ key }: ConditionTest): string {
  return key ?? "";
}

// Who, what and on what.

const digits = '(re.+ (re.range "0" "9"))';
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

const letterOrDigit = '(re.union (re.range "A" "Z") (re.range "a" "z") (re.range "0" "9"))';
const unknownName = `(re.++ (str.to_re "oss:") (re.range "A" "Z") (re.* ${letterOrDigit}))`;

function actionLines(): readonly string[] {
  return [
    "(declare-const action Int)",
    "; After them, any action that the catalogue does not know: on the bucket, then on objects. A name of",
    "; the catalogue may stand for one, since no pattern of the tests matches names of the catalogue alone.",
    "(declare-const action-name String)",
    assertion(`(<= 0 action ${ordered.length + 1})`),
    `(define-fun is-unknown () Bool (>= action ${ordered.length}))`,
    assertion(`(=> is-unknown ${isIn("action-name", [unknownName])})`),
    `(define-fun is-object () Bool (and (>= action ${firstOnObjects}) (distinct action ${ordered.length})))`,
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
    actionTerm(statement.action ?? [], around.interpretation),
    resourceTerm(statement.resource ?? [], around),
    ...(statement.condition ?? []).map((test) => testTerm(test, around)),
  ]);
}

function principalTerm({ effect, principal, condition }: Statement, around: Surroundings): string {
  const { bucket, interpretation } = around;
  const isBare =
    condition === null || (condition.length === 0 && interpretation.emptyCondition === "is none");
  const isAlone = principal?.length === 1 || interpretation.mixedPrincipals === "spare the owner";
  const bindsOwner = effect !== "Deny" || interpretation.ownerNamed === "is bound";
  const words = principal ?? [];
  const roles = words.filter((word) => word.startsWith("arn:"));
  const others = words
    .filter((word) => !roles.includes(word))
    .map((word) => {
      if (word === "*") return isBare && isAlone ? "(distinct who 1)" : "true";
      if (word === "anonymous") return "(= who 0)";
      if (word === "owner") return "(= who 1)";
      if (word === bucket.owner) return bindsOwner ? "(= who 1)" : "false";
      return `(and (= who 2) (= who-name ${literal(word)}))`;
    });
  if (roles.length === 0) return any(others);
  const sessions = roles.map((role) => roleRegex(role, interpretation));
  return any([...others, `(and (= who 3) ${isIn("who-name", sessions)})`]);
}

/** The role stands between the slashes; where its case is left aside, that of the rest still counts. */
function roleRegex(pattern: string, { roleCase }: Interpretation): string {
  if (roleCase === "counts") return regexOf(pattern);
  const letters = [...pattern];
  const first = letters.indexOf("/");
  return regexOf(pattern, (index) => index > first && index < letters.indexOf("/", first + 1));
}

function actionTerm(patterns: readonly string[], { actionCase }: Interpretation): string {
  const fold = actionCase === "counts" ? (text: string) => text : lower;
  const indexes = ordered.flatMap(({ name }, index) =>
    patterns.some((pattern) => matches(fold(pattern), fold(name))) ? [index] : [],
  );
  const named = patterns
    .filter((pattern) => mayBeUnknown(pattern))
    .map((pattern) => regexOf(pattern, () => actionCase === "is left aside"));
  return named.length === 0
    ? isAction(indexes)
    : any([isAction(indexes), `(and is-unknown ${isIn("action-name", named)})`]);
}

function resourceTerm(words: readonly string[], { bucket, interpretation }: Surroundings): string {
  const named = words.flatMap((word) => {
    const parsed = parseResource(word);
    return parsed?.kind === "named" ? [parsed] : [];
  });
  if (words.includes("*")) return "true";
  const counting = named.filter(
    ({ region, owner }) =>
      (region === "*" || interpretation.namedRegion === "matches") &&
      (matches(owner, bucket.owner) || interpretation.foreignOwner === "matches"),
  );
  return isIn(
    "resource",
    counting.map(({ name }) => regexOf(name)),
  );
}

/** Under a negated operator no value may match. */
function testTerm(test: ConditionTest, { interpretation, names }: Surroundings): string {
  const name = names.get(keyOf(test)) ?? "";
  const isNegated = test.operator.includes("Not");
  const holds = (text: string) => {
    const { unquoted = [] } = test;
    const isKept = (value: string) =>
      interpretation.unquotedValue === "is its text" || !unquoted.includes(value);
    const values = test.values.filter(isKept);
    const matching = valuesTerm(test.operator.replace("Not", ""), values, text, interpretation);
    return isNegated ? `(not ${matching})` : matching;
  };
  const none = String(isNegated && interpretation.absentKey === "negated is true");
  const isText = test.operator.startsWith("String") && interpretation.absentText === "is the empty text";
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
function valuesTerm(
  operator: string,
  values: readonly string[],
  name: string,
  { boolCase, hostBits }: Interpretation,
): string {
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
      return any(
        values
          .filter((value) => boolCase === "is left aside" || value === lower(value))
          .map((value) => (lower(value) === "true" ? name : `(not ${name})`)),
      );
    case "IpAddress":
      return any(values.map((value) => rangeTerm(value, name, hostBits)));
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

function rangeTerm(value: string, name: string, hostBits: Interpretation["hostBits"]): string {
  const range = parseIpTest(value);
  if (range === undefined) return "false";
  const version = range.version === 6 ? `${name}-is-6` : `(not ${name}-is-6)`;
  const isOdd = range.address !== range.first;
  if (isOdd && hostBits === "match nothing") return "false";
  if (isOdd && hostBits === "leave the address") return `(and ${version} (= ${name} ${range.address}))`;
  return `(and ${version} (<= ${range.first} ${name} ${range.last}))`;
}
