import { execFileSync } from "node:child_process";
import { parse, resolve } from "node:path";
import { settings, type Environment } from "./environment.ts";

/** A repository as git is called in it: by its own folder, never found from a place in the tree. */
export interface Repository {
  /** The real path of its git directory. */
  readonly directory: string;
  readonly environment: Environment;
}

/** What one call may print, and how long it may take, unless it says otherwise. */
const maxBytes = 64_000_000;
const maxMs = 120_000;

interface CallOptions {
  readonly input?: string;
  readonly maxBytes?: number;
}

/**
 * What one call of git prints, as bytes. Only commands that read objects and names are called: none of them takes
 * a file of the tree, an attribute, a hook or an index. Throws where git refuses: its own words are in `stderr`.
 */
export function git(repository: Repository, words: readonly string[], options: CallOptions = {}): Buffer {
  return call([`--git-dir=${repository.directory}`, "--bare", ...words], repository.environment, options);
}

/** The same in a folder from which git finds the repository by itself. */
export function gitIn(folder: string, environment: Environment, words: readonly string[]): string {
  return withoutEnd(call(["-C", folder, ...words], environment, {}));
}

/** Runs at the root of the file system, where no tree can lay a program or a repository. */
function call(words: readonly string[], environment: Environment, options: CallOptions): Buffer {
  return execFileSync("git", ["--no-pager", ...settings, ...words], {
    cwd: parse(resolve(".")).root,
    env: { ...environment },
    input: options.input ?? "",
    maxBuffer: options.maxBytes ?? maxBytes,
    timeout: maxMs,
    killSignal: "SIGKILL",
    stdio: ["pipe", "pipe", "pipe"],
  });
}

/** The same as text without the line's end. */
export function textOf(repository: Repository, words: readonly string[]): string {
  return withoutEnd(git(repository, words));
}

function withoutEnd(bytes: Buffer): string {
  return bytes.toString("utf8").replace(/\n$/, "");
}

/** Why a call failed, in git's own words as far as they fit into a sentence. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOBUFS") return "there is more of it than is read";
  if (code === "ETIMEDOUT") return `it takes longer than ${maxMs / 1000} s`;
  const words = error instanceof Error && "stderr" in error ? String(error.stderr) : "";
  const line = words.split("\n").find((one) => /^(fatal|error): /.test(one)) ?? words.split("\n")[0];
  const said = line?.replace(/^(fatal|error): /, "") ?? "";
  return said === "" && error instanceof Error ? error.message : said;
}
