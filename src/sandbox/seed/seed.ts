import type { FaultRule } from "../faults/faults.ts";
import { readForm } from "./form.ts";
import type { JsonObject } from "../../policy/json.ts";
import type { Interpretation } from "../../policy/open-questions.ts";
import { seedSchema } from "./seed-schema.ts";
import type { SeedObject } from "../state/object.ts";
import type { BucketAcl } from "../state/world.ts";

/** Initial state of a sandbox. */
export interface Seed {
  /** UID that owns every bucket. */
  readonly account: string;
  readonly keys: readonly SandboxKey[];
  /** Accounts with their users; in place of `account` and `keys`. */
  readonly accounts?: readonly SeedAccount[];
  readonly buckets: readonly SeedBucket[];
  readonly faults: readonly FaultRule[];
  /** Block Public Access of the whole account; off by default. */
  readonly blockPublicAccess?: boolean;
  /** Positions on open questions; a call that depends on another one answers 501. */
  readonly interpretation?: Partial<Interpretation>;
  /** Seed of the random numbers for fault rules with a probability; 0 by default. */
  readonly seed?: number;
}

/** Access key; a key with a token must be used with it, as STS keys are. */
export interface SandboxKey {
  readonly id: string;
  readonly secret: string;
  readonly token?: string;
}

/** Account with its own keys, and what it has in RAM. */
export interface SeedAccount {
  readonly uid: string;
  readonly keys?: readonly SandboxKey[];
  readonly users?: readonly SeedUser[];
  readonly roles?: readonly SeedRole[];
  readonly oidcProviders?: readonly SeedOidcProvider[];
}

export interface SeedUser {
  readonly name: string;
  readonly uid: string;
  readonly keys?: readonly SandboxKey[];
  /** RAM policies that are attached to the user. */
  readonly policies?: readonly JsonObject[];
}

export interface SeedRole {
  readonly name: string;
  /** 18 digits of the names of the account and of the role by default. */
  readonly id?: string;
  /** Policy that says who may assume the role. */
  readonly trust: JsonObject;
  /** RAM policies that are attached to the role. */
  readonly policies?: readonly JsonObject[];
  /** 3600 by default. */
  readonly maxSessionSeconds?: number;
  /** Sessions that exist from the start and do not end, beside those that STS gives. */
  readonly sessions?: readonly { readonly name: string; readonly keys: readonly SandboxKey[] }[];
}

/** OIDC provider of an account, with the keys of its issuer: the sandbox makes no call to get them. */
export interface SeedOidcProvider {
  readonly name: string;
  readonly issuer: string;
  readonly clientIds: readonly string[];
  /** Public keys as JSON Web Keys. */
  readonly keys: readonly Readonly<Record<string, unknown>>[];
}

export interface SeedBucket {
  readonly name: string;
  /** UID of the account that owns it; the first account by default. */
  readonly owner?: string;
  /** Short form, such as `cn-hangzhou`. */
  readonly region: string;
  /** Exact stored text. It is not validated, so that a bucket can start with any policy. */
  readonly policy?: string;
  /** `private` by default. */
  readonly acl?: BucketAcl;
  /** Off by default. */
  readonly blockPublicAccess?: boolean;
  readonly tags?: Readonly<Record<string, string>>;
  readonly objects?: readonly SeedObject[];
}

export const sandboxKey: SandboxKey = { id: "sandbox", secret: "sandbox" };

export const defaultSeed: Seed = { account: "1746495857600001", keys: [sandboxKey], buckets: [], faults: [] };

/** Parses a seed file. Its buckets are of the given account where it names none. */
export function parseSeed(
  text: string,
  file: string,
  account = defaultSeed.account,
): { readonly seed: Seed } | { readonly problems: readonly string[] } {
  const read = readForm(text, seedSchema, { file, whole: "the seed file", owner: "a seed file" });
  if ("problems" in read) return read;
  const [first] = read.value.accounts ?? [];
  const ofFirst = first === undefined ? {} : { account: first.uid, keys: first.keys ?? [] };
  return { seed: { ...defaultSeed, account, ...ofFirst, ...read.value } };
}
