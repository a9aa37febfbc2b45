/** Builders of statements on a bucket `one`, and the account that it is in. */

import type { JsonObject } from "../../src/policy/json.ts";

const owner = "1746495857600001";
export const alice = "202147604049351234";
export const bob = "202147604049355678";
export const deploy = "202147604049350001";
export const role = (pattern: string) => `arn:sts::${owner}:assumed-role/${pattern}`;
export const accountText = `account: "${owner}"
region: cn-hangzhou
operators: [{ principal: "${deploy}" }]
identities: { alice: "${alice}", bob: "${bob}" }
`;

/** Statements of a policy, or no policy. */
export type Statements = readonly JsonObject[] | "none";

type Fields = JsonObject | undefined;

export function allow(
  who: string | readonly string[],
  what: readonly string[],
  keys: string,
  more?: Fields,
): JsonObject {
  return {
    Effect: "Allow",
    Principal: [who].flat(),
    Action: [...what],
    Resource: [`acs:oss:*:${owner}:one${keys}`],
    ...(more === undefined ? {} : { Condition: more }),
  };
}

export function deny(who: string, what: readonly string[], keys: string, more?: Fields): JsonObject {
  return { ...allow(who, what, keys, more), Effect: "Deny" };
}

export const get = ["oss:GetObject"];
export const vpc = (...ids: readonly string[]) => ({ StringEquals: { "acs:SourceVpc": [...ids] } });
export const notVpc = (...ids: readonly string[]) => ({ StringNotEquals: { "acs:SourceVpc": [...ids] } });
export const from = (...ranges: readonly string[]) => ({
  IpAddress: { "acs:SourceIp": [...ranges] },
  StringNotLike: { "acs:SourceVpc": ["vpc-*"] },
});
export const notFrom = (...ranges: readonly string[]) => ({
  NotIpAddress: { "acs:SourceIp": [...ranges] },
  StringNotLike: { "acs:SourceVpc": ["vpc-*"] },
});
export const tls = (value: string) => ({ Bool: { "acs:SecureTransport": [value] } });
export const mfa = { Bool: { "acs:MFAPresent": ["true"] } };
export const until = (year: number) => ({ DateLessThan: { "acs:CurrentTime": [`${year}-01-31T00:00:00Z`] } });
export const readAll = allow([alice, bob], get, "/*");
export const tlsOnly = deny("*", ["oss:*"], "/*", tls("false"));
