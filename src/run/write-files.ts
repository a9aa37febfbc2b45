import {
  chmodSync,
  closeSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { decodeText } from "../desired/bounds.ts";
import { refusal, type Diagnostic } from "../diagnostic.ts";
import { counted } from "../report/printable.ts";
import { errorCode } from "../system-error.ts";

/** File whose text is to be replaced, if it still is what was read. */
export interface ReplacedFile {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/** New content of a file, beside it under another name. */
interface StagedFile {
  readonly path: string;
  /** File that the path leads to. */
  readonly target: string;
  readonly staged: string;
  readonly old: Uint8Array;
}

export interface WriteFailure {
  readonly problem: Diagnostic;
  /** How it ended, in words. */
  readonly ending: string;
}

/**
 * Replaces files by their new texts: all or none. Every text is written beside its file first, so that a full disk or a
 * missing right is found before the first file changes. A file that changed since it was read is not replaced.
 */
export function writeFiles(files: readonly ReplacedFile[]): WriteFailure | undefined {
  const staged: StagedFile[] = [];
  const replaced: StagedFile[] = [];
  try {
    for (const file of files) {
      const found = stage(file);
      if ("code" in found) return { problem: found, ending: unchanged };
      staged.push(found);
    }
    for (const one of staged) {
      const problem = attempt(one.path, () => renameSync(one.staged, one.target));
      if (problem !== undefined) return withOldFiles(replaced, problem);
      replaced.push(one);
    }
    return undefined;
  } finally {
    for (const { staged: path } of staged) rmSync(path, { force: true });
  }
}

const unchanged = "no file was changed";

function stage({ path, before, after }: ReplacedFile): StagedFile | Diagnostic {
  let half: string | undefined;
  try {
    const target = realpathSync(path);
    const old = readFileSync(target);
    if (decodeText(old) !== before)
      return refusal("edit", `\`${path}\` changed while the edit was computed`, "run the command again");
    const staged = join(dirname(target), `.${basename(target)}.oss-policy`);
    const mark = old[0] === 0xef && old[1] === 0xbb && old[2] === 0xbf ? "\uFEFF" : "";
    closeSync(openSync(staged, "wx"));
    half = staged;
    writeFileSync(staged, `${mark}${after}`);
    chmodSync(staged, statSync(target).mode);
    return { path, target, staged, old };
  } catch (error) {
    // What is left of it would look like the edit of another run.
    if (half !== undefined) rmSync(half, { force: true });
    return unwritable(path, error);
  }
}

function attempt(path: string, act: () => void): Diagnostic | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return unwritable(path, error);
  }
}

/** Puts back what was replaced; a file that cannot be put back is named. */
function withOldFiles(replaced: readonly StagedFile[], problem: Diagnostic): WriteFailure {
  const lost = replaced.filter(({ path, target, old }) => attempt(path, () => writeFileSync(target, old)));
  if (lost.length === 0) return { problem, ending: unchanged };
  const names = lost.map(({ path }) => `\`${path}\``).join(", ");
  return {
    problem: { ...problem, message: `${problem.message}, and these files keep their edits: ${names}` },
    ending: `${counted(lost.length, "file")} of several changed`,
  };
}

function unwritable(path: string, error: unknown): Diagnostic {
  const code = errorCode(error);
  const help =
    code === "EEXIST"
      ? "another run edits it, or one was killed: remove the file of the same name that ends in `.oss-policy`"
      : "make the file and its folder writable";
  return refusal("edit", `\`${path}\` cannot be written (${code})`, help);
}
