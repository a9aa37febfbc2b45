import { realpathSync } from "node:fs";
import { delimiter, dirname, isAbsolute, sep } from "node:path";

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Variables that git gets from the environment of a run: the places of programs and of the user's configuration. Git's
 * own variables and credentials are never passed.
 */
const kept = ["HOME", "USERPROFILE", "XDG_CONFIG_HOME", "SUDO_UID", "SystemRoot", "TMPDIR", "TEMP", "TMP"];

/** Path of an empty file, also for git on Windows. */
const nowhere = "/dev/null";

/** Variables that disable what a repository could bring along; a git ignores those that it does not know. */
const closed = {
  LC_ALL: "C",
  GIT_ALLOW_PROTOCOL: "none",
  GIT_ATTR_NOSYSTEM: "1",
  GIT_GRAFT_FILE: nowhere,
  GIT_LITERAL_PATHSPECS: "1",
  GIT_NO_LAZY_FETCH: "1",
  GIT_NO_REPLACE_OBJECTS: "1",
  GIT_OPTIONAL_LOCKS: "0",
  GIT_TERMINAL_PROMPT: "0",
};

/** Settings on the command line, which override every file, including one that a repository includes. */
export const settings: readonly string[] = [
  "safe.bareRepository=explicit",
  "protocol.allow=never",
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "core.attributesFile=/dev/null",
  "core.alternateRefsCommand=false",
  "core.sshCommand=false",
  "credential.helper=",
  "diff.external=",
].flatMap((setting) => ["-c", setting]);

/** Returns the environment of the one call that finds the repository and follows the user's `safe.directory`. */
export function findingEnvironment(env: Environment, top: string): Environment {
  const own = Object.fromEntries(kept.map((name) => [name, env[name]]));
  return {
    ...own,
    ...closed,
    PATH: programPath(env["PATH"] ?? "", top),
    GIT_CEILING_DIRECTORIES: dirname(top),
  };
}

/** Returns the environment of every other call: these name the repository and read no configuration but its own. */
export function readingEnvironment(env: Environment, top: string): Environment {
  return { ...findingEnvironment(env, top), GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: nowhere };
}

/** Returns PATH without the folders of the checkout, which could otherwise choose the `git` that runs. */
function programPath(path: string, top: string): string {
  const outside = path.split(delimiter).filter((folder) => isAbsolute(folder) && !isInside(folder, top));
  return outside.length === 0 ? nowhere : outside.join(delimiter);
}

function isInside(folder: string, top: string): boolean {
  const root = top.endsWith(sep) ? top : top + sep;
  return folder === top || folder.startsWith(root) || (realFolder(folder) + sep).startsWith(root);
}

function realFolder(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}
