import { generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import type { JsonObject } from "../../src/policy/json.ts";
import type { Seed, SeedRole } from "../../src/sandbox/seed/seed.ts";

export const account = "1746495857600001";
export const otherAccount = "1746495857600002";

export const keys = {
  root: { id: "root-key", secret: "root-secret" },
  alice: { id: "alice-key", secret: "alice-secret" },
  bob: { id: "bob-key", secret: "bob-secret" },
  /** A user of the other account. */
  carol: { id: "carol-key", secret: "carol-secret" },
};

/** Pairs of keys of the OIDC provider, and of one that nobody knows. */
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
const unknown = generateKeyPairSync("rsa", { modulusLength: 2048 });

export const issuer = "https://oidc.example/ci";
export const providerArn = `acs:ram::${account}:oidc-provider/ci`;

/** Signs claims as the provider does: with RSA, with EC, or with a key that it does not have. */
export function tokenOf(
  claims: object,
  by: "RS256" | "ES256" | "unknown" | "HS256" = "RS256",
  alg = by === "unknown" ? "RS256" : by,
): string {
  const text = [{ alg, typ: "JWT" }, claims].map((each) => base64(JSON.stringify(each))).join(".");
  const signers: Readonly<Record<string, KeyObject>> = {
    RS256: rsa.privateKey,
    ES256: ec.privateKey,
    unknown: unknown.privateKey,
  };
  const key = signers[by];
  if (key === undefined) return `${text}.${base64("no signature")}`;
  return `${text}.${sign("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64url");
}

export function policyOf(...statements: readonly JsonObject[]): JsonObject {
  return { Version: "1", Statement: statements };
}

/** Returns a trust policy of one Allow. */
export function trustOf(principal: JsonObject, more: JsonObject = {}): JsonObject {
  return policyOf({ Effect: "Allow", Action: "sts:AssumeRole", Principal: principal, ...more });
}

const assumes = policyOf({ Effect: "Allow", Action: "sts:AssumeRole", Resource: "*" });
const reads = policyOf({ Effect: "Allow", Action: "oss:Get*", Resource: "*" });

export const ownRoot = { RAM: [`acs:ram::${account}:root`] };

/** Returns a seed with one bucket, two users and these roles; alice may assume roles, and bob may not. */
export function stsSeed(...roles: readonly SeedRole[]): Seed {
  const users = [
    { name: "alice", uid: "202147604049350001", keys: [keys.alice], policies: [assumes] },
    { name: "bob", uid: "202147604049350002", keys: [keys.bob], policies: [reads] },
  ];
  const jwks = [rsa, ec].map(({ publicKey }) => publicKey.export({ format: "jwk" }));
  const oidcProviders = [{ name: "ci", issuer, clientIds: ["sts.aliyuncs.com"], keys: jwks }];
  const carol = { name: "carol", uid: "202147604049350003", keys: [keys.carol], policies: [assumes] };
  return {
    account,
    keys: [],
    faults: [],
    accounts: [
      { uid: account, keys: [keys.root], users, roles, oidcProviders },
      { uid: otherAccount, users: [carol] },
    ],
    buckets: [{ name: "app", region: "cn-hangzhou", policy: '{"Version":"1","Statement":[]}' }],
  };
}

export const reader: SeedRole = { name: "reader", trust: trustOf(ownRoot), policies: [reads] };
