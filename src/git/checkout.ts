import { lstatSync, existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { refusal, type Diagnostic } from "../diagnostic.ts";
import { findingEnvironment, readingEnvironment, type Environment } from "./environment.ts";
import { gitIn, reasonOf, type Repository } from "./git.ts";

/** Checkout that contains the working directory, and the policy folder in it. */
export interface Checkout {
  readonly repository: Repository;
  /** The real path of its working tree. */
  readonly top: string;
  /** The policy folder relative to `top`, with a slash at its end; empty for the top itself. */
  readonly below: string;
  /** True if its history was cut off when it was fetched. */
  readonly isShallow: boolean;
}

export type FoundCheckout = Checkout | { readonly problem: Diagnostic };

/**
 * Finds the repository of the working directory, never that of the policies: a pull request can add a repository to
 * the tree, but not a `.git`. A place where git would report other files than those that are read is a problem.
 */
export function findCheckout(policies: string, env: Environment): FoundCheckout {
  const top = folderWithGit(realpathSync("."));
  if (top === undefined)
    return problem(
      "the working directory is not in a git repository",
      "run it in the checkout that contains the policies",
    );
  const place = placeIn(top, policies);
  if ("problem" in place) return place;
  const directory = gitDirectory(top);
  if (directory === undefined || (directory !== join(top, ".git") && isInside(directory, top)))
    return problem(
      `\`${join(top, ".git")}\` does not lead to a repository outside of the files of the checkout`,
      "check the repository out again",
    );
  return confirmed({ top, directory, below: place.below }, env);
}

function problem(message: string, help: string): { readonly problem: Diagnostic } {
  return { problem: refusal("revision", message, help) };
}

/** Returns the nearest folder upward with a `.git`, which git never writes from a tree. */
function folderWithGit(folder: string): string | undefined {
  if (hasGit(folder)) return folder;
  return dirname(folder) === folder ? undefined : folderWithGit(dirname(folder));
}

function hasGit(folder: string): boolean {
  return lstatSync(join(folder, ".git"), { throwIfNoEntry: false }) !== undefined;
}

/** Finds the policy folder in the checkout; it may belong to another revision and not exist now. */
function placeIn(
  top: string,
  policies: string,
): { readonly below: string } | { readonly problem: Diagnostic } {
  const named = resolve(policies);
  const real = realPlace(named);
  if (real !== top && !isInside(real, top))
    return problem(
      `\`${policies}\` is outside of the repository of the working directory, \`${top}\``,
      "run it in the checkout that contains the policies, and name the folder itself, not a link to it",
    );
  const above = nearestAbove(named, (folder) => realPlace(folder) === top);
  const below = relative(top, real);
  if (above === undefined || relative(above, named) !== below)
    return problem(
      `\`${policies}\` leads through a link of the checkout, so git cannot find its history`,
      "name the folder that the link leads to",
    );
  const inner = nearestAbove(real, hasGit);
  if (inner !== top)
    return problem(
      `\`${policies}\` is in a submodule or another repository inside the checkout, which has revisions of its own`,
      "run it inside that repository",
    );
  return { below: below === "" ? "" : `${below.split(sep).join("/")}/` };
}

function nearestAbove(folder: string, matches: (folder: string) => boolean): string | undefined {
  if (matches(folder)) return folder;
  return dirname(folder) === folder ? undefined : nearestAbove(dirname(folder), matches);
}

/** Resolves the links of a path, as far as it exists. */
function realPlace(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  return dirname(path) === path ? path : join(realPlace(dirname(path)), relative(dirname(path), path));
}

function isInside(path: string, top: string): boolean {
  return path.startsWith(top.endsWith(sep) ? top : top + sep);
}

/** Returns the git directory of `.git`: the folder itself, or the target of a file or link (worktree, submodule). */
function gitDirectory(top: string): string | undefined {
  const path = join(top, ".git");
  try {
    if (!lstatSync(realpathSync(path)).isFile()) return realpathSync(path);
    const [, target] = /^gitdir: (.+)/.exec(readFileSync(path, "utf8")) ?? [];
    return target === undefined ? undefined : realpathSync(resolve(top, target.trimEnd()));
  } catch {
    return undefined;
  }
}

/** Checks that git trusts the owner of the folder, and finds the same repository for it. */
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
        "check the repository out again",
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
        "`git` cannot be found or run",
        "install git, and add its folder, outside of the checkout, to PATH",
      )
    : problem(
        `git cannot read the repository of \`${top}\` (${reasonOf(error)})`,
        "run `git status` there to see why; variables such as GIT_DIR are ignored",
      );
}
