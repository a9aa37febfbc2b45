import type { Span } from "../diagnostic.ts";
import type { DesiredBucket, ParsedBucket } from "./bucket-file.ts";
import type { SharedFiles } from "./desired.ts";
import type { Use } from "./statement-set.ts";
import type { Variables } from "./variables.ts";

/**
 * Bucket in the form that crosses to another thread: plain data, with its account and its statement sets by
 * the paths of their files. The tree of its policy stays behind.
 */
export interface PackedBucket extends Omit<DesiredBucket, "account" | "uses"> {
  readonly account: string;
  readonly uses: readonly { readonly set: string; readonly span: Span }[];
}

export function packBucket(bucket: ParsedBucket): PackedBucket {
  const { account, uses, policy, ...rest } = bucket;
  return {
    ...plainSpans({ ...rest, policyNode: undefined }),
    // Its canonical form has no spans, and is the largest part.
    policy: policy.kind === "none" ? policy : { ...policy, spans: policy.spans.map(plainSpan) },
    account: account.file,
    uses: uses.map(({ set, span }) => ({ set: set.file, span: plainSpan(span) })),
  };
}

/**
 * Returns a bucket with nothing of its policy but the principals, for a run that is not about it: all that other buckets
 * are judged by. So a shard of a large tree needs little memory for the buckets of the other shards.
 */
export function withPrincipalsOnly(bucket: ParsedBucket): ParsedBucket {
  const { policy } = bucket;
  if (policy.kind === "none") return bucket;
  const principal = [...new Set(policy.canonical.statements.flatMap((one) => one.principal ?? []))];
  const statement = { effect: null, principal, action: null, resource: null, condition: null, other: [] };
  const canonical = { version: null, statements: [statement], other: [] };
  return {
    ...bucket,
    policy: { kind: "policy", text: "", canonical, spans: [] },
    guardrails: [],
    expects: [],
  };
}

/** Returns a bucket of another thread with the accounts and statement sets of this one. */
export function unpackBucket(packed: PackedBucket, { accounts, sets }: SharedFiles): DesiredBucket {
  const account = accounts.find(({ file }) => file === packed.account);
  const uses = packed.uses.flatMap(({ set: file, span }): readonly Use[] => {
    const set = sets.sets.find((one) => one.file === file);
    return set === undefined ? [] : [{ set, span }];
  });
  if (account === undefined || uses.length < packed.uses.length)
    throw new Error(`the threads have read different files for bucket ${packed.bucket}`);
  const { file, policy } = packed;
  // Each span has come with a text of its own for the path.
  const inFile = (span: Span): Span => (span.file === file ? { ...span, file } : span);
  return {
    ...packed,
    account,
    span: inFile(packed.span),
    policySpan: inFile(packed.policySpan),
    policy: policy.kind === "none" ? policy : { ...policy, spans: policy.spans.map(inFile) },
    uses: shared(uses),
    vars: packed.vars.size === 0 ? noVariables : packed.vars,
    ignores: shared(packed.ignores),
    expects: shared(packed.expects),
    accepts: shared(packed.accepts),
    guardrails: shared(packed.guardrails),
    faults: shared(packed.faults),
  };
}

const nothing: readonly never[] = [];
const noVariables: Variables = new Map();

/** Returns one list for all empty ones. Most lists of a bucket are empty, and a tree has thousands of buckets. */
function shared<T>(list: readonly T[]): readonly T[] {
  return list.length === 0 ? nothing : list;
}

/** Returns a value of lists, maps and objects in which every span has its positions as plain data. */
export function plainSpans<T>(value: T): T {
  return plain(value) as T;
}

function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return new Map([...value].map(([key, one]) => [key, plain(one)]));
  if (isSpan(value)) return plainSpan(value);
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]));
}

function isSpan(value: object): value is Span {
  return "file" in value && "start" in value && "end" in value;
}

function plainSpan({ file, start, end, origin }: Span): Span {
  return { file, start, end, ...(origin === undefined ? {} : { origin: plainSpan(origin) }) };
}
