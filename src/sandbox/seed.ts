import type { FaultRule } from "./faults.ts";
import { readForm } from "./form.ts";
import { seedSchema } from "./seed-schema.ts";
import type { BucketAcl } from "./world.ts";

/** What a sandbox starts with. */
export interface Seed {
  /** The UID that owns every bucket. */
  readonly account: string;
  readonly keys: readonly SandboxKey[];
  readonly buckets: readonly SeedBucket[];
  readonly faults: readonly FaultRule[];
  /** Block Public Access of the whole account; off where it is left out. */
  readonly blockPublicAccess?: boolean;
  /** What chance hangs on, where a fault rule has a probability; 0 where it is left out. */
  readonly seed?: number;
}

/** An access key; one with a token must be used with it, as STS keys are. */
export interface SandboxKey {
  readonly id: string;
  readonly secret: string;
  readonly token?: string;
}

export interface SeedBucket {
  readonly name: string;
  /** Short form, such as `cn-hangzhou`. */
  readonly region: string;
  /** The exact stored text. It is not validated, so that any policy can be there from the start. */
  readonly policy?: string;
  /** `private` where it is left out. */
  readonly acl?: BucketAcl;
  /** Off where it is left out. */
  readonly blockPublicAccess?: boolean;
}

export const sandboxKey: SandboxKey = { id: "sandbox", secret: "sandbox" };

export const defaultSeed: Seed = { account: "1746495857600001", keys: [sandboxKey], buckets: [], faults: [] };

/** Reads a seed file. */
export function parseSeed(
  text: string,
  file: string,
): { readonly seed: Seed } | { readonly problems: readonly string[] } {
  const read = readForm(text, seedSchema, { file, whole: "the seed file", owner: "a seed file" });
  return "problems" in read ? read : { seed: { ...defaultSeed, ...read.value } };
}
