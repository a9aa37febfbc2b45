import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { errorCode } from "../../system-error.ts";

/** Replaces a file so that a kill or a power cut leaves the old text or the new one. */
export function replaceFile(path: string, text: string): void {
  const temporary = `${path}.tmp`;
  writeFileSync(temporary, text, { flush: true });
  renameSync(temporary, path);
  flushFolder(dirname(path));
}

/** Deletes a file for good; it may be absent. */
export function removeFile(path: string): void {
  rmSync(path, { force: true });
  flushFolder(dirname(path));
}

/** Flushes the names in a folder to disk. Windows does not open folders, and needs no such call. */
export function flushFolder(folder: string): void {
  const descriptor = openFolder(folder);
  if (descriptor === undefined) return;
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function openFolder(folder: string): number | undefined {
  try {
    return openSync(folder, "r");
  } catch (error) {
    if (["EPERM", "EISDIR", "EACCES"].includes(errorCode(error))) return undefined;
    throw error;
  }
}
