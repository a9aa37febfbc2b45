import { join } from "node:path";
import { parseDesired, type Desired } from "../desired/desired.ts";
import { refusal, type Diagnostic } from "../diagnostic.ts";
import { filesAt, findRevision, type Revision } from "../git/revision.ts";

/** The policy tree of a git revision; problems where there is no such revision, or the tree is not whole. */
export function desiredAt(
  word: string,
  policies: string,
): Desired | { readonly problems: readonly Diagnostic[] } {
  const revision = findRevision(word, policies);
  if ("problems" in revision) return revision;
  const { desired, isEmpty } = desiredIn(revision);
  if (isEmpty) {
    const message = `\`${word}\` has no policy files in ${policies}`;
    return { problems: [refusal("revision", message, "name the folder with --policies")] };
  }
  const errors = desired.diagnostics.filter(({ severity }) => severity === "error");
  return errors.length > 0 ? { problems: errors } : desired;
}

/** What a revision asks for; what of it cannot be read here is an error in it. */
export function desiredIn(revision: Revision): { readonly desired: Desired; readonly isEmpty: boolean } {
  const { files, unread } = filesAt(revision);
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
