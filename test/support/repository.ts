import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { writeTree } from "./run-cli.ts";

/** A git repository for one test. */
export interface Repository {
  readonly folder: string;
  readonly git: (...words: readonly string[]) => string;
  /** Writes these files, removes those that are null, and commits; gives the commit. */
  readonly commit: (files: Readonly<Record<string, string | null>>) => string;
  /** The same without a commit. */
  readonly write: (files: Readonly<Record<string, string | null>>) => void;
}

export function newRepository(files: Readonly<Record<string, string>> = {}): Repository {
  const repository = repositoryIn(writeTree({}));
  repository.git("init", "-q", "-b", "main");
  if (Object.keys(files).length > 0) repository.commit(files);
  return repository;
}

/** Who commits, and nothing that waits for a disk or tidies up. */
const settings = [
  "user.name=t",
  "user.email=t@example.com",
  "core.fsync=none",
  "maintenance.auto=false",
].flatMap((setting) => ["-c", setting]);

/** One that is there. */
export function repositoryIn(folder: string): Repository {
  const git = (...words: readonly string[]) =>
    execFileSync("git", ["-C", folder, ...settings, ...words], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    }).trim();
  const write = (files: Readonly<Record<string, string | null>>) => {
    for (const [name, text] of Object.entries(files)) {
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true });
      if (text === null) rmSync(path);
      else writeFileSync(path, text);
    }
  };
  const commit = (files: Readonly<Record<string, string | null>>) => {
    write(files);
    git("add", "-A");
    git("commit", "-q", "--allow-empty", "-m", "a change");
    return git("rev-parse", "HEAD");
  };
  return { folder, git, commit, write };
}
