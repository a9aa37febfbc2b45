import { parseDesired, type Desired } from "../desired/desired.ts";
import { loadTree } from "../desired/load.ts";
import type { Diagnostic } from "../diagnostic.ts";
import type { Sources } from "../report/text/diagnostics.ts";

/** The policy tree as it was read, with the texts that reports quote from. */
export interface DesiredTree {
  readonly desired: Desired;
  readonly sources: Sources;
  /** Errors that stop a plan: unreadable files, syntax, schema. */
  readonly diagnostics: readonly Diagnostic[];
}

export function readDesired(folder: string): DesiredTree {
  const { files, unread, top, diagnostics } = loadTree(folder);
  const desired = parseDesired(files, { unread, top });
  return {
    desired,
    sources: new Map(files.map(({ path, text }) => [path, text])),
    diagnostics: [...diagnostics, ...desired.diagnostics],
  };
}
