import type { Parsed } from "./parsed.ts";
import type { Diagnostic, Span } from "../diagnostic.ts";
import { memoizeOf } from "../memoize.ts";
import { childOf, stringOf, type Entry, type Node } from "./node.ts";
import { parseOperators, type Operator, type FileContext } from "./guards.ts";
import { hazardSeverities, type HazardSeverity } from "./guard-schema.ts";
import { checkSchema } from "./check-schema.ts";
import { accountSchema } from "./schema.ts";
import { isBroken, type Variables } from "./variables.ts";
import type { Observations } from "../policy/open-questions.ts";

/** Account folder: the folder of an account.yaml, and all folders below it down to the next one. */
export interface Account {
  /** UID of the bucket owner. */
  readonly uid: string;
  readonly name: string | undefined;
  /** Default for the buckets of the folder. */
  readonly region: string | undefined;
  readonly scope: "listed" | "all";
  /** Names for UIDs and role ARNs. */
  readonly identities: ReadonlyMap<string, string>;
  /** Names of the other accounts of the tree, or their UIDs, by UID; absent if there is none. */
  readonly others?: ReadonlyMap<string, string>;
  /** Variables of the account, including the identities. */
  readonly vars: Variables;
  readonly operators: readonly Operator[];
  /** Those of the base revision, if the account is there. A revision cannot make the operator that it empowers. */
  readonly operatorsAtBase?: readonly Operator[];
  /** Credentials to use for the account; without them, those of the surroundings. */
  readonly credentials?: AccountCredentials | undefined;
  readonly limits: Limits;
  /** Severities of hazards that differ from the default, by code. */
  readonly severities: ReadonlyMap<string, HazardSeverity>;
  /** The same at the base revision, if the account is there. The stricter of both applies. */
  readonly severitiesAtBase?: ReadonlyMap<string, HazardSeverity>;
  /** File of `interpretations`, with the place that names it. */
  readonly interpretations?: { readonly file: string; readonly span: Span };
  /** What the file of `interpretations` observed of OSS; absent without one that is in order. */
  readonly observed?: Observations;
  /** The file as written. Its guardrails may have variables of a bucket. Undefined if it is not written yet. */
  readonly node: Node | undefined;
  readonly file: string;
  /** With a separator at the end; empty for the working folder. */
  readonly folder: string;
}

/** Credentials that an account.yaml names. */
export type AccountCredentials =
  | {
      readonly kind: "role";
      /** ARNs, which may be equal. */
      readonly role: { readonly plan: string; readonly apply: string };
      readonly externalId?: string;
    }
  /** Profile of the aliyun CLI. */
  | { readonly kind: "profile"; readonly profile: string }
  /** Role of the ECS instance. */
  | { readonly kind: "ecsRole"; readonly ecsRole: string };

/** Limits on how much of an account one run may change; an absent one has its default. */
export interface Limits {
  readonly change?: WrittenLimit;
  readonly delete?: WrittenLimit;
  readonly abandon?: WrittenLimit;
}

export interface WrittenLimit {
  readonly count?: number;
  readonly percent?: number;
}

/** Returns the names in `identities`, by UID or ARN, and those of the other accounts of the tree, such as `account staging`. */
export const namesOf = memoizeOf(
  ({ identities, others = new Map() }: Account): ReadonlyMap<string, string> =>
    new Map([
      ...[...others].map(([uid, name]) => [uid, `account ${name}`] as const),
      ...[...identities].map(([name, who]) => [who, name] as const),
    ]),
);

/** Gives each account the names of the others. */
export function withOthers(accounts: readonly Account[]): readonly Account[] {
  if (accounts.length < 2) return accounts;
  const names = new Map(accounts.map(({ uid, name = uid }) => [uid, name]));
  return accounts.map((account) => ({
    ...account,
    others: new Map([...names].filter(([uid]) => uid !== account.uid)),
  }));
}

export function isAccountFile(path: string): boolean {
  return /(^|[\\/])account\.ya?ml$/.test(path);
}

/** Returns the folder of a file, with a separator at its end. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}

/** Parses an account file; undefined if it breaks its schema, which is then reported. */
export function parseAccount(file: string, node: Node): Parsed<Account | undefined> {
  const problems = checkSchema(accountSchema, node);
  if (problems.length > 0) return { value: undefined, diagnostics: problems };
  const identities = new Map(
    entriesOf(childOf(node, "identities")).flatMap(({ name, value }) => {
      const who = stringOf(value);
      return who === undefined ? [] : [[name, who] as const];
    }),
  );
  const vars = new Map([...parseVars(childOf(node, "vars")), ...parseVars(childOf(node, "identities"))]);
  const found = [
    ...clashes(node, [...builtinNames, ...identities.keys()], "vars"),
    ...clashes(node, builtinNames, "identities"),
    ...nestedReferences(childOf(node, "vars")),
    ...sameGuardrails(childOf(node, "guardrails")),
  ];
  const uid = stringOf(childOf(node, "account")) ?? "";
  const variables: Variables = new Map([...vars, ["account", uid] as const]);
  const context: FileContext = { variables, identities, diagnostics: [], faults: [] };
  const account = {
    uid,
    name: stringOf(childOf(node, "name")),
    region: stringOf(childOf(node, "region")),
    scope: stringOf(childOf(node, "scope")) === "all" ? ("all" as const) : ("listed" as const),
    identities,
    vars,
    operators: parseOperators(childOf(node, "operators"), context),
    limits: parseLimits(childOf(node, "limits")),
    credentials: parseCredentials(childOf(node, "credentials")),
    severities: parseSeverities(childOf(node, "hazards")),
    node,
    ...interpretationsOf(file, childOf(node, "interpretations")),
    file,
    folder: folderOf(file),
  };
  return { value: account, diagnostics: [...found, ...context.diagnostics] };
}

