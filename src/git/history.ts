import type { SourceFile } from "../desired/load.ts";
import { blobsOf, git, idsOf } from "./git.ts";
import { isPolicyPath, treePath, type Revision } from "./revision.ts";

/** All that ever stood in the policy files that a revision reaches. */
export interface History {
  readonly revision: Revision;
  /** The newest first. */
  readonly commits: readonly PastCommit[];
  /** The ids of the contents that each path ever had. */
  readonly contents: ReadonlyMap<string, ReadonlySet<string>>;
  readonly texts: ReadonlyMap<string, string>;
}

interface PastCommit {
  readonly commit: string;
  /** The paths that differ from one of its parents. */
  readonly paths: readonly string[];
}

/** Reads the history once; `--full-history` and `-m`, so that what came in by a merge counts too. */
export function readHistory(revision: Revision): History {
  const { folder, commit } = revision;
  const place = folder.below === "" ? "." : folder.below;
  const plain = ["--no-color", "--no-follow", "--no-show-signature"];
  const words = [
    "log",
    "--full-history",
    "-m",
    "--raw",
    "--no-abbrev",
    "--no-renames",
    "--relative",
    ...plain,
  ];
  const log = git(folder, [
    "-c",
    "log.showRoot=true",
    ...words,
    "-z",
    "--format=commit %H",
    commit,
    "--",
    place,
  ]).toString("utf8");
  const { commits, contents } = parseLog(log);
  const ids = [...new Set([...contents.values()].flatMap((found) => [...found]))];
  const blobs = blobsOf(folder, ids);
  const texts = new Map(blobs.flatMap((blob) => (blob === undefined ? [] : [[blob.id, blob.text] as const])));
  return { revision, commits, contents, texts };
}

function parseLog(log: string): Pick<History, "commits" | "contents"> {
  const commits = new Map<string, string[]>();
  const contents = new Map<string, Set<string>>();
  let commit = "";
  const tokens = log.split("\0");
  for (let index = 0; index < tokens.length; index += 1) {
    const token = (tokens[index] ?? "").trimStart();
    if (token.startsWith("commit ")) commit = token.slice("commit ".length);
    if (!token.startsWith(":")) continue;
    index += 1;
    const path = tokens[index] ?? "";
    const [, mode = "", , id = ""] = token.slice(1).split(" ");
    // Names are asked for line by line: what stood in such a file counts as never asked for.
    if (!isPolicyPath(path) || path.includes("\n")) continue;
    commits.set(commit, [...(commits.get(commit) ?? []), path]);
    if (!mode.startsWith("100")) continue;
    contents.set(path, (contents.get(path) ?? new Set()).add(id));
  }
  return { commits: [...commits].map(([id, paths]) => ({ commit: id, paths })), contents };
}

/**
 * Every state that the files had which matter to a bucket: those that ever named it, and those that
 * `isShared` says matter to all. A state is there once, however many commits had it.
 */
export function statesOf(
  { revision, commits, contents, texts }: History,
  bucket: string,
  isShared: (path: string) => boolean,
): readonly (readonly SourceFile[])[] {
  const { folder, policies } = revision;
  const names = (path: string) =>
    [...(contents.get(path) ?? [])].some((id) => texts.get(id)?.includes(bucket) === true);
  const paths = [...contents.keys()].filter(
    (path) => isShared(treePath(path, folder, policies)) || names(path),
  );
  const matters = new Set(paths);
  const touching = commits.filter((one) => one.paths.some((path) => matters.has(path)));
  const asked = touching.flatMap(({ commit }) => paths.map((path) => `${commit}:./${path}`));
  const ids = idsOf(folder, asked);
  const states = new Map<string, readonly SourceFile[]>();
  for (const [index] of touching.entries()) {
    const own = ids.slice(index * paths.length, (index + 1) * paths.length);
    const files = paths.flatMap((path, at) => {
      const text = texts.get(own[at] ?? "");
      return text === undefined ? [] : [{ path: treePath(path, folder, policies), text }];
    });
    states.set(own.join(" "), files);
  }
  return [...states.values()];
}
