import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { refusal, type Diagnostic } from "../diagnostic.ts";
import { parseDesired, type Desired } from "../desired/desired.ts";
import type { SourceFile } from "../desired/load.ts";

const mostBytes = 512 * 1024 * 1024;

/** The policy tree of a git revision; problems where there is no such revision, or the tree is not whole. */
export function desiredAt(
  revision: string,
  folder: string,
): Desired | { readonly problems: readonly Diagnostic[] } {
  const problem = (message: string, help: string) => ({ problems: [refusal("revision", message, help)] });
  // A word that begins with a hyphen would be an option of git.
  if (/^-|\s/.test(revision) || revision === "")
    return problem(`\`${revision}\` is no revision`, "name a commit, a branch or a tag");
  try {
    const commit = git(["rev-parse", "--verify", "--quiet", `${revision}^{commit}`]).trim();
    const names = git(["ls-tree", "-r", "-z", "--name-only", "--end-of-options", commit, "--", folder]);
    const paths = names.split("\0").filter((name) => /\.ya?ml$/.test(name));
    const files: readonly SourceFile[] = paths.map((path) => ({
      path,
      text: git(["show", "--end-of-options", `${commit}:./${path}`]),
    }));
    if (files.length === 0)
      return problem(`\`${revision}\` has no policy files in ${folder}`, "name the folder with --policies");
    const desired = parseDesired(files, { top: join(folder, "x").slice(0, -1) });
    const errors = desired.diagnostics.filter(({ severity }) => severity === "error");
    return errors.length > 0 ? { problems: errors } : desired;
  } catch {
    return problem(
      `git knows no revision \`${revision}\` here`,
      "run it in the repository; a shallow clone needs `git fetch --unshallow` first",
    );
  }
}

function git(words: readonly string[]): string {
  return execFileSync("git", [...words], {
    encoding: "utf8",
    maxBuffer: mostBytes,
    stdio: ["ignore", "pipe", "ignore"],
  });
}
