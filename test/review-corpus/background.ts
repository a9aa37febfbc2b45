import type { Pick } from "../soak/random.ts";
import { operator, people, role } from "./account.ts";
import { before, except, fromRanges, fromVpc, overTls, withMfa } from "./confinements.ts";
import { shuffled, some } from "./scene.ts";
import type { Condition, Maker, Statement } from "./statements.ts";

const names = Object.values(people);
const prefixes = ["archive/*", "in/*", "logs/*", "shared/*", "static/*"];
const verbs = [
  ["oss:GetObject"],
  ["oss:PutObject", "oss:AbortMultipartUpload"],
  ["oss:DeleteObject", "oss:DeleteObjectVersion"],
  ["oss:Get*"],
];
const conditions: readonly Condition[] = [
  fromVpc("vpc-bp1dddd"),
  fromRanges(["192.0.2.0/26", "2001:db8:99::/48"]),
  overTls("true"),
  withMfa("true"),
  before("2027-12-31T00:00:00Z"),
];

/** Statements on prefixes that no edit is on. */
const kinds: readonly ((makers: { readonly allow: Maker; readonly deny: Maker }, pick: Pick) => Statement)[] =
  [
    ({ allow }, pick) => allow(shuffled(names, pick).slice(0, 2), some(verbs, pick), [some(prefixes, pick)]),
    ({ allow }, pick) =>
      allow([some(names, pick)], some(verbs, pick), [some(prefixes, pick)], some(conditions, pick)),
    ({ allow }, pick) =>
      allow([role("ci"), role("deploy-*", "main")], ["oss:PutObject"], [some(prefixes, pick)]),
    ({ allow }, pick) => allow([some(names, pick)], ["oss:ListObjects"], [""]),
    ({ allow }, pick) => allow(["*"], ["oss:GetObject"], [some(["static/*", "icons/*"], pick)]),
    ({ allow }, pick) => allow(["*"], ["oss:GetObject"], [some(prefixes, pick)], fromVpc("vpc-bp1dddd")),
    ({ allow }) =>
      allow([operator], ["oss:GetBucketPolicy", "oss:PutBucketPolicy", "oss:DeleteBucketPolicy"], [""]),
    ({ deny }, pick) => deny([some(names, pick)], ["oss:*"], [some(prefixes, pick)]),
    ({ deny }, pick) =>
      deny(
        ["*"],
        ["oss:GetObject", "oss:PutObject"],
        [some(prefixes, pick)],
        except(["vpc-bp1dddd"], ["192.0.2.0/24"]),
      ),
  ];

/** Returns one to four statements of a bucket, and often the Deny of requests without TLS. */
export function backgroundOf(
  makers: { readonly allow: Maker; readonly deny: Maker },
  overHttp: boolean,
  pick: Pick,
): readonly Statement[] {
  const several = shuffled(kinds, pick).slice(0, 1 + pick(4));
  const plain = several.map((kind) => kind(makers, pick));
  return overHttp || pick(2) === 0
    ? plain
    : [...plain, makers.deny(["*"], ["oss:*"], ["", "*"], overTls("false"))];
}
