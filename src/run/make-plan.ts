import { mergeDiagnostics, type Diagnostic } from "../diagnostic.ts";
import { lintBuckets } from "../lint/lint.ts";
import {
  planChange,
  regionFinding,
  unmanagedBuckets,
  type Plan,
  type UnmanagedBucket,
} from "../plan/plan.ts";
import type { Options } from "./options.ts";
import type { Output } from "./output.ts";
import type { Prepared } from "./prepare.ts";
import { readLive } from "./read-live.ts";

/** Lints the buckets, reads what OSS has for each, and compares. */
export async function makePlan(prepared: Prepared, options: Options, out: Output): Promise<Plan> {
  const { buckets, session } = prepared;
  const readings = await readLive(buckets, session.store, options, out);
  const findings = lintBuckets(prepared.desired.buckets);
  const inputs = buckets.flatMap((bucket, index) => {
    const reading = readings[index];
    return reading === undefined ? [] : [{ bucket, reading, findings: findings.get(bucket.bucket) ?? [] }];
  });
  const { unmanaged, problems } = await findUnmanaged(prepared, options, out);
  return {
    changes: inputs.map(planChange),
    unmanaged,
    diagnostics: mergeDiagnostics([
      ...prepared.diagnostics,
      ...inputs.flatMap((input) => [...input.findings, ...regionFinding(input)]),
      ...problems,
    ]),
  };
}

interface Unmanaged {
  readonly unmanaged: readonly UnmanagedBucket[];
  readonly problems: readonly Diagnostic[];
}

/** With `scope: all`, the buckets of the account that no file names. With --bucket, they were not asked for. */
async function findUnmanaged(
  { desired, accounts, session }: Prepared,
  options: Options,
  out: Output,
): Promise<Unmanaged> {
  const account = accounts.find(({ scope }) => scope === "all");
  if (account === undefined || options.bucket.length > 0) return { unmanaged: [], problems: [] };
  const listing = await session.store.list();
  if ("problem" in listing) {
    const message = `\`scope: all\` in ${account.file}: the buckets cannot be listed: ${listing.problem.message}`;
    const help = "allow oss:ListBuckets, or write `scope: listed`";
    return { unmanaged: [], problems: [{ code: "list", severity: "error", message, help }] };
  }
  const managed = new Set(desired.buckets.map(({ bucket }) => bucket));
  const others = listing.buckets.filter(({ bucket }) => !managed.has(bucket));
  const readings = await readLive(others, session.store, options, out);
  const found = others.flatMap(({ bucket }, index) => {
    const reading = readings[index];
    return reading === undefined ? [] : [{ bucket, reading }];
  });
  return { unmanaged: unmanagedBuckets(found), problems: [] };
}
