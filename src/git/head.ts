import { readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/**
 * Returns a text that changes when the commit that is checked out at a folder does: when HEAD moves, and when the
 * folder is a link that leads to another checkout, as git-sync makes it. It runs no git and decides nothing but when to
 * look; undefined where there is no folder.
 */
export function headAt(folder: string): string | undefined {
  try {
    const place = realpathSync(folder);
    const top = folderWithGit(place);
    return [place, ...(top === undefined ? [] : headIn(gitDirectory(top)))].join("\n");
  } catch {
    return undefined;
  }
}

function folderWithGit(folder: string): string | undefined {
  if (statOf(join(folder, ".git")) !== "") return folder;
  return dirname(folder) === folder ? undefined : folderWithGit(dirname(folder));
}

/** Returns the git directory: `.git` itself, or what the file of a worktree names. */
function gitDirectory(top: string): string {
  const target = /^gitdir: (.+)/.exec(textOf(join(top, ".git")))?.[1]?.trimEnd();
  return target === undefined ? join(top, ".git") : resolve(top, target);
}

/** Returns HEAD, the ref that it names, and what changes with a ref that is packed or in a reftable. */
function headIn(directory: string): readonly string[] {
  const common = resolve(directory, textOf(join(directory, "commondir")).trim());
  const head = textOf(join(directory, "HEAD"));
  const ref = /^ref: (refs\/[^\s]+)/.exec(head)?.[1];
  const packed = [join(common, "packed-refs"), join(common, "reftable/tables.list")];
  return ref === undefined ? [head] : [head, textOf(join(common, ref)), ...packed.map(statOf)];
}

/** Longest file of a ref. A ref name can lead out of the folder, but only here, where it is read and shown to no one. */
const maxBytes = 4_096;

function textOf(file: string): string {
  try {
    const stats = statSync(file);
    // A pipe or a device would never end.
    return !stats.isFile() || stats.size > maxBytes ? "" : readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function statOf(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats === undefined ? "" : `${stats.mtimeMs} ${stats.size}`;
}
