import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { compareText } from "../../diagnostic.ts";

/** Earlier policy of a bucket. */
export interface PastPolicy {
  /** Undefined if there was none. */
  readonly policy: string | undefined;
  /** Time of the replacement, by a monotonic clock. */
  readonly untilMs: number;
}

/** Time for which earlier policies are kept, which is the maximum staleness of a read. */
export const maxStaleMs = 60_000;

/** Adds a replaced policy, oldest first. The last one is always kept, because stale reads by number never expire. */
function rememberPolicy(past: readonly PastPolicy[], replaced: PastPolicy): readonly PastPolicy[] {
  const kept = past.filter(({ untilMs }) => untilMs > replaced.untilMs - maxStaleMs);
  return [...kept, replaced];
}

export const bucketAcls = ["private", "public-read", "public-read-write"] as const;

export type BucketAcl = (typeof bucketAcls)[number];

export interface SandboxBucket {
  readonly name: string;
  /** UID of the account that owns it; the first account of the seed by default. */
  readonly owner?: string;
  /** Short form, such as `cn-hangzhou`. */
  readonly region: string;
  /** ISO 8601, in UTC. */
  readonly createdAt: string;
  /** Exact stored text; undefined if there is none. */
  readonly policy?: string | undefined;
  /** `private` by default. */
  readonly acl?: BucketAcl;
  /** Off by default. */
  readonly blockPublicAccess?: boolean;
  /** Tags of the bucket. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** Parts of an object that decide who may do what with it. */
export interface ObjectFacts {
  readonly acl: "default" | BucketAcl;
  readonly tags: Readonly<Record<string, string>>;
}

/** State of the sandbox. With a folder, every change is in it when the call returns. */
export interface World {
  bucket(name: string): SandboxBucket | undefined;
  /** Returns all buckets by name, in byte order. */
  buckets(): readonly SandboxBucket[];
  /** Returns the earlier policies of a bucket since it was created and the sandbox started, oldest first. */
  past(name: string): readonly PastPolicy[];
  /** Returns the ACL and the tags of an object; undefined if there is none. */
  objectFacts(bucket: string, key: string): ObjectFacts | undefined;
  put(bucket: SandboxBucket): void;
  remove(name: string): void;
}

/** Opens the state. Buckets of the seed are added unless the folder has them. Throws if a state file is corrupt. */
export function openWorld(
  seeded: readonly Omit<SandboxBucket, "createdAt">[],
  stateDir: string | undefined,
): World {
  const store = stateDir === undefined ? memoryOnly : openFolder(stateDir);
  const byName = new Map(store.load().map((bucket) => [bucket.name, bucket]));
  const past = new Map<string, readonly PastPolicy[]>();
  const pastOf = (name: string): readonly PastPolicy[] => past.get(name) ?? [];
  const put = (bucket: SandboxBucket): void => {
    store.write(bucket);
    const { name, policy } = bucket;
    const before = byName.get(name);
    if (before !== undefined && before.policy !== policy) {
      past.set(name, rememberPolicy(pastOf(name), { policy: before.policy, untilMs: performance.now() }));
    }
    byName.set(name, bucket);
  };
  for (const bucket of seeded) {
    if (!byName.has(bucket.name)) put({ ...bucket, createdAt: new Date().toISOString() });
  }
  return {
    bucket: (name) => byName.get(name),
    buckets: () => [...byName.values()].sort((a, b) => compareText(a.name, b.name)),
    past: pastOf,
    objectFacts: () => undefined,
    put,
    remove: (name) => {
      store.remove(name);
      byName.delete(name);
      past.delete(name);
    },
  };
}

/** Returns the world with another policy of one bucket, for reading only. */
export function worldWithPast(world: World, name: string, { policy }: PastPolicy): World {
  return {
    ...world,
    bucket: (each) => {
      const bucket = world.bucket(each);
      return each === name && bucket !== undefined ? { ...bucket, policy } : bucket;
    },
  };
}

interface Store {
  load(): readonly SandboxBucket[];
  write(bucket: SandboxBucket): void;
  remove(name: string): void;
}

const memoryOnly: Store = { load: () => [], write: () => undefined, remove: () => undefined };

/** Opens a folder with one file for each bucket. Files are written and renamed, so a kill leaves no half file. */
function openFolder(folder: string): Store {
  mkdirSync(folder, { recursive: true });
  const fileOf = (name: string): string => join(folder, `${name}.json`);
  return {
    load: () =>
      readdirSync(folder)
        .filter((name) => name.endsWith(".json"))
        .map((name) => loadBucket(join(folder, name), name.slice(0, -".json".length))),
    // Synchronous, so that two writes to one bucket cannot overtake each other.
    write: (bucket) => {
      const temporary = join(folder, `${bucket.name}.json.tmp`);
      writeFileSync(temporary, `${JSON.stringify(bucket, null, 2)}\n`);
      renameSync(temporary, fileOf(bucket.name));
    },
    remove: (name) => {
      rmSync(fileOf(name), { force: true });
    },
  };
}

const bucketSchema = z.strictObject({
  name: z.string(),
  owner: z.string().exactOptional(),
  region: z.string(),
  createdAt: z.iso.datetime(),
  policy: z.string().exactOptional(),
  acl: z.enum(bucketAcls).exactOptional(),
  blockPublicAccess: z.boolean().exactOptional(),
  tags: z.record(z.string(), z.string()).exactOptional(),
});

function loadBucket(file: string, name: string): SandboxBucket {
  const parsed = bucketSchema.safeParse(parseJson(readFileSync(file, "utf8")));
  if (parsed.success && parsed.data.name === name) return parsed.data;
  throw new Error(
    `the state file \`${file}\` does not contain bucket \`${name}\`; delete it to start over with that bucket`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
