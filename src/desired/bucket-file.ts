import type { Diagnostic, Span } from "../diagnostic.ts";
import { nearMiss } from "../near-miss.ts";
import type { JsonObject } from "../policy/json.ts";
import { canonicalStatement, statementKey } from "../policy/policy.ts";
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
} from "./guards.ts";
import { bucketSchema, checkSchema } from "./schema.ts";
import { strayPolicy } from "./stray-policy.ts";
import { findUses, type Sets, type Use } from "./statement-set.ts";
import { expandVariables, type Expansion, type Variables } from "./variables.ts";

export interface DesiredBucket {
  readonly bucket: string;
  readonly account: Account;
  /** Short form, such as `cn-hangzhou`. */
  readonly region: string;
  readonly file: string;
  /** The bucket's name in the file. */
  readonly span: Span;
  /** Where `policy` stands, or `use` where that alone gives the statements. */
  readonly policySpan: Span;
  readonly policy: DesiredPolicy;
  /** Those of its file alone. */
  readonly vars: Variables;
  readonly uses: readonly Use[];
  /** The ignore comments of its file; those of the sets that it uses are with them. */
  readonly ignores: readonly Ignore[];
  /** Whether the file speaks for this bucket alone, in its own words alone. */
  readonly isAlone: boolean;
  readonly expects: readonly Expectation[];
  readonly accepts: readonly Accept[];
  /** Those of the account that hold for this bucket. */
  readonly guardrails: readonly Guardrail[];
  /** Places of the file whose value is not known, since an error is reported: nothing is judged by them. */
  readonly faults: readonly Span[];
}

export type DesiredPolicy =
  | { readonly kind: "none" }
  | {
      readonly kind: "policy";
      /** As written, with variables and statement sets: what is sent to OSS. */
      readonly document: JsonObject;
      readonly node: MapNode;
    };

/** What a bucket file is read against. */
export interface BucketSurroundings {
  /** Undefined where there is none that could be read. */
  readonly account: Account | undefined;
  readonly sets: Sets;
  readonly ignores: readonly Ignore[];
  readonly budget: ExpansionBudget;
}

/** The buckets that a file speaks for; none where it breaks its schema, which has been said then. */
export function parseBucketFile(
  file: string,
  node: Node,
  { account, sets, ignores, budget }: BucketSurroundings,
  diagnostics: Diagnostic[],
): readonly DesiredBucket[] {
  const stray = strayPolicy(node);
  const problems = stray === undefined ? [...checkSchema(bucketSchema, node), ...checkKeys(node)] : [stray];
  diagnostics.push(...problems);
  if (account !== undefined) {
    diagnostics.push(...clashes(node, [...builtinNames, ...account.identities.keys()], "vars"));
  }
  diagnostics.push(...nestedReferences(childOf(node, "vars")));
  const uses = findUses(file, childOf(node, "use"), sets, diagnostics);
  const policyEntry = entryOf(node, "policy") ?? entryOf(node, "use");
  if (problems.length > 0 || policyEntry === undefined || account === undefined) return [];
  if (isUnknown(node, uses)) return [];
  const names = bucketNodes(node);
  const written = withSets(childOf(node, "policy"), uses, policyEntry);
  const problem = tooManyStatements(written, policyEntry) ?? tooMuch(node, written, names.length, budget);
  if (problem !== undefined) diagnostics.push(problem);
  if (problem !== undefined) return [];
  return names.flatMap((name) => {
    const region = stringOf(childOf(node, "region")) ?? account.region;
    if (region === undefined) {
      diagnostics.push(noRegion(name.span, account));
      return [];
    }
    const bucket = stringOf(name) ?? "";
    const variables = variablesOf(node, account, bucket, region);
    const context = { variables, identities: account.identities, diagnostics, faults: [] };
    const policy = parsePolicy(written, context);
    if (policy === undefined) return [];
    return [
      {
        bucket,
        account,
        region,
        file,
        span: name.span,
        policySpan: policyEntry.nameSpan,
        policy,
        vars: parseVars(childOf(node, "vars")),
        uses,
        ignores: [...ignores, ...uses.flatMap(({ set }) => set.ignores)],
        isAlone: names.length === 1 && uses.length === 0,
        expects: parseExpects(childOf(node, "expect"), context),
        accepts: parseAccepts(childOf(node, "accept"), context),
        guardrails: parseGuardrails(account.guardrails, bucket, context),
        faults: context.faults,
      },
    ];
  });
}