function interpretationsOf(file: string, node: Node | undefined): Pick<Account, "interpretations"> {
  const name = stringOf(node);
  if (node === undefined || name === undefined) return {};
  return { interpretations: { file: folderOf(file) + name, span: node.span } };
}

function parseCredentials(node: Node | undefined): AccountCredentials | undefined {
  const textOf = (name: string) => stringOf(childOf(node, name));
  const [profile, ecsRole, externalId] = [textOf("profile"), textOf("ecsRole"), textOf("externalId")];
  if (profile !== undefined) return { kind: "profile", profile };
  if (ecsRole !== undefined) return { kind: "ecsRole", ecsRole };
  const roles = childOf(node, "role");
  const one = stringOf(roles);
  const [plan = one, apply = one] = [stringOf(childOf(roles, "plan")), stringOf(childOf(roles, "apply"))];
  if (plan === undefined || apply === undefined) return undefined;
  return { kind: "role", role: { plan, apply }, ...(externalId === undefined ? {} : { externalId }) };
}

function parseSeverities(node: Node | undefined): ReadonlyMap<string, HazardSeverity> {
  return new Map(
    entriesOf(node).flatMap(({ name, value }) => {
      const severity = hazardSeverities.find((one) => one === stringOf(value));
      return severity === undefined ? [] : [[name, severity] as const];
    }),
  );
}

function parseLimits(node: Node | undefined): Limits {
  const change = parseLimit(childOf(node, "change"));
  const deletes = parseLimit(childOf(node, "delete"));
  const abandon = parseLimit(childOf(node, "abandon"));
  return {
    ...(change === undefined ? {} : { change }),
    ...(deletes === undefined ? {} : { delete: deletes }),
    ...(abandon === undefined ? {} : { abandon }),
  };
}

function parseLimit(node: Node | undefined): WrittenLimit | undefined {
  if (node === undefined) return undefined;
  const [count, percent] = [numberOf(childOf(node, "count")), numberOf(childOf(node, "percent"))];
  return { ...(count === undefined ? {} : { count }), ...(percent === undefined ? {} : { percent }) };
}

function numberOf(node: Node | undefined): number | undefined {
  return node?.kind === "scalar" && typeof node.value === "number" ? node.value : undefined;
}

/** Names that every policy may use. */
export const builtinNames: readonly string[] = ["account", "bucket", "region"];

export function parseVars(node: Node | undefined): Variables {
  return new Map(
    entriesOf(node).flatMap(({ name, value }) => (value.kind === "map" ? [] : [[name, value] as const])),
  );
}

function entriesOf(node: Node | undefined): readonly Entry[] {
  return node?.kind === "map" ? node.entries : [];
}

/** Reports a name that is already taken and would silently change the meaning of a policy. */
export function clashes(
  node: Node,
  taken: readonly string[],
  key: "vars" | "identities",
): readonly Diagnostic[] {
  const names = childOf(node, key);
  if (names?.kind !== "map") return [];
  return names.entries
    .filter(({ name }) => taken.includes(name))
    .map(({ name, nameSpan }) => ({
      code: "name-taken",
      severity: "error",
      message: `the name \`${name}\` is already taken`,
      span: nameSpan,
      help: `\`${builtinNames.join("`, `")}\` are built in, and a variable cannot have the name of an identity`,
    }));
}

/** Reports a guardrail with the name of an earlier one: an accept of the name would cover both. */
function sameGuardrails(node: Node | undefined): readonly Diagnostic[] {
  const names = node?.kind === "list" ? node.items.flatMap((item) => childOf(item, "name") ?? []) : [];
  return names.flatMap((name, index): readonly Diagnostic[] => {
    const first = names.slice(0, index).find((other) => stringOf(other) === stringOf(name));
    if (first === undefined) return [];
    return [
      {
        code: "name-taken",
        severity: "error",
        message: `another guardrail has the name \`${stringOf(name) ?? ""}\``,
        span: name.span,
        help: "give each a name of its own, by which an accept refers to it",
        related: [{ message: "the first one", span: first.span }],
      },
    ];
  });
}

/** Reports a variable in the value of a variable: values are not expanded again, so OSS would get it as text. */
export function nestedReferences(node: Node | undefined): readonly Diagnostic[] {
  if (node?.kind === "map") return node.entries.flatMap(({ value }) => nestedReferences(value));
  if (node?.kind === "list") return node.items.flatMap(nestedReferences);
  if (node === undefined || !isBroken(node)) return [];
  const message = "the value of a variable cannot contain a variable";
  return [{ code: "variable", severity: "error", message, span: node.span, help: "write the value out" }];
}
