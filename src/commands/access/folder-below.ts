import { realpathSync } from "node:fs";
import { isAbsolute, relative, resolve, sep } from "node:path";

/**
 * Returns the path from the working folder to a folder below it; undefined for one that is elsewhere, of which git takes no
 * patch. Symbolic links are followed, since git follows none.
 */
export function folderBelow(folder: string): string | undefined {
  const path = relative(realOf("."), realOf(folder));
  if (path === "") return ".";
  return isAbsolute(path) || path === ".." || path.startsWith(`..${sep}`) ? undefined : path;
}

/** Returns the path without symbolic links; that of a folder that does not exist as it is. */
function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
