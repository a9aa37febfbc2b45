import { existsSync, realpathSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { refusal, type Diagnostic } from "../diagnostic.ts";
import { reasonOf, textOf, type GitFolder } from "./git.ts";

/** The checkout that a folder is in. */
export interface Checkout {
  /** Whether its history was cut off when it was fetched. */
  readonly isShallow: boolean;
}

/**
 * A problem where git would answer for another place than the one that the policies are read from:
 * guards that stand there would not judge.
 */
export function findCheckout(
  folder: GitFolder,
  policies: string,
): Checkout | { readonly problem: Diagnostic } {
  const asked = ["--show-toplevel", "--is-shallow-repository", "--show-superproject-working-tree"];
  try {
    const [top = "", shallow, outer = ""] = textOf(folder, ["rev-parse", ...asked]).split("\n");
    const problem = placeProblem(folder, policies, top, outer);
    return problem === undefined ? { isShallow: shallow === "true" } : { problem };
  } catch (error) {
    return { problem: notFound(policies, error) };
  }
}

function notFound(policies: string, error: unknown): Diagnostic {
  const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
  if (isMissing)
    return refusal("revision", "there is no `git` that could be run", "install git, and have it in PATH");
  const message = `\`${policies}\` is in no git repository (${reasonOf(error)})`;
  return refusal("revision", message, "run it in a checkout, with GIT_DIR and GIT_WORK_TREE unset");
}

function placeProblem(
  folder: GitFolder,
  policies: string,
  top: string,
  outer: string,
): Diagnostic | undefined {
  const own = realpathSync(top);
  const named = resolve(folder.at);
  const above = withGit(named);
  if (above === undefined || realpathSync(above) !== own)
    return refusal(
      "revision",
      `git takes \`${top}\` for the checkout that \`${policies}\` is in`,
      "unset GIT_DIR and GIT_WORK_TREE, and name the folder itself and no link to it",
    );
  if (relative(above, named) !== relative(own, realpathSync(named)))
    return refusal(
      "revision",
      `\`${policies}\` leads through a link of the checkout, so git cannot say what it was`,
      "name the folder that the link leads to",
    );
  return isSubmoduleHere(outer, own)
    ? refusal(
        "revision",
        `\`${policies}\` is in a submodule, which has revisions of its own`,
        "run it inside of the submodule",
      )
    : undefined;
}

/** The nearest folder upward that git calls a checkout. */
function withGit(folder: string): string | undefined {
  if (existsSync(join(folder, ".git"))) return folder;
  return dirname(folder) === folder ? undefined : withGit(dirname(folder));
}

/** Whether it is a submodule of the repository that the run is in. */
function isSubmoduleHere(outer: string, top: string): boolean {
  const here = realpathSync(".") + sep;
  return outer !== "" && here.startsWith(realpathSync(outer) + sep) && !here.startsWith(top + sep);
}

/** What a word may mean: of a tag and a branch git would take the tag, which anybody may have pushed. */
export function meaningsOf(folder: GitFolder, word: string): readonly string[] {
  const name = word.replace(/[~^@:].*$/s, "");
  const places = ["refs/", "refs/tags/", "refs/heads/", "refs/remotes/"].map((place) => place + name);
  const all = [...places, `refs/remotes/${name}/HEAD`];
  const found = textOf(folder, ["for-each-ref", "--format=%(refname)", ...all]).split("\n");
  return found.filter((ref) => all.includes(ref));
}
