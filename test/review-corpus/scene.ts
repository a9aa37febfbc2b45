import type { Request } from "../../src/access/request.ts";
import type { Pick } from "../soak/random.ts";
import { people } from "./account.ts";
import { makers, type Maker } from "./statements.ts";

/** Parts of which one edit is made. */
export interface Scene {
  readonly bucket: string;
  readonly allow: Maker;
  readonly deny: Maker;
  /** Three UIDs that the account names. */
  readonly who: string;
  readonly other: string;
  readonly third: string;
  /** Two prefixes that no statement of the background is on. */
  readonly prefix: string;
  readonly elsewhere: string;
  /** Resources that contain both prefixes. */
  readonly wide: readonly string[];
  /** An action on objects, and a list that contains it. */
  readonly action: string;
  readonly actions: readonly string[];
  readonly vpc: string;
  readonly otherVpc: string;
  readonly range: Range;
  readonly until: string;
  readonly pick: Pick;
}

/** Range, wider ones around it, and an address in each that is in none before it. */
export interface Range {
  readonly narrow: string;
  readonly wider: string;
  /** Has far fewer fixed bits than a range that confines, so that its parts of four splits have too few as well. */
  readonly boundless: string;
  readonly inside: string;
  readonly around: string;
  readonly far: string;
}

const ranges: readonly Range[] = [
  {
    narrow: "203.0.113.0/24",
    wider: "203.0.0.0/16",
    boundless: "192.0.0.0/2",
    inside: "203.0.113.9",
    around: "203.0.7.1",
    far: "200.1.1.1",
  },
  {
    narrow: "198.18.4.0/22",
    wider: "198.18.0.0/15",
    boundless: "192.0.0.0/3",
    inside: "198.18.5.1",
    around: "198.19.0.1",
    far: "199.1.1.1",
  },
  {
    narrow: "2001:db8:7::/48",
    wider: "2001:db8::/32",
    boundless: "2000::/3",
    inside: "2001:db8:7::1",
    around: "2001:db8:8::1",
    far: "2a00::1",
  },
];

const prefixes = ["closed/", "finance/", "hr/", "models/", "raw/", "vault/"];
const vpcs = ["vpc-bp1aaaa", "vpc-bp1bbbb", "vpc-bp1cccc"];
const objectActions = [
  ["oss:GetObject"],
  ["oss:PutObject"],
  ["oss:DeleteObject"],
  ["oss:GetObject", "oss:GetObjectVersion"],
  ["oss:PutObject", "oss:AbortMultipartUpload"],
];

export function sceneOf(bucket: string, pick: Pick): Scene {
  const [who = "", other = "", third = ""] = shuffled(Object.values(people), pick);
  const [prefix = "", elsewhere = ""] = shuffled(prefixes, pick);
  const [vpc = "", otherVpc = ""] = shuffled(vpcs, pick);
  const actions = some(objectActions, pick);
  return {
    bucket,
    ...makers(bucket),
    who,
    other,
    third,
    prefix,
    elsewhere,
    wide: pick(2) === 0 ? ["*"] : [`${prefix}*`, `${elsewhere}*`],
    action: some(actions, pick),
    actions,
    vpc,
    otherVpc,
    range: some(ranges, pick),
    until: some(["2027-01-31T00:00:00Z", "2028-06-30T12:00:00Z"], pick),
    pick,
  };
}

/** Returns one of the items, of which there is at least one. */
export function some<T>(items: readonly T[], pick: Pick): T {
  if (items.length === 0) throw new Error("nothing to choose from");
  return items[pick(items.length)] as T;
}

export function shuffled<T>(items: readonly T[], pick: Pick): readonly T[] {
  const order = items.map((item) => ({ item, place: pick(1_000_000) }));
  return order.sort((a, b) => a.place - b.place).map(({ item }) => item);
}

/** Returns a request from the Internet over TLS, without MFA, in 2026, but for what the context says. */
export function request(
  principal: string,
  action: string,
  resource: string,
  context: Readonly<Record<string, string>> = {},
): Request {
  const usual = {
    "acs:SecureTransport": "true",
    "acs:SourceIp": "192.0.2.55",
    "acs:CurrentTime": "2026-06-01T00:00:00.000Z",
  };
  return { principal, action, resource, context: new Map(Object.entries({ ...usual, ...context })) };
}
