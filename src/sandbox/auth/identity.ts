import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";
import type { JsonObject } from "../../policy/json.ts";
import { canonicalPolicy, type Policy } from "../../policy/policy.ts";
import type { SandboxKey, Seed, SeedAccount, SeedOidcProvider, SeedRole } from "../seed/seed.ts";

/** Sender of a request. */
export type Identity =
  /** The account itself, which owns its buckets. */
  | { readonly kind: "account"; readonly account: string }
  /** A RAM user. */
  | {
      readonly kind: "user";
      readonly account: string;
      readonly name: string;
      readonly uid: string;
      readonly policies: readonly Policy[];
    }
  /** Session of a RAM role. */
  | {
      readonly kind: "role";
      readonly account: string;
      readonly role: string;
      /** Id of the role, which OSS's access log has in place of a UID. */
      readonly roleId: string;
      readonly session: string;
      readonly policies: readonly Policy[];
      /** Policy that was given with AssumeRole, and takes from what the role has. */
      readonly sessionPolicy?: Policy;
    }
  /** Anonymous: the request has no signature. */
  | { readonly kind: "anonymous" };

/** Key with the identity that it belongs to. */
export interface KnownKey extends SandboxKey {
  readonly identity: Identity;
  /** End of a session; undefined for keys that do not expire. */
  readonly expiresMs?: number;
}

/** RAM role of an account. */
export interface KnownRole {
  readonly account: string;
  readonly name: string;
  readonly id: string;
  readonly trust: JsonObject;
  readonly policies: readonly Policy[];
  readonly maxSessionSeconds: number;
}

/** OIDC provider of an account. */
export interface KnownOidcProvider {
  readonly account: string;
  readonly arn: string;
  readonly issuer: string;
  readonly clientIds: readonly string[];
  /** Keys by their `kid`; empty for one that has none. */
  readonly keys: readonly { readonly kid: string; readonly key: KeyObject }[];
}

/** Identities of a sandbox, by the ids of their keys. */
export interface Directory {
  keyOf(id: string): KnownKey | undefined;
  /** UID of the account that owns buckets without an `owner`. */
  readonly first: string;
  /** Returns the role of `acs:ram::UID:role/NAME`. */
  roleOf(arn: string): KnownRole | undefined;
  /** Returns the provider of `acs:ram::UID:oidc-provider/NAME`. */
  oidcProviderOf(arn: string): KnownOidcProvider | undefined;
  /** Adds the key of a session. */
  addSession(key: KnownKey): void;
}

/** Number of sessions from which on the oldest are forgotten, as if their keys had never been. */
const maxSessions = 10_000;

/** Opens the identities of a seed. Throws if a key of an OIDC provider is none. */
export function openDirectory(seed: Seed): Directory {
  const { accounts = [] } = seed;
  const known = new Map(accounts.flatMap(keysOf).map((key) => [key.id, key]));
  const roles = new Map(accounts.flatMap(rolesOf).map((role) => [roleArn(role.account, role.name), role]));
  const providers = new Map(accounts.flatMap(providersOf).map((provider) => [provider.arn, provider]));
  const sessions = new Map<string, KnownKey>();
  const first = accounts[0]?.uid ?? seed.account;
  return {
    first,
    keyOf: (id) => {
      const own = seed.keys.find((key) => key.id === id);
      return (
        known.get(id) ??
        sessions.get(id) ??
        (own && { ...own, identity: { kind: "account", account: first } })
      );
    },
    roleOf: (arn) => roles.get(arn),
    oidcProviderOf: (arn) => providers.get(arn),
    addSession: (key) => {
      sessions.set(key.id, key);
      for (const id of sessions.keys()) {
        if (sessions.size <= maxSessions) break;
        sessions.delete(id);
      }
    },
  };
}

/** Returns the name of a role in RAM. */
export function roleArn(account: string, name: string): string {
  return `acs:ram::${account}:role/${name}`;
}

/**
 * Returns a RAM policy as a bucket policy that is about its holder: both have one grammar, but that a RAM policy names
 * no Principal (RAM docs: policy structure).
 */
export function ramPolicy(policy: JsonObject): Policy {
  const { Statement: statements } = policy;
  const list = Array.isArray(statements) ? statements : [];
  return canonicalPolicy({
    ...policy,
    Statement: list.map((statement) => ({ ...(statement as JsonObject), Principal: ["*"] })),
  });
}

function keysOf(account: SeedAccount): readonly KnownKey[] {
  const { uid, keys = [], users = [], roles = [] } = account;
  const sessions = rolesOf(account).flatMap((role, index) =>
    (roles[index]?.sessions ?? []).map((session) => ({ role, session })),
  );
  return [
    ...sessions.flatMap(({ role, session }) => {
      const { name, id, policies } = role;
      const own = { kind: "role" as const, account: uid, role: name, roleId: id };
      return session.keys.map((key) => ({ ...key, identity: { ...own, session: session.name, policies } }));
    }),
    ...keys.map((key) => ({ ...key, identity: { kind: "account" as const, account: uid } })),
    ...users.flatMap(({ name, uid: userUid, keys: userKeys = [], policies = [] }) => {
      const own = { kind: "user" as const, account: uid, name, uid: userUid };
      const identity = { ...own, policies: policies.map(ramPolicy) };
      return userKeys.map((key) => ({ ...key, identity }));
    }),
  ];
}

function rolesOf({ uid, roles = [] }: SeedAccount): readonly KnownRole[] {
  return roles.map(({ name, id, trust, policies = [], maxSessionSeconds = 3_600 }: SeedRole) => ({
    account: uid,
    name,
    id: id ?? roleId(uid, name),
    trust,
    policies: policies.map(ramPolicy),
    maxSessionSeconds,
  }));
}

/** Returns an id that stays the same between runs: `3` and 17 digits, as the ids of roles that users have shown. */
function roleId(account: string, name: string): string {
  const digest = createHash("sha256").update(`${account}/${name}`).digest("hex");
  const digits = (BigInt(`0x${digest}`) % 10n ** 17n).toString();
  return `3${digits.padStart(17, "0")}`;
}

function providersOf({ uid, oidcProviders = [] }: SeedAccount): readonly KnownOidcProvider[] {
  return oidcProviders.map(({ name, issuer, clientIds, keys }: SeedOidcProvider) => ({
    account: uid,
    arn: `acs:ram::${uid}:oidc-provider/${name}`,
    issuer,
    clientIds,
    keys: keys.map((key) => ({
      kid: typeof key["kid"] === "string" ? key["kid"] : "",
      key: createPublicKey({ key: key as JsonWebKey, format: "jwk" }),
    })),
  }));
}
