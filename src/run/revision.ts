import { join } from "node:path";
import { parseDesired, type Desired } from "../desired/desired.ts";
import { refusal, type Diagnostic } from "../diagnostic.ts";
import { reasonOf } from "../git/git.ts";
import { filesAt, findRevision, type FilesAt, type Revision } from "../git/revision.ts";

/** The policy tree of a git revision; problems where there is no such revision, or the tree is not whole. */
export function desiredAt(
  word: string,
  policies: string,
): Desired | { readonly problems: readonly Diagnostic[] } {
  const revision = findRevision(word, policies);
  if ("problems" in revision) return revision;
  const found = desiredIn(revision);
  if ("problems" in found) return found;
  const { desired, isEmpty } = found;
  if (isEmpty) {
    const message = `\`${word}\` has no policy files in ${policies}`;
    return { problems: [refusal("revision", message, "name the folder with --policies")] };
  }
  const errors = desired.diagnostics.filter(({ severity }) => severity === "error");
  return errors.length > 0 ? { problems: errors } : desired;
}

/** What a revision asks for; what of it cannot be read here is an error in it. */
export function desiredIn(
  revision: Revision,
): { readonly desired: Desired; readonly isEmpty: boolean } | { readonly problems: readonly Diagnostic[] } {
  let found: FilesAt;
  try {
    found = filesAt(revision);
  } catch (error) {
    const message = `git cannot read what \`${revision.policies}\` held at ${revision.commit} (${reasonOf(error)})`;
    const help = "fetch it: a clone that was made with `--filter` lacks what it did not need";
    return { problems: [refusal("revision", message, help)] };
  }
  const { files, unread } = found;
  const desired = parseDesired(files, { unread, top: topOf(revision.policies) });
  const problems = unread.map((path) =>
    refusal("revision", `\`${path}\` is a submodule, a link out of the tree, or was not fetched`),
  );
  return {
    desired: { ...desired, diagnostics: [...desired.diagnostics, ...problems] },
    isEmpty: files.length === 0 && unread.length === 0,
  };
}

/** What the paths of a tree begin with. */
export function topOf(policies: string): string {
  return join(policies, "x").slice(0, -1);
}
