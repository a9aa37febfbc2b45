import { fewNames, printable } from "../printable.ts";
import type { Outcome, OutcomeResult } from "../../apply/outcome.ts";
import { type Style, type TextStyle } from "./style.ts";

const styles: Record<OutcomeResult, Style> = {
  applied: "green",
  unverified: "red",
  unchanged: "dim",
  stale: "yellow",
  blocked: "yellow",
  "not attempted": "yellow",
  failed: "red",
};

/** Renders the line of an outcome. */
function renderOutcome({ bucket, action, result, message }: Outcome, style: TextStyle): string {
  const why = message === "" ? "" : `: ${printable(message)}`;
  const verb = action === "unreadable" ? "read" : action;
  return `  ${style.paint(styles[result], result.padEnd(13))} ${verb} ${printable(bucket)}${why}`;
}

/**
 * Renders all outcomes but `unchanged`. Buckets with the same reason share a line with all names; of those that are
 * blocked with the first ones, since the plan names each.
 */
export function renderOutcomes(outcomes: readonly Outcome[], style: TextStyle): readonly string[] {
  const groups = new Map<string, Outcome[]>();
  for (const outcome of outcomes.filter(({ result }) => result !== "unchanged")) {
    const { bucket, action, result, message } = outcome;
    const key = JSON.stringify(message === "" ? bucket : [result, action, message.replaceAll(bucket, "")]);
    groups.set(key, [...(groups.get(key) ?? []), outcome]);
  }
  return [...groups.values()].flatMap(([first, ...more]) => {
    if (first === undefined) return [];
    const names = [first, ...more].map(({ bucket }) => bucket);
    const listed = first.result === "blocked" ? fewNames(names) : names.join(", ");
    const bucket = more.length === 0 ? first.bucket : `${names.length} buckets (${listed})`;
    return [renderOutcome({ ...first, bucket }, style)];
  });
}

/** Renders each distinct help once, after all outcomes. */
export function renderFixes(outcomes: readonly Outcome[]): readonly string[] {
  const fixes = new Set(outcomes.flatMap(({ help }) => help ?? []));
  return [...fixes].map((help) => `  help: ${printable(help)}`);
}

/** Counts the results in a fixed order. Leaves out zeros, except for "applied". */
export function outcomeSummary(outcomes: readonly Outcome[]): string {
  const results = Object.keys(styles) as OutcomeResult[];
  const counts = results
    .map((result) => ({ result, count: outcomes.filter((outcome) => outcome.result === result).length }))
    .filter(({ result, count }) => count > 0 || result === "applied");
  return `Apply: ${counts.map(({ result, count }) => `${count} ${result}`).join(", ")}.`;
}
