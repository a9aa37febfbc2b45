import { lstatSync, existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { refusal, type Diagnostic } from "../diagnostic.ts";
import { findingEnvironment, readingEnvironment, type Environment } from "./environment.ts";
import { gitIn, reasonOf, type Repository } from "./git.ts";

/** The checkout that the run stands in, and the folder of the policies in it. */
export interface Checkout {
  readonly repository: Repository;
  /** The real path of its working tree. */
  readonly top: string;
  /** The folder of the policies from there, with a slash at its end; empty for the top itself. */
  readonly below: string;
  /** Whether its history was cut off when it was fetched. */
  readonly isShallow: boolean;
}

export type FoundCheckout = Checkout | { readonly problem: Diagnostic };

/**
 * Finds the repository of the working directory, never that of the policies: a pull request can lay a repository into
 * the tree, but no `.git`. A place where git would speak for other files than those that are read is a problem.
 */
export function findCheckout(policies: string, env: Environment): FoundCheckout {
  const top = folderWithGit(realpathSync("."));
  if (top === undefined)
    return problem(
      "the working directory is in no git repository",
      "run it in the checkout that holds the policies",
    );
  const place = placeIn(top, policies);
  if ("problem" in place) return place;
  const directory = gitDirectory(top);
  if (directory === undefined || (directory !== join(top, ".git") && isInside(directory, top)))
    return problem(
      `\`${join(top, ".git")}\` does not lead to a repository outside of the files of the checkout`,
      "check the repository out anew",
    );
  return confirmed({ top, directory, below: place.below }, env);
}

function problem(message: string, help: string): { readonly problem: Diagnostic } {
  return { problem: refusal("revision", message, help) };
}

/** The nearest folder upward with a `.git`, which git never takes from a tree. */
function folderWithGit(folder: string): string | undefined {
  if (hasGit(folder)) return folder;
  return dirname(folder) === folder ? undefined : folderWithGit(dirname(folder));
}

function hasGit(folder: string): boolean {
  return lstatSync(join(folder, ".git"), { throwIfNoEntry: false }) !== undefined;
}

/** The folder of the policies in the checkout, which may be of another revision and not be there now. */
function placeIn(
  top: string,
  policies: string,
): { readonly below: string } | { readonly problem: Diagnostic } {
  const named = resolve(policies);
  const real = realPlace(named);
  if (real !== top && !isInside(real, top))
    return problem(
      `\`${policies}\` is outside of the repository that the run stands in, \`${top}\``,
      "run it in the checkout that holds the policies, and name the folder itself and no link to it",
    );
  const above = nearestAbove(named, (folder) => realPlace(folder) === top);
  const below = relative(top, real);
  if (above === undefined || relative(above, named) !== below)
    return problem(
      `\`${policies}\` leads through a link of the checkout, so git cannot say what it was`,
      "name the folder that the link leads to",
    );
  const inner = nearestAbove(real, hasGit);
  if (inner !== top)
    return problem(
      `\`${policies}\` is in a submodule or another repository inside of the checkout, which has revisions of its own`,
      "run it inside of that repository",
    );
  return { below: below === "" ? "" : `${below.split(sep).join("/")}/` };
}

function nearestAbove(folder: string, holds: (folder: string) => boolean): string | undefined {
  if (holds(folder)) return folder;
  return dirname(folder) === folder ? undefined : nearestAbove(dirname(folder), holds);
}

/** A path with its links resolved, as far as it exists. */
function realPlace(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  return dirname(path) === path ? path : join(realPlace(dirname(path)), relative(dirname(path), path));
}

function isInside(path: string, top: string): boolean {
  return path.startsWith(top.endsWith(sep) ? top : top + sep);
}

/** The git directory behind `.git`: the folder itself, or what a file or link of a worktree or submodule names. */
function gitDirectory(top: string): string | undefined {
  const path = join(top, ".git");
  try {
    if (!lstatSync(realpathSync(path)).isFile()) return realpathSync(path);
    const [, target] = /^gitdir: (.+?)\s*$/.exec(readFileSync(path, "utf8")) ?? [];
    return target === undefined ? undefined : realpathSync(resolve(top, target));
  } catch {
    return undefined;
  }
}

/** What git itself makes of the folder: whether it trusts its owner, and that it takes the same repository for it. */
function confirmed(
  { top, directory, below }: { readonly top: string; readonly directory: string; readonly below: string },
  env: Environment,
): FoundCheckout {
  const words = ["--absolute-git-dir", "--show-toplevel", "--is-shallow-repository", "--git-common-dir"];
  try {
    const said = gitIn(top, findingEnvironment(env, top), ["rev-parse", ...words]).split("\n");
    const [own = "", tree = "", shallow, common = ""] = said;
    const shared = realpathSync(resolve(top, common));
    const isOwn = realpathSync(own) === directory && realpathSync(tree) === top;
    if (!isOwn || (shared !== join(top, ".git") && isInside(shared, top)))
      return problem(
        `git takes \`${own}\` for the repository of \`${top}\``,
        "check the repository out anew",
      );
    const repository = { directory, environment: readingEnvironment(env, top) };
    return { repository, top, below, isShallow: shallow === "true" };
  } catch (error) {
    return notFound(top, error);
  }
}

function notFound(top: string, error: unknown): { readonly problem: Diagnostic } {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const isMissing = ["ENOENT", "ENOTDIR", "EACCES"].includes(code);
  return isMissing
    ? problem(
        "there is no `git` that could be run",
        "install git, and have its folder, outside of the checkout, in PATH",
      )
    : problem(
        `git does not read the repository of \`${top}\` (${reasonOf(error)})`,
        "see what `git status` says there; variables such as GIT_DIR are not used",
      );
}
