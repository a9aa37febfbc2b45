import { readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { kill, pid } from "node:process";
import { errorCode } from "../../system-error.ts";

/** Locks of this process. A lock with its number that is not among them is of an earlier process with that number. */
const ownLocks = new Set<string>();

/**
 * Takes the lock of a folder, and returns what releases it. Throws if another sandbox has it. A lock whose process has
 * ended is taken over.
 */
export function lockFolder(folder: string): () => void {
  const file = join(realpathSync(folder), "lock");
  while (!create(file)) {
    const holder = readHolder(file);
    if (ownLocks.has(file) || isRunning(holder)) throw inUse(folder, holder);
    discard(file, folder, holder);
  }
  ownLocks.add(file);
  return () => {
    if (ownLocks.delete(file)) rmSync(file, { force: true });
  };
}

function create(file: string): boolean {
  try {
    writeFileSync(file, `${pid}\n`, { flag: "wx" });
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  }
}

/** Returns the process of a lock; undefined if the lock is gone, or was killed before it was written. */
function readHolder(file: string): number | undefined {
  try {
    const text = readFileSync(file, "utf8").trim();
    return /^\d+$/.test(text) ? Number(text) : undefined;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

function isRunning(holder: number | undefined): boolean {
  if (holder === undefined || holder === pid) return false;
  try {
    return kill(holder, 0);
  } catch (error) {
    // A process of another user cannot be signalled.
    return errorCode(error) === "EPERM";
  }
}

/** Deletes a stale lock. It is moved away first, so that the fresh lock of another process is noticed and put back. */
function discard(file: string, folder: string, stale: number | undefined): void {
  const moved = `${file}.${pid}`;
  try {
    renameSync(file, moved);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return;
    throw error;
  }
  const found = readHolder(moved);
  if (found !== stale) {
    renameSync(moved, file);
    throw inUse(folder, found);
  }
  rmSync(moved, { force: true });
}

function inUse(folder: string, holder: number | undefined): Error {
  return new Error(
    `the state folder \`${folder}\` is in use by the sandbox with process ID ${holder ?? "unknown"}; if no such sandbox runs, delete \`${join(folder, "lock")}\``,
  );
}
