import { joinParsed, type Parsed } from "./parsed.ts";
import { isWithin, type Diagnostic, type Span } from "../diagnostic.ts";
import { nearMiss } from "../near-miss.ts";
import { jsonText, type JsonObject } from "../policy/json.ts";
import { canonicalWithSources, type Policy } from "../policy/policy.ts";
import { builtinNames, clashes, nestedReferences, parseVars, type Account } from "./account-file.ts";
import { tooMuch, type ExpansionBudget } from "./budget.ts";
import type { Ignore } from "./ignore.ts";
import { childOf, entryOf, jsonOf, stringOf, type Entry, type MapNode, type Node } from "./node.ts";
import {
  parseAccepts,
  parseExpects,
  parseGuardrails,
  type Accept,
  type Expectation,
  type Guardrail,
  type FileContext,
} from "./guards.ts";
import { checkSchema } from "./check-schema.ts";
import { bucketSchema } from "./schema.ts";
import { strayPolicy } from "./stray-policy.ts";
import { findUses, type Sets, type Use } from "./statement-set.ts";
import { expandVariables, type Variables } from "./variables.ts";

export interface DesiredBucket {
  readonly bucket: string;
  readonly account: Account;
  /** Short form, such as `cn-hangzhou`. */
  readonly region: string;
  readonly file: string;
  /** The bucket's name in the file. */
  readonly span: Span;
  /** Place of `policy`, or of `use` if there is no `policy`. */
  readonly policySpan: Span;
  readonly policy: DesiredPolicy;
  /** Variables of its file only. */
  readonly vars: Variables;
  readonly uses: readonly Use[];
  /** Ignore comments of its file and of the sets that it uses. */
  readonly ignores: readonly Ignore[];
  /** The file is for this bucket only, and uses no statement sets. */
  readonly isAlone: boolean;
  readonly expects: readonly Expectation[];
  readonly accepts: readonly Accept[];
  /** Guardrails of the account that apply to this bucket. */
  readonly guardrails: readonly Guardrail[];
  /** Places with an unknown value because of a reported error; no later check judges them. */
  readonly faults: readonly Span[];
}

/** Bucket with the tree that its policy was read from, which the rules judge. */
export interface ParsedBucket extends DesiredBucket {
  /** Undefined for `policy: none`. */
  readonly policyNode: MapNode | undefined;
}

/** Policy with variables and statement sets expanded. */
export type DesiredPolicy =
  | { readonly kind: "none" }
  | {
      readonly kind: "policy";
      /** JSON text that is sent to OSS. */
      readonly text: string;
      readonly canonical: Policy;
      /** Place of each statement of the canonical form. */
      readonly spans: readonly Span[];
    };

/** Context in which a bucket file is parsed. */
export interface BucketSurroundings {
  /** Undefined if no account.yaml could be read. */
  readonly account: Account | undefined;
  readonly sets: Sets;
  readonly ignores: readonly Ignore[];
  readonly budget: ExpansionBudget;
}

