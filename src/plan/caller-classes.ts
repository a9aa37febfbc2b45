/** Classes of seen callers that two policies cannot tell apart. */

import { foldedRoleMatches } from "../access/engine/statement-tests.ts";
import type { Bucket } from "../policy/bucket.ts";
import { globMatches } from "../policy/glob.ts";
import type { Statement } from "../policy/policy.ts";
import type { SeenCaller } from "../requests/seen-request.ts";

/** Returns the caller as policies see it; undefined for any session of any role. */
export function principalOf(caller: SeenCaller, { owner }: Bucket): string | undefined {
  switch (caller.kind) {
    case "anonymous":
      return "anonymous";
    case "owner":
      return "owner";
    case "uid":
      return caller.uid === owner ? "owner" : caller.uid;
    case "role session":
      return caller.arn;
    case "role":
      return undefined;
  }
}

/** Function from a caller to its class: a UID that no statement names is like any other of its account. */
export function callerClasses(
  statements: readonly Statement[],
  bucket: Bucket,
): (caller: SeenCaller) => string {
  const words = [...new Set(statements.flatMap(({ principal }) => principal ?? []))];
  const patterns = words.filter((word) => word.startsWith("arn:")).sort();
  const named = new Set(words);
  return (caller) => {
    const account = "account" in caller ? accountClass(caller.account, bucket) : "";
    const principal = principalOf(caller, bucket);
    if (principal === undefined) return "role";
    if (caller.kind === "role session") {
      const bits = patterns.flatMap((pattern) => [
        globMatches(pattern, principal),
        foldedRoleMatches(pattern, principal),
      ]);
      return `session ${account} ${bits.map(Number).join("")}`;
    }
    const isNamed = principal === "anonymous" || principal === "owner" || named.has(principal);
    return `${isNamed ? principal : "another"} ${account}`;
  };
}

function accountClass(account: string | undefined, { owner }: Bucket): string {
  return account === undefined ? "unknown" : account === owner ? "own" : "other";
}
