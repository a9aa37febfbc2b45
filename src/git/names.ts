import { textOf, type Repository } from "./git.ts";
import { commitLike } from "./objects.ts";

/** Name of a revision, and the steps from there to an ancestor: `main` and `~2^2` of `main~2^2`. */
export interface RevisionWord {
  readonly name: string;
  readonly steps: string;
}

/** Parses a name with steps; undefined for other forms, such as `:/words of a message`, which anyone may write. */
export function parseWord(word: string): RevisionWord | undefined {
  const [, name = "", steps = ""] =
    /^([^\s~^:?*[\\-][^\s~^:?*[\\]*)((?:~\d*|\^\d*|\^\{commit\}|\^\{\})*)$/.exec(word) ?? [];
  return name === "" || name.includes("..") || (name.includes("@{") && !isUpstream(name))
    ? undefined
    : { name, steps };
}

/**
 * Returns every revision that a name may mean, as unambiguous names. Between a tag and a branch, or a tag and a short
 * id, git would take the tag, which anyone who can push can create.
 */
export function meaningsOf(repository: Repository, name: string): readonly string[] {
  if (name === "@" || name === "HEAD") return ["HEAD"];
  if (isUpstream(name) || isFullId(name)) return [name];
  if (name.startsWith("refs/")) return refsOf(repository, [name]);
  const places = ["refs/", "refs/tags/", "refs/heads/", "refs/remotes/"].map((place) => place + name);
  const refs = refsOf(repository, [...places, `refs/remotes/${name}/HEAD`]);
  return [...(isSpecial(name) ? [name] : []), ...refs, ...idsOf(repository, name)];
}

function refsOf(repository: Repository, names: readonly string[]): readonly string[] {
  const found = textOf(repository, ["for-each-ref", "--format=%(refname)", ...names]).split("\n");
  return found.filter((ref) => names.includes(ref));
}

/** Returns the commits and tags whose id begins with the name, or that `git describe` names so. */
function idsOf(repository: Repository, name: string): readonly string[] {
  const [, short] = /^(?:.*-g)?([0-9a-f]{4,64})$/i.exec(name) ?? [];
  if (short === undefined) return [];
  const found = textOf(repository, ["rev-parse", `--disambiguate=${short.toLowerCase()}`]).split("\n");
  return commitLike(
    repository,
    found.filter((id) => id !== ""),
  );
}

const isFullId = (name: string) => /^([0-9a-f]{40}|[0-9a-f]{64})$/i.test(name);

/** Reports whether a name is the upstream of the branch that is checked out. */
const isUpstream = (name: string) => /^(HEAD)?@\{(u|upstream)\}$/i.test(name);

/** Reports whether a name is one that git keeps beside its refs, such as FETCH_HEAD. */
const isSpecial = (name: string) => /^[A-Z_]+_HEAD$/.test(name);