/** Parses a bucket file. Returns its buckets; none if the file breaks its schema, which is then reported. */
export function parseBucketFile(
  file: string,
  node: Node,
  { account, sets, ignores, budget }: BucketSurroundings,
): Parsed<readonly ParsedBucket[]> {
  const stray = strayPolicy(node);
  const problems = stray === undefined ? [...checkSchema(bucketSchema, node), ...checkKeys(node)] : [stray];
  const taken = account === undefined ? [] : [...builtinNames, ...account.identities.keys()];
  const { value: uses, diagnostics: ofUses } = findUses(file, childOf(node, "use"), sets);
  const found = [
    ...problems,
    ...clashes(node, taken, "vars"),
    ...nestedReferences(childOf(node, "vars")),
    ...ofUses,
  ];
  const nothing = { value: [], diagnostics: found };
  const policyEntry = entryOf(node, "policy") ?? entryOf(node, "use");
  const ofPolicy = problems.filter(
    ({ span }) => !besidePolicy.some((name) => isInEntry(span, entryOf(node, name))),
  );
  if (ofPolicy.length > 0 || policyEntry === undefined || account === undefined) return nothing;
  if (isUnknown(node, uses)) return nothing;
  const names = bucketNodes(node);
  const written = withSets(childOf(node, "policy"), uses, policyEntry);
  const problem = tooManyStatements(written, policyEntry) ?? tooMuch(node, written, names.length, budget);
  if (problem !== undefined) return { value: [], diagnostics: [...found, problem] };
  const buckets = names.map((name): Parsed<readonly ParsedBucket[]> => {
    const region = stringOf(childOf(node, "region")) ?? account.region;
    if (region === undefined) return { value: [], diagnostics: [noRegion(name.span, account)] };
    const bucket = stringOf(name) ?? "";
    const vars = parseVars(childOf(node, "vars"));
    const variables = variablesOf({ bucket, account, region, vars });
    const context: FileContext = { variables, identities: account.identities, diagnostics: [], faults: [] };
    const expanded = expandVariables(written, context);
    if (expanded === undefined) return { value: [], diagnostics: context.diagnostics };
    const policyNode = expanded.kind === "map" ? expanded : undefined;
    const parsed = {
      bucket,
      account,
      region,
      file,
      span: name.span,
      policySpan: policyEntry.nameSpan,
      policy: policyNode === undefined ? noPolicy : policyOf(policyNode),
      policyNode,
      vars,
      uses,
      ignores: [...ignores, ...uses.flatMap(({ set }) => set.ignores)],
      isAlone: names.length === 1 && uses.length === 0,
      expects: parseExpects(withoutBroken(childOf(node, "expect"), problems), context),
      accepts: parseAccepts(withoutBroken(childOf(node, "accept"), problems), context),
      guardrails: parseGuardrails(account.node, bucket, context),
      faults: context.faults,
    };
    return { value: [parsed], diagnostics: context.diagnostics };
  });
  return joinParsed([nothing, ...buckets]);
}

/**
 * Returns the guardrails of an account for a bucket without a file in that account. Variables of the bucket's
 * file only count if the account does not define them.
 */
export function guardrailsFor(
  account: Account,
  { bucket, region, vars }: Pick<DesiredBucket, "bucket" | "region" | "vars">,
): Parsed<readonly Guardrail[]> {
  const ofAccount = variablesOf({ bucket, account, region, vars: new Map() });
  const variables = new Map([...vars, ...ofAccount]);
  const context: FileContext = { variables, identities: account.identities, diagnostics: [], faults: [] };
  const value = parseGuardrails(account.node, bucket, context);
  return { value, diagnostics: context.diagnostics };
}

/** Keys without which the policy is still known. A mistake in them is an error of the file, which blocks its bucket. */
const besidePolicy = ["expect", "accept"] as const;

function isInEntry(span: Span | undefined, entry: Entry | undefined): boolean {
  return span !== undefined && entry !== undefined && isWithin(span, entry.value.span);
}

/** Returns a list without the members in which a mistake was found. */
function withoutBroken(list: Node | undefined, problems: readonly Diagnostic[]): Node | undefined {
  if (list?.kind !== "list") return undefined;
  const isBroken = (item: Node) =>
    problems.some(({ span }) => span !== undefined && isWithin(span, item.span));
  return { ...list, items: list.items.filter((item) => !isBroken(item)) };
}

/** Returns whether all statements are from sets that do not exist, so that the policy is unknown. */
function isUnknown(node: Node, uses: readonly Use[]): boolean {
  const use = childOf(node, "use");
  const own = childOf(childOf(node, "policy"), "Statement");
  return use?.kind === "list" && uses.length < use.items.length && uses.length === 0 && own === undefined;
}

/** Checks rules between keys, which the schema of single keys cannot express. */
function checkKeys(node: Node): readonly Diagnostic[] {
  if (node.kind !== "map") return [];
  const [bucket, buckets, policy, use] = ["bucket", "buckets", "policy", "use"].map((name) =>
    entryOf(node, name),
  );
  const problems: Diagnostic[] = [];
  const problem = (code: string, message: string, span: Span, help: string) =>
    problems.push({ code, severity: "error", message, span, help });
  if (bucket !== undefined && buckets !== undefined) {
    problem("wrong-value", "`bucket` and `buckets` are both set", buckets.nameSpan, "keep one of them");
  }
  if (bucket === undefined && buckets === undefined && !isMisspelt(node, ["bucket", "buckets"])) {
    problem("missing-key", "`bucket` is missing", node.span, "name the bucket of this file");
  }
  if (policy === undefined && use === undefined && !isMisspelt(node, ["policy"])) {
    problem(
      "missing-key",
      "`policy` is missing",
      node.span,
      "write the policy, or `policy: none` for no policy",
    );
  }
  if (stringOf(policy?.value) === "none" && use !== undefined) {
    problem(
      "wrong-value",
      "`policy: none` cannot use statement sets",
      use.nameSpan,
      "remove `use`, or write a policy",
    );
  }
  return problems;
}

