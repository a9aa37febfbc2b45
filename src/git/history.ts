import type { SourceFile } from "../desired/load.ts";
import { isPolicyPath, treePath } from "./files.ts";
import { git, textOf } from "./git.ts";
import { blobIds, textsOf } from "./objects.ts";
import type { Revision } from "./revision.ts";

/** Every version of the policy files in the history of a revision. */
export interface History {
  readonly revision: Revision;
  /** Commits, newest first. */
  readonly commits: readonly PastCommit[];
  /** Ids of the contents that each path ever had; paths begin at the policy folder. */
  readonly contents: ReadonlyMap<string, ReadonlySet<string>>;
  readonly texts: ReadonlyMap<string, string>;
}

interface PastCommit {
  readonly commit: string;
  /** Paths that differ from one of its parents. */
  readonly paths: readonly string[];
}

/** Limits on how much of a history is read: older versions beyond them count as not seen. */
export const historyBounds = { commits: 50_000, lookups: 1_000_000, states: 5_000 };

/**
 * Reads the history once, with `--full-history` and `-m`, so that changes of a merge count too. Throws if it is too
 * long or missing.
 */
export function readHistory(revision: Revision): History {
  const { repository } = revision.checkout;
  const place = revision.below === "" ? [] : [revision.below];
  const list = [
    "rev-list",
    "--full-history",
    `--max-count=${historyBounds.commits + 1}`,
    revision.commit,
    "--",
    ...place,
  ];
  const input = git(repository, list).toString("utf8");
  if (input.split("\n").length > historyBounds.commits + 1)
    throw new Error(`it is more than ${historyBounds.commits} commits`);
  const differences = ["diff-tree", "--stdin", "-m", "-r", "--raw", "--root", "-z", "--no-abbrev"];
  const plain = ["--no-renames", "--no-ext-diff", "--no-textconv", "--no-color"];
  const log = git(repository, [...differences, ...plain, "--", ...place], { input }).toString("utf8");
  const { commits, contents } = parseLog(log, revision.below);
  const ids = [...contents.values()].flatMap((found) => [...found]);
  const texts = [...textsOf(repository, ids)].flatMap(([id, blob]) =>
    "text" in blob ? [[id, blob.text] as const] : [],
  );
  return { revision, commits, contents, texts: new Map(texts) };
}

/** Returns how many commits on the policy folder a revision has that `head` lacks; 0 where the history is cut off. */
export function commitsBeyond({ checkout, below, commit }: Revision, head: string): number {
  if (checkout.isShallow) return 0;
  const place = below === "" ? [] : [below];
  return Number(textOf(checkout.repository, ["rev-list", "--count", `${head}..${commit}`, "--", ...place]));
}

function parseLog(log: string, below: string): Pick<History, "commits" | "contents"> {
  const commits = new Map<string, string[]>();
  const contents = new Map<string, Set<string>>();
  let commit = "";
  const tokens = log.split("\0");
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index] ?? "";
    if (/^[0-9a-f]{40,64}$/.test(token)) commit = token;
    if (!token.startsWith(":")) continue;
    index += 1;
    const path = (tokens[index] ?? "").slice(below.length);
    const [, mode = "", , id = ""] = token.slice(1).split(" ");
    // Names are looked up line by line, so the contents of such a file count as never seen.
    if (!isPolicyPath(path) || path.includes("\n")) continue;
    const paths = commits.get(commit) ?? [];
    paths.push(path);
    commits.set(commit, paths);
    if (!mode.startsWith("100")) continue;
    contents.set(path, (contents.get(path) ?? new Set()).add(id));
  }
  return { commits: [...commits].map(([id, paths]) => ({ commit: id, paths })), contents };
}

/**
 * Returns every state of the files that matter to a bucket: files that ever named it, and files that matter to all
 * buckets (`isShared`). Each state appears once, however many commits had it. Throws if there are too many.
 */
export function statesOf(
  { revision, commits, contents, texts }: History,
  bucket: string,
  isShared: (path: string) => boolean,
): readonly (readonly SourceFile[])[] {
  const { checkout, below, policies } = revision;
  const names = (path: string) =>
    [...(contents.get(path) ?? [])].some((id) => texts.get(id)?.includes(bucket) === true);
  const paths = [...contents.keys()].filter((path) => isShared(treePath(path, policies)) || names(path));
  const matters = new Set(paths);
  const touching = commits.filter((one) => one.paths.some((path) => matters.has(path)));
  if (touching.length * paths.length > historyBounds.lookups)
    throw new Error(`it is more than ${historyBounds.lookups} versions`);
  const wanted = touching.flatMap(({ commit }) => paths.map((path) => `${commit}:${below}${path}`));
  const ids = blobIds(checkout.repository, wanted);
  const states = new Map<string, readonly SourceFile[]>();
  for (const [index] of touching.entries()) {
    const own = ids.slice(index * paths.length, (index + 1) * paths.length);
    const files = paths.flatMap((path, at) => {
      const text = texts.get(own[at] ?? "");
      return text === undefined ? [] : [{ path: treePath(path, policies), text }];
    });
    states.set(own.join(" "), files);
  }
  if (states.size > historyBounds.states)
    throw new Error(`it is more than ${historyBounds.states} versions of one bucket`);
  return [...states.values()];
}
