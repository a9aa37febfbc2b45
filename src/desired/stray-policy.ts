import type { Diagnostic } from "../diagnostic.ts";
import { entryOf, type Node } from "./node.ts";

/**
 * Reports `Version` or `Statement` beside `policy`, or a policy without a bucket. It is one finding, since
 * otherwise every key of the file would have one.
 */
export function strayPolicy(node: Node): Diagnostic | undefined {
  const stray = entryOf(node, "Statement") ?? entryOf(node, "Version");
  const policy = entryOf(node, "policy");
  if (stray === undefined || entryOf(node, "use") !== undefined) return undefined;
  const base = { code: "unknown-key", severity: "error", span: stray.nameSpan } as const;
  if (policy === undefined) {
    const message = `\`${stray.name}\` is not a key of this file: a policy is the value of \`policy\``;
    const isNamed = entryOf(node, "bucket") !== undefined || entryOf(node, "buckets") !== undefined;
    const bucket = isNamed ? "" : ", and name the bucket with `bucket: NAME`";
    return { ...base, message, help: `indent the policy below \`policy:\`${bucket}` };
  }
  if (policy.value.kind !== "scalar" || policy.value.value !== null) return undefined;
  const message = `\`${stray.name}\` is beside \`policy\`, not below it`;
  return { ...base, message, help: "indent all lines of the policy by two spaces" };
}
