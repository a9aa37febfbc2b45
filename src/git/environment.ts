import { realpathSync } from "node:fs";
import { delimiter, dirname, isAbsolute, sep } from "node:path";

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What git needs of the environment of a run: where programs are, and where the configuration of the user is. No
 * variable of git gets through, and no credential.
 */
const kept = ["HOME", "USERPROFILE", "XDG_CONFIG_HOME", "SUDO_UID", "SystemRoot", "TMPDIR", "TEMP", "TMP"];

/** A path that holds nothing, also where git runs on Windows. */
const nowhere = "/dev/null";

/** Names of variables that close what a repository could bring; those that a git does not know do no harm. */
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

/** Settings of the command line win over those of any file, so over a file that a repository includes. */
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

/** The environment of the one call that finds the repository, which follows `safe.directory` of the user. */
export function findingEnvironment(env: Environment, top: string): Environment {
  const own = Object.fromEntries(kept.map((name) => [name, env[name]]));
  return {
    ...own,
    ...closed,
    PATH: programPath(env["PATH"] ?? "", top),
    GIT_CEILING_DIRECTORIES: dirname(top),
  };
}

/** The environment of every other call: the repository is named there, and no configuration but its own is read. */
export function readingEnvironment(env: Environment, top: string): Environment {
  return { ...findingEnvironment(env, top), GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: nowhere };
}

/** The folders of programs without those of the checkout, which would choose the `git` that runs. */
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
