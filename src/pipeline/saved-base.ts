import { isFailed } from "../result.ts";
import { refusal, type Diagnostic } from "../diagnostic.ts";
import { findRevision } from "../git/revision.ts";
import type { SavedPlan } from "../plan/saved-plan.ts";
import type { Io } from "../run/io.ts";
import type { Options } from "../run/options.ts";

/** Refuses a base that is not the commit of the saved plan: guards that held then would be left out. */
export function otherBase(
  { base: word, policies, plan: file = "" }: Options,
  saved: SavedPlan | undefined,
  { env }: Io,
): Diagnostic | undefined {
  if (word === undefined || saved?.base === undefined) return undefined;
  const named = findRevision(word, policies, env);
  // A revision that cannot be found is an error of its own.
  if (isFailed(named) || named.commit === saved.base) return undefined;
  const message = `the plan \`${file}\` was compared with commit ${saved.base}, and --base \`${word}\` is commit ${named.commit}`;
  const help = "leave --base out: the plan is compared with its own commit again; or make a new plan";
  return refusal("saved-plan", message, help);
}
