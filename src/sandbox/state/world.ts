import { compareText } from "../../diagnostic.ts";
import { openBodies, type Bodies } from "./bodies.ts";
import { stored } from "./body.ts";
import type { BucketAcl, SandboxBucket } from "./bucket.ts";
import type { SandboxObject, SeedObject } from "./object.ts";
import { openObjects, type BucketObjects } from "./objects.ts";
import { memoryOnly, openFolder, type Store } from "./state-folder.ts";
import { timeNow } from "./time.ts";

export { bucketAcls, type BucketAcl, type SandboxBucket } from "./bucket.ts";

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
  /** Returns whether Block Public Access of an account is on; undefined if it was never switched. */
  accountBlock(uid: string): boolean | undefined;
  setAccountBlock(uid: string, isOn: boolean): void;
  put(bucket: SandboxBucket): void;
  /** Deletes a bucket, and its objects if it has any. */
  remove(name: string): void;
  /** Returns the objects of an existing bucket. */
  objects(bucket: string): BucketObjects;
  readonly bodies: Bodies;
  /** Gives the folder free for another sandbox. */
  close(): void;
}

/** Opens the state. Buckets of the seed are added unless the folder has them. Throws if a state file is corrupt. */
export function openWorld(seeded: readonly SeededBucket[], stateDir: string | undefined): World {
  const store = stateDir === undefined ? memoryOnly : openFolder(stateDir);
  try {
    const world = worldOf(store);
    for (const bucket of seeded) if (world.bucket(bucket.name) === undefined) addBucket(world, bucket);
    return world;
  } catch (error) {
    store.close();
    throw error;
  }
}

/** Bucket that is there from the start, with its objects. */
interface SeededBucket extends Omit<SandboxBucket, "createdAt"> {
  readonly objects?: readonly SeedObject[];
}

function addBucket(world: World, { objects = [], ...bucket }: SeededBucket): void {
  world.put({ ...bucket, createdAt: timeNow() });
  for (const { key, body: text = "", acl = "default", tags = {}, contentType } of objects) {
    const body = world.bodies.store(Buffer.from(text));
    const headers: SandboxObject["headers"] =
      contentType === undefined ? {} : { "content-type": contentType };
    world.objects(bucket.name).put({
      key,
      type: "Normal",
      body: stored(body),
      etag: body.md5,
      modifiedAt: timeNow(),
      acl,
      tags,
      headers,
      storageClass: bucket.storageClass ?? "Standard",
    });
    world.bodies.drop(body);
  }
}

function worldOf(store: Store): World {
  const byName = new Map(store.load().map((bucket) => [bucket.name, bucket]));
  const bodies = openBodies(store.bodies);
  const open = (name: string): BucketObjects => openObjects(bodies, store.log(name));
  const objects = new Map([...byName.keys()].map((name) => [name, open(name)]));
  bodies.sweep();
  const past = new Map<string, readonly PastPolicy[]>();
  const pastOf = (name: string): readonly PastPolicy[] => past.get(name) ?? [];
  let blocks = store.loadBlocks();
  return {
    accountBlock: (uid) => blocks.get(uid),
    setAccountBlock: (uid, isOn) => {
      const changed = new Map([...blocks, [uid, isOn]]);
      store.writeBlocks(changed);
      blocks = changed;
    },
    bucket: (name) => byName.get(name),
    buckets: () => [...byName.values()].sort((a, b) => compareText(a.name, b.name)),
    past: pastOf,
    objectFacts: (bucket, key) => objects.get(bucket)?.get(key),
    put: (bucket) => {
      store.write(bucket);
      const { name, policy } = bucket;
      const before = byName.get(name);
      if (before === undefined) objects.set(name, open(name));
      else if (before.policy !== policy)
        past.set(name, rememberPolicy(pastOf(name), { policy: before.policy, untilMs: performance.now() }));
      byName.set(name, bucket);
    },
    // The bucket goes first: what a kill leaves of its objects is deleted at the next start.
    remove: (name) => {
      store.remove(name);
      objects.get(name)?.drop();
      for (const map of [byName, objects, past]) map.delete(name);
    },
    objects: (name) => {
      const found = objects.get(name);
      if (found === undefined) throw new Error(`the sandbox has no bucket \`${name}\``);
      return found;
    },
    bodies,
    close: () => {
      bodies.close();
      store.close();
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