/** Maximum of statements: the shortest that OSS accepts has more than 40 bytes, so fewer fit in 16 KB. */
const maxStatements = 400;

/** Returns whether a key is only misspelt: a missing and an unknown key are then one mistake. */
function isMisspelt({ entries }: MapNode, names: readonly string[]): boolean {
  const allowed = Object.keys(bucketSchema.shape);
  return entries.some(({ name }) => !allowed.includes(name) && nearMiss(name, names) !== undefined);
}

function bucketNodes(node: Node): readonly Node[] {
  const list = childOf(node, "buckets");
  if (list?.kind === "list") return list.items;
  const one = childOf(node, "bucket");
  return one === undefined ? [] : [one];
}

/** Returns all variables of a bucket. A variable of the file overrides one of the account. */
export function variablesOf({
  bucket,
  account,
  region,
  vars,
}: Pick<DesiredBucket, "bucket" | "account" | "region" | "vars">): Variables {
  return new Map([
    ...account.vars,
    ...vars,
    ...[...account.vars].filter(([name]) => account.identities.has(name)),
    ["account", account.uid],
    ["bucket", bucket],
    ["region", region],
  ]);
}

const noPolicy: DesiredPolicy = { kind: "none" };

/** Returns the policy of a tree. Memoized: many buckets of a file may share one. */
function policyOf(node: MapNode): DesiredPolicy {
  const known = policies.get(node) ?? parsePolicy(node);
  policies.set(node, known);
  return known;
}

const policies = new WeakMap<MapNode, DesiredPolicy>();

function parsePolicy(node: MapNode): DesiredPolicy {
  const document = jsonOf(node) as JsonObject;
  const { policy: canonical, sources } = canonicalWithSources(document);
  const list = childOf(node, "Statement");
  const spans = sources.map(
    (source) => (list?.kind === "list" ? list.items[source]?.span : undefined) ?? node.span,
  );
  return { kind: "policy", text: jsonText(document), canonical, spans };
}

function tooManyStatements(policy: Node, { nameSpan: span }: Entry): Diagnostic | undefined {
  const statements = childOf(policy, "Statement");
  if (statements?.kind !== "list" || statements.items.length <= maxStatements) return undefined;
  const message = `the policy has more than ${maxStatements} statements, which 16 KB cannot hold`;
  const help = "join statements that differ in one list only";
  return { code: "wrong-value", severity: "error", message, span, help };
}

/** Appends the statements of the sets to those of the policy. A file without `policy` has version "1". */
function withSets(written: Node | undefined, uses: readonly Use[], entry: Entry): Node {
  const { nameSpan: span } = entry;
  const version: Entry = { name: "Version", nameSpan: span, value: { kind: "scalar", value: "1", span } };
  const base: Node = written ?? { kind: "map", entries: [version], span };
  const shared = uses.flatMap(({ set }) => set.statements.items);
  if (base.kind !== "map" || shared.length === 0) return base;
  const own = entryOf(base, "Statement");
  if (own !== undefined && own.value.kind !== "list") return base;
  const items = [...(own?.value.kind === "list" ? own.value.items : []), ...shared];
  const statements: Entry = {
    name: "Statement",
    nameSpan: own?.nameSpan ?? span,
    value: { kind: "list", items, span: own?.value.span ?? span },
  };
  return { ...base, entries: [...base.entries.filter(({ name }) => name !== "Statement"), statements] };
}

function noRegion(span: Span, account: Account): Diagnostic {
  return {
    code: "missing-key",
    severity: "error",
    message: "the bucket has no region",
    span,
    help: `write \`region: cn-hangzhou\` here, or as the default in ${account.file}`,
    cause: `no region in ${account.file}`,
  };
}
