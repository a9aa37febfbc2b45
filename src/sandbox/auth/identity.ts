import type { JsonObject } from "../../policy/json.ts";
import { canonicalPolicy, type Policy } from "../../policy/policy.ts";
import type { SandboxKey, Seed, SeedAccount } from "../seed/seed.ts";

/** Who signed a request. */
export type Identity =
  /** The account itself, which owns its buckets. */
  | { readonly kind: "account"; readonly account: string }
  /** A RAM user. */
  | {
      readonly kind: "user";
      readonly account: string;
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
  /** Nobody: the request has no signature. */
  | { readonly kind: "anonymous" };

/** Key with the identity that it belongs to. */
export interface KnownKey extends SandboxKey {
  readonly identity: Identity;
}

/** Identities of a sandbox, by the ids of their keys. */
export interface Directory {
  keyOf(id: string): KnownKey | undefined;
  /** UID of the account that owns buckets without an `owner`. */
  readonly first: string;
}

/** Opens the identities of a seed. */
export function openDirectory(seed: Seed): Directory {
  const known = new Map((seed.accounts ?? []).flatMap(keysOf).map((key) => [key.id, key]));
  const first = seed.accounts?.[0]?.uid ?? seed.account;
  return {
    first,
    keyOf: (id) => {
      const own = seed.keys.find((key) => key.id === id);
      return known.get(id) ?? (own && { ...own, identity: { kind: "account", account: first } });
    },
  };
}

function keysOf({ uid, keys = [], users = [] }: SeedAccount): readonly KnownKey[] {
  return [
    ...keys.map((key) => ({ ...key, identity: { kind: "account" as const, account: uid } })),
    ...users.flatMap((user) => {
      const policies = (user.policies ?? []).map(ramPolicy);
      const identity = { kind: "user" as const, account: uid, uid: user.uid, policies };
      return (user.keys ?? []).map((key) => ({ ...key, identity }));
    }),
  ];
}

/**
 * Returns a RAM policy as a bucket policy that is about its holder: both have one grammar, but that a RAM policy names
 * no Principal (RAM docs: policy structure).
 */
function ramPolicy(policy: JsonObject): Policy {
  const { Statement: statements } = policy;
  const list = Array.isArray(statements) ? statements : [];
  return canonicalPolicy({
    ...policy,
    Statement: list.map((statement) => ({ ...(statement as JsonObject), Principal: ["*"] })),
  });
}
