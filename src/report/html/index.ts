import { isWriting, type Plan, type WritingChange } from "../../plan/plan.ts";
import { accessMatrix } from "../../proof/matrix.ts";
import type { ReportContext } from "../context.ts";
import { groupsOf, outcomesOf } from "../groups.ts";
import { planHtml } from "./plan.ts";

/** Renders the plan as one HTML page, with the access of every principal before and after, once for each group. */
export function htmlReport(plan: Plan, context: ReportContext): string {
  return planHtml(plan, {
    ...context,
    matrices: accessMatrix(
      groupsOf(plan.changes, outcomesOf(context))
        .map(([first]) => first)
        .filter(isComparable),
    ),
  });
}

/** Returns whether access can be compared; it is unknown under a live text that does not parse. */
export function isComparable(change: Plan["changes"][number]): change is WritingChange {
  return isWriting(change) && change.replaces === undefined;
}
