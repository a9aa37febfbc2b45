import { existsSync, statSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";

/**
 * Returns the folder of the tree that a path belongs to: `policies` if the path is in it, otherwise the uppermost
 * folder above the path, up to `top`, that has an account.yaml. Undefined if there is none.
 */
export function treeRootOf(path: string, policies: string, top: string): string | undefined {
  if (isWithin(path, policies)) return policies;
  return foldersUpFrom(ownFolder(path), top).findLast(hasAccount);
}

/** Returns the folder of a path, which may be a folder itself. */
export function ownFolder(path: string): string {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? path : dirname(path);
}

export function isWithin(path: string, folder: string): boolean {
  const [inner, outer] = [resolve(path), resolve(folder)];
  return inner === outer || inner.startsWith(outer.endsWith(sep) ? outer : outer + sep);
}

function foldersUpFrom(folder: string, top: string): readonly string[] {
  const parent = dirname(folder);
  const isTop = parent === folder || resolve(folder) === resolve(top) || /(^|[\\/])\.\.$/.test(folder);
  return isTop ? [folder] : [folder, ...foldersUpFrom(parent, top)];
}

function hasAccount(folder: string): boolean {
  return ["account.yaml", "account.yml"].some((name) => existsSync(join(folder, name)));
}
