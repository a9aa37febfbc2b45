import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { bucketAcls, redundancies, type SandboxBucket } from "./bucket.ts";
import { removeFile, replaceFile } from "./durable.ts";
import { lockFolder } from "./lock.ts";
import { storageClasses } from "./object.ts";
import { noLog, openLog, type ObjectLog } from "./object-log.ts";

/** Place of the buckets between runs. */
export interface Store {
  /** Folder of the bodies; undefined if nothing outlives the run. */
  readonly bodies: string | undefined;
  load(): readonly SandboxBucket[];
  write(bucket: SandboxBucket): void;
  remove(name: string): void;
  /** Block Public Access of accounts, by their UIDs. */
  loadBlocks(): AccountBlocks;
  writeBlocks(blocks: AccountBlocks): void;
  log(bucket: string): ObjectLog;
  close(): void;
}

/** Accounts of which Block Public Access was switched, with its state. */
export type AccountBlocks = ReadonlyMap<string, boolean>;

export const memoryOnly: Store = {
  bodies: undefined,
  load: () => [],
  write: () => undefined,
  remove: () => undefined,
  loadBlocks: () => new Map(),
  writeBlocks: () => undefined,
  log: () => noLog,
  close: () => undefined,
};

/** Version of the folder. The first one had no file `version`, and no objects; it is read as it is. */
const version = "2";

/**
 * Opens a folder: a file `BUCKET.json` for each bucket, `accounts.blocks`, its objects in `objects/BUCKET.log`, and their bytes in
 * `bodies/`. Throws if another sandbox uses it, or it has another version.
 */
export function openFolder(folder: string): Store {
  const [objects, bodies] = [join(folder, "objects"), join(folder, "bodies")];
  mkdirSync(folder, { recursive: true });
  const unlock = lockFolder(folder);
  try {
    checkVersion(folder);
    for (const each of [objects, bodies]) mkdirSync(each, { recursive: true });
  } catch (error) {
    unlock();
    throw error;
  }
  const fileOf = (name: string): string => join(folder, `${name}.json`);
  return {
    bodies,
    load: () => {
      const names = namesIn(folder, ".json");
      removeLeftovers(folder, objects, names);
      return names.map((name) => loadBucket(fileOf(name), name));
    },
    // Synchronous, so that two writes to one bucket cannot overtake each other.
    write: (bucket) => {
      replaceFile(fileOf(bucket.name), `${JSON.stringify(bucket, null, 2)}\n`);
    },
    remove: (name) => {
      removeFile(fileOf(name));
    },
    loadBlocks: () => loadBlocks(join(folder, blocksFile)),
    writeBlocks: (blocks) => {
      replaceFile(join(folder, blocksFile), `${JSON.stringify(Object.fromEntries(blocks))}\n`);
    },
    log: (bucket) => openLog(join(objects, `${bucket}.log`)),
    close: unlock,
  };
}

function checkVersion(folder: string): void {
  const file = join(folder, "version");
  const found = existsSync(file) ? readFileSync(file, "utf8").trim() : undefined;
  if (found === undefined) replaceFile(file, `${version}\n`);
  else if (found !== version)
    throw new Error(
      `the state folder \`${folder}\` has version \`${found.slice(0, 20)}\`, and this sandbox reads version ${version}; give another folder`,
    );
}

/** Deletes what a kill left: half-written files, and the objects of a bucket that is deleted. */
function removeLeftovers(folder: string, objects: string, buckets: readonly string[]): void {
  for (const name of readdirSync(folder)) if (name.endsWith(".tmp")) rmSync(join(folder, name));
  for (const name of readdirSync(objects))
    if (!buckets.includes(name.slice(0, -".log".length))) rmSync(join(objects, name), { recursive: true });
}

function namesIn(folder: string, ending: string): readonly string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(ending));
  return names.map((name) => name.slice(0, -ending.length));
}

const bucketSchema = z.strictObject({
  name: z.string(),
  owner: z.string().exactOptional(),
  region: z.string(),
  createdAt: z.iso.datetime(),
  policy: z.string().exactOptional(),
  acl: z.enum(bucketAcls).exactOptional(),
  blockPublicAccess: z.boolean().exactOptional(),
  storageClass: z.enum(storageClasses).exactOptional(),
  redundancy: z.enum(redundancies).exactOptional(),
  tags: z.record(z.string(), z.string()).exactOptional(),
});

/** No bucket has a name with a dot. */
const blocksFile = "accounts.blocks";

function loadBlocks(file: string): AccountBlocks {
  if (!existsSync(file)) return new Map();
  const parsed = z.record(z.string(), z.boolean()).safeParse(parseJson(readFileSync(file, "utf8")));
  if (parsed.success) return new Map(Object.entries(parsed.data));
  throw new Error(
    `the state file \`${file}\` is damaged; delete it to switch Block Public Access of all accounts off`,
  );
}

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
