import { join, posix } from "node:path";
import { isAccountFile } from "../desired/account-file.ts";
import { bounds } from "../desired/bounds.ts";
import type { SourceFile } from "../desired/load.ts";
import { git } from "./git.ts";
import { textsOf, type BlobText } from "./objects.ts";
import type { Revision } from "./revision.ts";

/** Policy files of a revision, by the paths that they have in the policy folder now. */
export interface FilesAt {
  readonly files: readonly SourceFile[];
  /** Files that exist and are not read. */
  readonly unread: readonly UnreadFile[];
}

export interface UnreadFile {
  readonly path: string;
  /** The rest of a sentence that begins with the path. */
  readonly problem: string;
}

/** Entry of a tree; its path begins at the policy folder. */
interface TreeEntry {
  readonly mode: string;
  readonly id: string;
  readonly path: string;
}

/** Reads the policy files of a revision within the bounds of a working tree; throws if git cannot. */
export function filesAt(revision: Revision): FilesAt {
  const entries = entriesAt(revision);
  const wanted = entries.filter(
    ({ mode, path }) => isPolicyPath(path) || (isSubmodule(mode) && !isHidden(path)),
  );
  if (wanted.length > bounds.files) throw new Error(`it is more than ${bounds.files} files`);
  const follow = linksIn(entries, revision);
  const found = wanted.map((entry) => ({ path: entry.path, id: follow(entry) }));
  const texts = textsOf(
    revision.checkout.repository,
    found.flatMap(({ id }) => id ?? []),
  );
  const read = found.map(({ path, id }) => ({
    path: treePath(path, revision.policies),
    blob: depthProblem(path) ?? texts.get(id ?? "") ?? elsewhere,
  }));
  return {
    files: read.flatMap(({ path, blob }) => ("text" in blob ? [{ path, text: blob.text }] : [])),
    unread: read.flatMap(({ path, blob }) => ("problem" in blob ? [{ path, problem: blob.problem }] : [])),
  };
}

const elsewhere: BlobText = {
  problem: "is a submodule, or a link to something that is not a file of this tree",
};

function depthProblem(path: string): BlobText | undefined {
  const isDeep = path.split("/").length > bounds.depth;
  return isDeep ? { problem: `is more than ${bounds.depth} folders deep` } : undefined;
}

export interface AccountFilesAt {
  /** The files, by their paths from the top of the checkout. */
  readonly files: readonly SourceFile[];
  /** True if there are more: links, files that are too large, or all files if git could not read them. */
  readonly hasUnread: boolean;
}

/** Reads every account.yaml of a whole revision, in any folder. */
export function accountFilesAt(revision: Revision): AccountFilesAt {
  try {
    const all = entriesAt({ ...revision, below: "" }).filter(({ path }) => isAccountFile(path));
    const own = all.filter(({ mode }) => !isLink(mode) && !isSubmodule(mode)).slice(0, bounds.files);
    const texts = textsOf(
      revision.checkout.repository,
      own.map(({ id }) => id),
    );
    const files = own.flatMap(({ id, path }) => {
      const blob = texts.get(id);
      return blob !== undefined && "text" in blob ? [{ path, text: blob.text }] : [];
    });
    return { files, hasUnread: files.length < all.length };
  } catch {
    return { files: [], hasUnread: true };
  }
}

function entriesAt({ checkout, commit, below }: Revision): readonly TreeEntry[] {
  const place = below === "" ? [] : ["--", below];
  const listed = git(checkout.repository, ["ls-tree", "-r", "-z", "--full-tree", commit, ...place]);
  return listed
    .toString("utf8")
    .split("\0")
    .flatMap((line): readonly TreeEntry[] => {
      const [, mode = "", id = "", path = ""] = /^(\d+) [a-z]+ ([0-9a-f]+)\t(.*)$/s.exec(line) ?? [];
      return path === "" ? [] : [{ mode, id, path: path.slice(below.length) }];
    });
}

const maxLinks = 40;
const maxTarget = 4_096;

/** Returns a function from an entry to the id of its content; a link has the id of the file that it leads to. */
function linksIn(
  entries: readonly TreeEntry[],
  { checkout }: Revision,
): (entry: TreeEntry) => string | undefined {
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  const links = entries.filter(({ mode, path }) => isLink(mode) && !isHidden(path));
  const targets = textsOf(
    checkout.repository,
    links.map(({ id }) => id),
  );
  const follow = (entry: TreeEntry | undefined, left: number): string | undefined => {
    if (entry === undefined || isSubmodule(entry.mode) || left === 0) return undefined;
    if (!isLink(entry.mode)) return entry.id;
    const target = targets.get(entry.id);
    if (target === undefined || !("text" in target) || !isTarget(target.text)) return undefined;
    return follow(byPath.get(posix.join(posix.dirname(entry.path), target.text)), left - 1);
  };
  return (entry) => follow(entry, maxLinks);
}

function isTarget(text: string): boolean {
  return text.length <= maxTarget && !posix.isAbsolute(text);
}

const isLink = (mode: string) => mode === "120000";
const isSubmodule = (mode: string) => mode === "160000";

/** Returns a path below the policy folder, as `loadTree` writes it. */
export function treePath(path: string, policies: string): string {
  return join(policies, path);
}

/** Reports whether `loadTree` would read the file: hidden files are not part of the tree. */
export function isPolicyPath(path: string): boolean {
  return /\.ya?ml$/i.test(path) && !isHidden(path);
}

function isHidden(path: string): boolean {
  return /(^|\/)\./.test(path);
}
