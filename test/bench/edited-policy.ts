import { policyOf } from "./bucket-policy.ts";

/**
 * The policy of a bucket before and after an edit. Buckets with the same number modulo `pairs` have the same pair, but
 * for their names.
 */
export function editedPolicy(name: string, pairs: number, side: "live" | "desired") {
  const team = Number(name.replace(/\D/g, "")) % pairs;
  const member = (who: number) => `2021476040${String(10_000_000 + team * 10 + who)}`;
  const allow = (who: readonly number[], actions: readonly string[], keys: string) => ({
    Effect: "Allow",
    Principal: who.map(member),
    Action: actions,
    Resource: [`acs:oss:*:1746495857600001:${name}/${keys}`],
  });
  const { Version, Statement } = policyOf(name);
  const read = allow([1, 2], ["oss:GetObject", "oss:ListParts"], `team-${team}/*`);
  const edited = {
    live: allow([3], ["oss:PutObject"], "in/*"),
    desired: allow([3, 4], ["oss:PutObject", "oss:AbortMultipartUpload"], `in/${team}/*`),
  };
  return { Version, Statement: [...Statement, read, edited[side]] };
}
