import { textOf, type Repository } from "./git.ts";
import { commitLike } from "./objects.ts";

/** A name of a revision, and the steps from there to an ancestor: `main` and `~2^2` of `main~2^2`. */
export interface RevisionWord {
  readonly name: string;
  readonly steps: string;
}

/** Undefined for what is no name with steps, such as `:/words of a message`, which anyone may write. */
export function parseWord(word: string): RevisionWord | undefined {
  const [, name = "", steps = ""] =
    /^([^\s~^:?*[\\-][^\s~^:?*[\\]*)((?:~\d*|\^\d*|\^\{commit\}|\^\{\})*)$/.exec(word) ?? [];
  return name === "" || name.includes("..") || (name.includes("@{") && !isUpstream(name))
    ? undefined
    : { name, steps };
}

/**
 * All that a name may mean, as words that mean one thing. Of a tag and a branch git would take the tag, and of a tag
 * and a short id the tag as well, which anyone who pushes can make.
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

/** The commits and tags whose id begins like that, or that `git describe` names like that. */
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

/** The upstream of the branch that is checked out. */
const isUpstream = (name: string) => /^(HEAD)?@\{(u|upstream)\}$/i.test(name);

/** What git keeps beside its refs, such as FETCH_HEAD. */
const isSpecial = (name: string) => /^[A-Z_]+_HEAD$/.test(name);
