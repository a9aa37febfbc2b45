import { appendFileSync, chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { repositoryIn, type Repository } from "./repository.ts";
import { writeTree } from "./run-cli.ts";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** By path; null removes the file. */
export type Files = Readonly<Record<string, string | null>>;

/** A repository with this tool in it and these files, and `main` as its branch. */
export function toolRepository(files: Files): Repository {
  template ??= newTemplate();
  const folder = writeTree({});
  cpSync(template, folder, { recursive: true });
  const repository = repositoryIn(folder);
  repository.commit(files);
  return repository;
}

/** The tool alone, committed once for all tests of a process. */
let template: string | undefined;

process.once("exit", () => {
  if (template !== undefined) rmSync(template, { recursive: true, force: true });
});

function newTemplate(): string {
  const folder = mkdtempSync(join(tmpdir(), "oss-policy-"));
  const { git, commit } = repositoryIn(folder);
  git("init", "-q", "-b", "main");
  git("config", "uploadpack.allowAnySHA1InWant", "true");
  copyTool(folder);
  commit({});
  git("repack", "-adq");
  return folder;
}

/** The commits of a pull request into `main`: its base, its head, and the merge that GitHub makes of them. */
export interface PullRequest {
  readonly base: string;
  readonly head: string;
  readonly merge: string;
}

/** Files that .gitignore names are committed as well. */
export function pullRequest({ git, write }: Repository, files: Files): PullRequest {
  const base = git("rev-parse", "main");
  git("checkout", "-q", "-B", "topic", "main");
  write(files);
  git("add", "--all");
  const written = Object.keys(files).filter((name) => files[name] !== null);
  if (written.length > 0) git("add", "--force", "--", ...written);
  git("commit", "-q", "--allow-empty", "--message", "a change");
  const head = git("rev-parse", "HEAD");
  git("checkout", "-q", "--detach", "main");
  git("merge", "-q", "--no-ff", "--message", "a merge", "topic");
  const merge = git("rev-parse", "HEAD");
  git("checkout", "-q", "main");
  return { base, head, merge };
}

/** A folder for the PATH, with one program in it. */
export function executable(name: string, text: string): string {
  const folder = writeTree({ [name]: text });
  chmodSync(join(folder, name), 0o755);
  return folder;
}

/**
 * What stands before npm in the PATH of a pipeline. `npm ci` is not run: the packages are those of this repository, and
 * no script of theirs is run, as `--ignore-scripts` has it; any other form of it is refused, and so is a role's key.
 */
export const npmStandIn = `#!/usr/bin/env bash
if [ -n "$ALIBABA_CLOUD_ACCESS_KEY_SECRET$ALIBABA_CLOUD_SECURITY_TOKEN" ]; then echo "npm has a key" >&2; exit 1; fi
if [ "$*" = "ci --ignore-scripts --no-audit --no-fund" ]; then exec ln -s "${root}/node_modules" node_modules; fi
if [ "$1" = ci ]; then echo "npm $*: not the form that is known" >&2; exit 1; fi
PATH=\${PATH#*:} exec npm "$@"
`;

/** The same, and what was built of the very same sources is not built again. */
export const npmStandInThatKeeps = npmStandIn.replace(
  "PATH=",
  `if [ "$*" = "run build" ] && diff -rq src "${root}/src" && cmp package.json "${root}/package.json"; then
  exec cp -r "${root}/dist" dist
fi
PATH=`,
);

/** What a build needs, beside the packages. */
const sources = [
  "src",
  "build.js",
  "compile.js",
  "notices.js",
  "prepare.js",
  "package.json",
  "package-lock.json",
];

/** What this repository is made of, as far as a pipeline needs it. */
export function copyTool(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of [...sources, ".github", ".npmrc", ".pre-commit-hooks.yaml"])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  appendFileSync(join(folder, ".gitignore"), "node_modules\ndist\n");
}
