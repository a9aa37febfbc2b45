import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, relative } from "node:path";

/** A folder as git sees it; the folder itself may be of another revision and not be there now. */
export interface GitFolder {
  /** A folder that is there: this one, or the nearest above it. */
  readonly at: string;
  /** The folder from there, with a slash at its end; empty for the same. */
  readonly below: string;
}

export function gitFolder(folder: string): GitFolder {
  let at = folder;
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at);
  const rest = relative(at, folder).replaceAll("\\", "/");
  return { at, below: rest === "" ? "" : `${rest}/` };
}

const mostBytes = 1024 * 1024 * 1024;

/** What one call of git prints, as bytes. Throws where git refuses: its own words are in `stderr` of the error. */
export function git({ at }: GitFolder, words: readonly string[], input = ""): Buffer {
  return execFileSync("git", ["-C", at, ...words], {
    input,
    maxBuffer: mostBytes,
    stdio: ["pipe", "pipe", "pipe"],
  });
}

/** The same as text without the line's end. */
export function textOf(folder: GitFolder, words: readonly string[]): string {
  return git(folder, words).toString("utf8").replace(/\n$/, "");
}

/** Git's own words, as far as they fit into a sentence. */
export function reasonOf(error: unknown): string {
  const words = error instanceof Error && "stderr" in error ? String(error.stderr) : String(error);
  return words.split("\n")[0]?.replace(/^fatal: /, "") ?? "";
}

export interface GitBlob {
  /** The name of its content. */
  readonly id: string;
  readonly text: string;
}

/** The contents behind names of objects, such as `COMMIT:./path`, one for each name; undefined where there is none. */
export function blobsOf(folder: GitFolder, names: readonly string[]): readonly (GitBlob | undefined)[] {
  if (names.length === 0) return [];
  const bytes = git(folder, ["cat-file", "--batch"], `${names.join("\n")}\n`);
  let at = 0;
  return names.map(() => {
    const line = bytes.indexOf(10, at);
    const head = bytes.toString("utf8", at, line).split(" ");
    at = line + 1;
    const [id = "", type, size] = head;
    if (size === undefined || !/^[0-9]+$/.test(size)) return undefined;
    const text = bytes.toString("utf8", at, at + Number(size));
    at += Number(size) + 1;
    return type === "blob" ? { id, text } : undefined;
  });
}

/** The ids of the contents behind names of objects. */
export function idsOf(folder: GitFolder, names: readonly string[]): readonly (string | undefined)[] {
  if (names.length === 0) return [];
  const lines = git(folder, ["cat-file", "--batch-check"], `${names.join("\n")}\n`)
    .toString("utf8")
    .split("\n");
  return names.map((_, index) => /^([0-9a-f]+) blob [0-9]+$/.exec(lines[index] ?? "")?.[1]);
}