/**
 * The guardrails of an account for a bucket of which no file of the account speaks. A variable that only
 * bucket files have is that of the bucket's file; it cannot change one of the account.
 */
export function guardrailsFor(
  account: Account,
  { bucket, region, vars }: Pick<DesiredBucket, "bucket" | "region" | "vars">,
  diagnostics: Diagnostic[],
): readonly Guardrail[] {
  const variables = new Map([...vars, ...variablesOf(undefined, account, bucket, region)]);
  return parseGuardrails(account.guardrails, bucket, {
    variables,
    identities: account.identities,
    diagnostics,
    faults: [],
  });
}

/** Whether all statements are those of sets that are not there: what the policy would be, nobody can judge. */
function isUnknown(node: Node, uses: readonly Use[]): boolean {
  const use = childOf(node, "use");
  const own = childOf(childOf(node, "policy"), "Statement");
  return use?.kind === "list" && uses.length < use.items.length && uses.length === 0 && own === undefined;
}

/** What the schema of single keys cannot say. */
function checkKeys(node: Node): readonly Diagnostic[] {
  if (node.kind !== "map") return [];
  const [bucket, buckets, policy, use] = ["bucket", "buckets", "policy", "use"].map((name) =>
    entryOf(node, name),
  );
  const problems: Diagnostic[] = [];
  const problem = (code: string, message: string, span: Span, help: string) =>
    problems.push({ code, severity: "error", message, span, help });
  if (bucket !== undefined && buckets !== undefined) {
    problem("wrong-value", "`bucket` and `buckets` stand side by side", buckets.nameSpan, "keep one of them");
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

/** The shortest statement that OSS takes has more than 40 bytes, so 16 KB hold fewer than this. */
const maxStatements = 400;

/** A key that is missing because it is misspelt is one mistake, not two. */
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

/** A variable of the file wins over one of the account. */
function variablesOf(node: Node | undefined, account: Account, bucket: string, region: string): Variables {
  return new Map([
    ...account.vars,
    ...parseVars(childOf(node, "vars")),
    ...[...account.vars].filter(([name]) => account.identities.has(name)),
    ["account", account.uid],
    ["bucket", bucket],
    ["region", region],
  ]);
}

/** Undefined where its variables make too much of it. */
function parsePolicy(written: Node, expansion: Expansion): DesiredPolicy | undefined {
  const node = expandVariables(written, expansion);
  if (node === undefined) return undefined;
  if (node.kind !== "map") return { kind: "none" };
  const document = documents.get(node) ?? (jsonOf(node) as JsonObject);
  documents.set(node, document);
  return { kind: "policy", document, node };
}

/** What is the same for many buckets of a file is kept once. */
const documents = new WeakMap<MapNode, JsonObject>();

function tooManyStatements(policy: Node, { nameSpan: span }: Entry): Diagnostic | undefined {
  const statements = childOf(policy, "Statement");
  if (statements?.kind !== "list" || statements.items.length <= maxStatements) return undefined;
  const message = `the policy has more than ${maxStatements} statements, which 16 KB cannot hold`;
  const help = "join statements that differ in one list only";
  return { code: "wrong-value", severity: "error", message, span, help };
}

/** The statements of the sets come after the policy's own; a policy that is left out is one of version "1". */
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

/** Where each statement of a policy begins, by `statementKey`. */
export function statementPlaces(policy: MapNode): ReadonlyMap<string, Span> {
  const list = childOf(policy, "Statement");
  const statements = list?.kind === "list" ? list.items.filter((item) => item.kind === "map") : [];
  return new Map(
    statements.map((node) => [statementKey(canonicalStatement(jsonOf(node) as JsonObject)), node.span]),
  );
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
