import { isFailed, type Failed } from "../result.ts";
import { join } from "node:path";
import { isAccountFile } from "../desired/account-file.ts";
import type { ParsedBucket } from "../desired/bucket-file.ts";
import { parseDesired, type Desired } from "../desired/desired.ts";
import { refusal, type Diagnostic } from "../diagnostic.ts";
import type { Environment } from "../git/environment.ts";
import { filesAt, type FilesAt } from "../git/files.ts";
import { reasonOf } from "../git/git.ts";
import { findRevision, type Revision } from "../git/revision.ts";

/** The policy tree of a git revision, and its commit. */
export interface TreeAt {
  readonly desired: Desired<ParsedBucket>;
  readonly commit: string;
}

/** Reads the policy tree of a git revision; problems where there is no such revision, or the tree is not whole. */
export function treeAt(word: string, policies: string, env: Environment): TreeAt | Failed {
  const revision = findRevision(word, policies, env);
  if (isFailed(revision)) return revision;
  const found = desiredIn(revision);
  if (isFailed(found)) return found;
  const problems = treeProblems(word, policies, found);
  return problems.length > 0 ? { problems } : { desired: found.desired, commit: revision.commit };
}

/** Returns why the tree of a revision is not whole. */
export function treeProblems(
  word: string,
  policies: string,
  { desired, isEmpty }: { readonly desired: Desired; readonly isEmpty: boolean },
): readonly Diagnostic[] {
  const message = `\`${word}\` has no policy files in ${policies}`;
  if (isEmpty) return [refusal("revision", message, "name the folder with --policies")];
  return desired.diagnostics.filter(({ severity }) => severity === "error");
}

/** The policy tree of a revision. */
export interface DesiredAt {
  readonly desired: Desired<ParsedBucket>;
  readonly isEmpty: boolean;
  /** True where it has an account.yaml, even one that cannot be read. */
  readonly hasAccounts: boolean;
}

/** Parses the tree of a revision; what of it cannot be read here is an error in it. */
export function desiredIn(revision: Revision): DesiredAt | Failed {
  const found = readFiles(revision);
  if (isFailed(found)) return found;
  const { files, unread } = found;
  const paths = unread.map(({ path }) => path);
  const desired = parseDesired(files, { unread: paths, top: topOf(revision.policies) });
  const problems = unread.map(({ path, problem }) => refusal("revision", `\`${path}\` ${problem}`));
  return {
    desired: { ...desired, diagnostics: [...desired.diagnostics, ...problems] },
    isEmpty: files.length === 0 && unread.length === 0,
    hasAccounts: [...files.map(({ path }) => path), ...paths].some(isAccountFile),
  };
}

/** Reads the files of a revision; what git cannot read, or refuses to, is a problem. */
export function readFiles(revision: Revision): FilesAt | Failed {
  try {
    return filesAt(revision);
  } catch (error) {
    const message = `git cannot read what \`${revision.policies}\` held at ${revision.commit} (${reasonOf(error)})`;
    const help = "fetch what is missing: a clone that was made with `--filter` lacks what it did not need";
    return { problems: [refusal("revision", message, help)] };
  }
}

/** Returns the prefix of all paths in a tree. */
export function topOf(policies: string): string {
  return join(policies, "x").slice(0, -1);
}
