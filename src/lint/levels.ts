import { actionsMatching, isGrantable, readAction, type Action } from "../policy/actions.ts";
import { matchesBucket, matchesObjects, parseResource } from "../policy/resource.ts";
import type { StatementInFile } from "./rule.ts";

/** Level of a resource in a bucket policy. */
export type Level = "bucket" | "object";

export function levelsReached({ resources }: StatementInFile, bucket: string): ReadonlySet<Level> {
  const reached = resources.flatMap(({ text }): Level[] => {
    const resource = parseResource(text);
    if (resource === undefined) return [];
    return [
      ...(matchesBucket(resource, bucket) ? ["bucket" as const] : []),
      ...(matchesObjects(resource, bucket) ? ["object" as const] : []),
    ];
  });
  return new Set(reached);
}

/** Reports whether a statement has a resource of the action's level, so that writing the action is no new mistake. */
export function fitsLevel(action: string, statement: StatementInFile, bucket: string): boolean {
  const matched = actionsMatching(action).filter(isGrantable);
  const reached = levelsReached(statement, bucket);
  if (matched.length === 0 || reached.size !== 1) return matched.length > 0;
  return matched.some(({ level }) => (level === "bucket" || level === "object") && reached.has(level));
}

/** Returns the actions that a bucket policy can grant; other rules report words that have none. */
export function actionsOf(text: string): readonly Action[] {
  const word = readAction(text);
  return word.kind === "actions" || word.kind === "other case" ? word.actions.filter(isGrantable) : [];
}
