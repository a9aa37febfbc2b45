import { join, posix } from "node:path";
import type { SourceFile } from "../desired/load.ts";
import { refusal, type Diagnostic } from "../diagnostic.ts";
import { findCheckout, meaningsOf } from "./checkout.ts";
import { blobsOf, git, gitFolder, textOf, type GitFolder } from "./git.ts";

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
  const checkout = findCheckout(folder, policies);
  if ("problem" in checkout) return { problems: [checkout.problem] };
  const { isShallow } = checkout;
  const meanings = meaningsOf(folder, word);
  if (meanings.length > 1)
    return unknown(
      `\`${word}\` means several things here: \`${meanings.join("`, `")}\``,
      "name one of them in full",
    );
  try {
    const commit = textOf(folder, ["rev-parse", "--verify", "--quiet", `${word}^{commit}`]);
    if (/^[0-9a-f]+$/.test(commit)) return { folder, policies, commit, isShallow };
  } catch {
    // Told below.
  }
  const shallow =
    "this clone is shallow: fetch the whole history, with `fetch-depth: 0` for actions/checkout or `git fetch --unshallow`";
  const whole = "name a commit, a branch or a tag that was fetched";
  return unknown(`git knows no revision \`${word}\` here`, isShallow ? shallow : whole);
}

function unknown(message: string, help: string): { readonly problems: readonly Diagnostic[] } {
  return { problems: [refusal("revision", message, help)] };
}

/** The policy files of a revision, by the paths that they have in the folder now. */
export interface FilesAt {
  readonly files: readonly SourceFile[];
  /** What is there and cannot be read here: a submodule, a link that leads out of the tree, what was not fetched. */
  readonly unread: readonly string[];
}

export function filesAt({ folder, policies, commit }: Revision): FilesAt {
  const place = folder.below === "" ? "." : folder.below;
  const listed = git(folder, ["ls-tree", "-r", "-z", commit, "--", place]).toString("utf8");
  const entries = listed.split("\0").flatMap((line): readonly Entry[] => {
    const [, mode = "", id = "", path = ""] = /^(\d+) [a-z]+ ([0-9a-f]+)\t(.*)$/s.exec(line) ?? [];
    return path === "" ? [] : [{ mode, id, path }];
  });
  const wanted = entries.filter(
    ({ mode, path }) => isPolicyPath(path) || (isSubmodule(mode) && !isHidden(path)),
  );
  const ids = followLinks(folder, wanted, entries);
  const blobs = blobsOf(
    folder,
    ids.map((id) => id ?? ""),
  );
  const read = wanted.map(({ path }, index) => ({
    path: treePath(path, folder, policies),
    text: blobs[index]?.text,
  }));
  return {
    files: read.flatMap(({ path, text }) => (text === undefined ? [] : [{ path, text }])),
    unread: read.filter(({ text }) => text === undefined).map(({ path }) => path),
  };
}

interface Entry {
  readonly mode: string;
  readonly id: string;
  readonly path: string;
}

/** The contents of entries; a link has those of the file of the tree that it leads to, as `loadTree` has it. */
function followLinks(
  folder: GitFolder,
  wanted: readonly Entry[],
  entries: readonly Entry[],
): readonly (string | undefined)[] {
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  const follow = (entry: Entry | undefined, left: number): string | undefined => {
    if (entry === undefined || isSubmodule(entry.mode) || left === 0) return undefined;
    if (!isLink(entry.mode)) return entry.id;
    const [target] = blobsOf(folder, [entry.id]);
    const path = posix.join(posix.dirname(entry.path), target?.text ?? "");
    return follow(byPath.get(path), left - 1);
  };
  return wanted.map((entry) => follow(entry, mostLinks));
}

const mostLinks = 40;
const isLink = (mode: string) => mode === "120000";
const isSubmodule = (mode: string) => mode === "160000";

/** A path as git has it, as `loadTree` has it. */
export function treePath(path: string, { below }: GitFolder, policies: string): string {
  return join(policies, path.slice(below.length));
}

/** As `loadTree` picks files: hidden ones are none of the tree. */
export function isPolicyPath(path: string): boolean {
  return /\.ya?ml$/i.test(path) && !isHidden(path);
}

function isHidden(path: string): boolean {
  return /(^|\/)\./.test(path);
}
