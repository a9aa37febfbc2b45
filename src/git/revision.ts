import { join } from "node:path";
import type { SourceFile } from "../desired/load.ts";
import { refusal, type Diagnostic } from "../diagnostic.ts";
import { blobsOf, git, gitFolder, type GitFolder } from "./git.ts";

/** A revision of the folder of the policies. */
export interface Revision {
  readonly folder: GitFolder;
  /** As paths of the tree begin. */
  readonly policies: string;
  /** The commit, in full. */
  readonly commit: string;
  /** Whether the history behind it was cut off when it was fetched. */
  readonly isShallow: boolean;
}

/** The commit that a word means. A history that does not reach it is a problem that names the mend. */
export function findRevision(
  word: string,
  policies: string,
): Revision | { readonly problems: readonly Diagnostic[] } {
  const folder = gitFolder(policies);
  // A word that begins with a hyphen would be an option of git.
  if (/^-|\s/.test(word) || word === "")
    return unknown(`\`${word}\` is no revision`, "name a commit, a branch or a tag");
  let isShallow: boolean;
  try {
    isShallow = textOf(folder, ["rev-parse", "--is-shallow-repository"]) === "true";
  } catch (error) {
    return unknown(`\`${policies}\` is in no git repository (${reasonOf(error)})`, "run it in a checkout");
  }
  try {
    const commit = textOf(folder, ["rev-parse", "--verify", "--quiet", `${word}^{commit}`]);
    return { folder, policies, commit, isShallow };
  } catch {
    const shallow =
      "this clone is shallow: fetch the whole history, with `fetch-depth: 0` for actions/checkout or `git fetch --unshallow`";
    const whole = "name a commit, a branch or a tag that was fetched";
    return unknown(`git knows no revision \`${word}\` here`, isShallow ? shallow : whole);
  }
}

function unknown(message: string, help: string): { readonly problems: readonly Diagnostic[] } {
  return { problems: [refusal("revision", message, help)] };
}

/** The policy files of a revision, by the paths that they have in the folder now. */
export function filesAt({ folder, policies, commit }: Revision): readonly SourceFile[] {
  const place = folder.below === "" ? "." : folder.below;
  const listed = git(folder, ["ls-tree", "-r", "-z", commit, "--", place]).toString("utf8");
  const entries = listed.split("\0").flatMap((line) => {
    const [, mode = "", id = "", path = ""] = /^(\d+) blob ([0-9a-f]+)\t(.*)$/s.exec(line) ?? [];
    return mode.startsWith("100") && isPolicyPath(path) ? [{ id, path }] : [];
  });
  const blobs = blobsOf(
    folder,
    entries.map(({ id }) => id),
  );
  return entries.flatMap(({ path }, index) => {
    const blob = blobs[index];
    return blob === undefined ? [] : [{ path: treePath(path, folder, policies), text: blob.text }];
  });
}

/** A path as git has it, as `loadTree` has it. */
export function treePath(path: string, { below }: GitFolder, policies: string): string {
  return join(policies, path.slice(below.length));
}

/** As `loadTree` picks files: hidden ones are none of the tree. */
export function isPolicyPath(path: string): boolean {
  return /\.ya?ml$/i.test(path) && !/(^|\/)\./.test(path) && !path.includes("\n");
}

function textOf(folder: GitFolder, words: readonly string[]): string {
  return git(folder, words).toString("utf8").trim();
}

/** Git's own words, as far as they fit into a sentence. */
function reasonOf(error: unknown): string {
  const words = error instanceof Error && "stderr" in error ? String(error.stderr) : String(error);
  return words.split("\n")[0]?.replace(/^fatal: /, "") ?? "";
}
