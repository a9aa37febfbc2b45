import { bounds, decodeText } from "../desired/bounds.ts";
import { git, type Repository } from "./git.ts";

/** Text of a file of a revision, or why it is not read. */
export type BlobText = { readonly text: string } | { readonly problem: string };

interface Sized {
  readonly id: string;
  readonly size: number;
}

/** Bytes that one call of git returns at most; a larger object gets a call of its own. */
const bytesAtOnce = 8_000_000;
const namesAtOnce = 5_000;

/**
 * Returns the texts of contents by their ids. Sizes are read first, and contents above the size limit of a file are not
 * read. Throws if an id is missing, as in a partial clone, and if all of them together are too large.
 */
export function textsOf(repository: Repository, ids: readonly string[]): ReadonlyMap<string, BlobText> {
  const sized = sizesOf(repository, [...new Set(ids)]);
  const isRead = ({ size }: Sized) => size <= bounds.fileBytes;
  const total = sized.filter(isRead).reduce((sum, { size }) => sum + size, 0);
  if (total > bounds.totalBytes) throw new Error(`it is more than ${bounds.totalBytes} bytes`);
  const tooLarge = { problem: `is larger than ${bounds.fileBytes} bytes` };
  return new Map([
    ...sized.filter((one) => !isRead(one)).map(({ id }) => [id, tooLarge] as const),
    ...portions(sized.filter(isRead)).flatMap((portion) => readPortion(repository, portion)),
  ]);
}

function sizesOf(repository: Repository, ids: readonly string[]): readonly Sized[] {
  return describe(repository, ids).map((line, index) => {
    const [id = "", type, size = ""] = line.split(" ");
    if (type === "blob" && /^[0-9]+$/.test(size)) return { id, size: Number(size) };
    throw new Error(`the object ${ids[index] ?? ""} is missing`);
  });
}

/** Returns git's line about each name: `ID TYPE SIZE`, or `NAME missing`. */
function describe(repository: Repository, names: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (let from = 0; from < names.length; from += namesAtOnce) {
    const some = names.slice(from, from + namesAtOnce);
    const input = `${some.join("\n")}\n`;
    lines.push(
      ...git(repository, ["cat-file", "--batch-check"], { input })
        .toString("utf8")
        .split("\n")
        .slice(0, some.length),
    );
  }
  return lines;
}

function portions(all: readonly Sized[]): readonly (readonly Sized[])[] {
  const found: Sized[][] = [];
  let left = 0;
  for (const one of all) {
    const last = found.at(-1);
    left -= one.size;
    if (last === undefined || left < 0 || last.length >= namesAtOnce) {
      found.push([one]);
      left = bytesAtOnce - one.size;
    } else last.push(one);
  }
  return found;
}

function readPortion(
  repository: Repository,
  portion: readonly Sized[],
): readonly (readonly [string, BlobText])[] {
  const input = `${portion.map(({ id }) => id).join("\n")}\n`;
  const maxBytes = portion.reduce((sum, { size }) => sum + size + 200, 0);
  const bytes = git(repository, ["cat-file", "--batch"], { input, maxBytes });
  let at = 0;
  return portion.map(({ id, size }) => {
    at = bytes.indexOf(10, at) + 1;
    const text = decodeText(bytes.subarray(at, at + size));
    at += size + 1;
    return [id, text === undefined ? { problem: "is not UTF-8 text" } : { text }] as const;
  });
}

/** Returns the ids of the contents that names such as `COMMIT:path` refer to; undefined if there is none. */
export function blobIds(repository: Repository, names: readonly string[]): readonly (string | undefined)[] {
  return describe(repository, names).map((line) => /^([0-9a-f]+) blob [0-9]+$/.exec(line)?.[1]);
}

/** Returns the objects that lead to a commit: commits and annotated tags. */
export function commitLike(repository: Repository, ids: readonly string[]): readonly string[] {
  const lines = describe(repository, ids);
  return ids.filter((_, index) => /^[0-9a-f]+ (commit|tag) /.test(lines[index] ?? ""));
}
