import { join } from "node:path";
import { parseDesired, type Desired } from "../desired/desired.ts";
import { refusal, type Diagnostic } from "../diagnostic.ts";
import { filesAt, findRevision } from "../git/revision.ts";

/** The policy tree of a git revision; problems where there is no such revision, or the tree is not whole. */
export function desiredAt(
  word: string,
  policies: string,
): Desired | { readonly problems: readonly Diagnostic[] } {
  const revision = findRevision(word, policies);
  if ("problems" in revision) return revision;
  const files = filesAt(revision);
  if (files.length === 0) {
    const message = `\`${word}\` has no policy files in ${policies}`;
    return { problems: [refusal("revision", message, "name the folder with --policies")] };
  }
  const desired = parseDesired(files, { top: topOf(policies) });
  const errors = desired.diagnostics.filter(({ severity }) => severity === "error");
  return errors.length > 0 ? { problems: errors } : desired;
}

/** What the paths of a tree begin with. */
export function topOf(policies: string): string {
  return join(policies, "x").slice(0, -1);
}
