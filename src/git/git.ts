import { execFileSync } from "node:child_process";
import { parse, resolve } from "node:path";
import { settings, type Environment } from "./environment.ts";

/** Repository by its own git directory, which is never looked up from a place in the tree. */
export interface Repository {
  /** The real path of its git directory. */
  readonly directory: string;
  readonly environment: Environment;
}

/** Default limits of one call: bytes of output, and time. */
const maxBytes = 64_000_000;
const maxMs = 120_000;

interface CallOptions {
  readonly input?: string;
  readonly maxBytes?: number;
}

/**
 * Runs git once and returns its output. Only commands that read objects and names are called: none of them uses a file
 * of the tree, an attribute, a hook or an index. Throws if git refuses; git's message is in `stderr`.
 */
export function git(repository: Repository, words: readonly string[], options: CallOptions = {}): Buffer {
  return call([`--git-dir=${repository.directory}`, "--bare", ...words], repository.environment, options);
}

/** Runs git in a folder from which it finds the repository by itself, and returns its output as text. */
export function gitIn(folder: string, environment: Environment, words: readonly string[]): string {
  return withoutEnd(call(["-C", folder, ...words], environment, {}));
}

/** Runs git at the root of the file system, where no tree can place a program or a repository. */
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

/** Runs git once and returns its output as text, without the final line feed. */
export function textOf(repository: Repository, words: readonly string[]): string {
  return withoutEnd(git(repository, words));
}

function withoutEnd(bytes: Buffer): string {
  return bytes.toString("utf8").replace(/\n$/, "");
}

/** Returns why a call failed, in git's own words as far as they fit into a sentence. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOBUFS") return "its output is larger than the limit";
  if (code === "ETIMEDOUT") return `it takes longer than ${maxMs / 1000} s`;
  const words = error instanceof Error && "stderr" in error ? String(error.stderr) : "";
  const line = words.split("\n").find((one) => /^(fatal|error): /.test(one)) ?? words.split("\n")[0];
  const said = line?.replace(/^(fatal|error): /, "") ?? "";
  return said === "" && error instanceof Error ? error.message : said;
}
