import { existsSync, lstatSync, realpathSync } from "node:fs";
import { dirname, isAbsolute, normalize, relative } from "node:path";

/**
 * Returns true for a path inside of the current folder that a link leads out of it, so that a file would be written where
 * its name does not say. A path that names another place by itself is the user's choice.
 */
export function leadsOut(path: string): boolean {
  if (isAbsolute(path) || isOutside(normalize(path))) return false;
  return isOutside(relative(realpathSync("."), realpathSync(existingPart(path))));
}

function isOutside(path: string): boolean {
  return isAbsolute(path) || /^\.\.(?:[\\/]|$)/.test(path);
}

/** Returns the nearest part of a path that exists, with a link that leads nowhere counted as missing. */
function existingPart(path: string): string {
  return path === "." || existsSync(path) ? path : existingPart(dirname(path));
}

/** Returns true for a link, whatever it leads to. */
export function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}
