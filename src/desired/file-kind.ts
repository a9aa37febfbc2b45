import { isInterpretationsFile } from "./interpretations-file.ts";
import { isAccountFile } from "./account-file.ts";
import { setPlace } from "./statement-set.ts";

/** Kind of a file of a tree, which its path decides. */
export type FileKind = "account" | "interpretations" | "set" | "bucket" | "misplaced";

export function fileKind(path: string, top: string): FileKind {
  const place = setPlace(path, top);
  if (place === undefined) {
    if (isAccountFile(path)) return "account";
    return isInterpretationsFile(path) ? "interpretations" : "bucket";
  }
  return isAccountFile(place.rest) || /[\\/]/.test(place.rest) ? "misplaced" : "set";
}

/** Returns true for a file that is about buckets, and neither shared nor misplaced. */
export function isBucketFile(path: string, top: string): boolean {
  return fileKind(path, top) === "bucket";
}
