import { actions, type Action } from "./action-catalogue.ts";
import { apiNames, foreignNames } from "./action-names.ts";
import { asciiLower } from "./ascii.ts";
import { globMatches } from "./glob.ts";
import { memoize } from "../memoize.ts";

export { accessLevels, administrationTexts, type AccessLevel } from "./access-levels.ts";
export { actions, type Action } from "./action-catalogue.ts";
export { apiNames } from "./action-names.ts";

const byName: ReadonlyMap<string, Action> = new Map(actions.map((action) => [action.name, action]));

/** Names of the actions in lower case, in the order of the catalogue. */
export const lowerNames: readonly string[] = actions.map(({ name }) => asciiLower(name));

/** Names of APIs in lower case, with the actions that they need. */
const lowerApiNames = [...apiNames].map(([name, needs]) => ({ name: asciiLower(name), needs }));

/** Words of other clouds, and names of APIs and actions, in lower case, with the actions that they mean. The first one counts. */
const meanings: ReadonlyMap<string, readonly string[]> = new Map(
  [
    ...[...foreignNames, ...apiNames].map(([name, needs]): [string, readonly string[]] => [
      name.toLowerCase(),
      needs,
    ]),
    ...actions.map(({ name }): [string, readonly string[]] => [
      name.toLowerCase().replace("oss:", ""),
      [name],
    ]),
  ].reverse(),
);

/** Classification of a word of `Action`. */
export type ActionWord =
  /** Name, or pattern that matches at least one action. */
  | { readonly kind: "actions"; readonly actions: readonly Action[] }
  /** Matches actions only if case is ignored. */
  | { readonly kind: "other case"; readonly actions: readonly Action[] }
  /** Name of API operations, with or without `oss:`, with the actions that they need. */
  | { readonly kind: "api"; readonly needs: readonly string[] }
  /** Word of another cloud or of everyday use, with the actions that authorize the same here. */
  | { readonly kind: "foreign"; readonly needs: readonly string[] }
  /** Action with the prefix of vector or table buckets, which have policies of their own. */
  | { readonly kind: "other bucket"; readonly bucket: "vector" | "table" }
  | { readonly kind: "unknown" };

export const readAction: (word: string) => ActionWord = memoize((word) => {
  const exact = actionsMatching(word);
  if (exact.length > 0) return { kind: "actions", actions: exact };
  const folded = asciiLower(word);
  const near = actions.filter((_, index) => globMatches(folded, lowerNames[index] ?? ""));
  if (near.length > 0) return { kind: "other case", actions: near };
  const needs = lowerApiNames.flatMap((api) => (namesApi(folded, api.name) ? api.needs : []));
  if (needs.length > 0) return { kind: "api", needs: [...new Set(needs)] };
  const [, bucket] = /^(?:acs:)?oss(vector|table)s?:/.exec(folded) ?? [];
  if (bucket === "vector" || bucket === "table") return { kind: "other bucket", bucket };
  const meant = foreignNeeds(folded);
  return meant === undefined ? { kind: "unknown" } : { kind: "foreign", needs: meant };
});

/** Prefixes of other clouds, such as `s3:`, `cos:`, `obs:object:`, and the slips `acs:oss:` and `oss.`. */
const cloudPrefix =
  /^(?:s3|s3-object-lambda|cos|name\/cos|obs(?::(?:bucket|object))?|acs:oss|oss[:.]{1,2}|oss:oss):?/;

/** Returns the actions that a word of another cloud means here; undefined for patterns and unknown words. */
function foreignNeeds(folded: string): readonly string[] | undefined {
  const [prefix = ""] = cloudPrefix.exec(folded) ?? [];
  const bare = folded.slice(prefix.length);
  if (isPattern(bare) || bare === "") return undefined;
  return meanings.get(bare);
}

/** Returns true if a word names an API. A pattern without the prefix, such as `Get*`, does not. */
function namesApi(folded: string, name: string): boolean {
  return folded === name || globMatches(folded, `oss:${name}`);
}

export function findAction(name: string): Action | undefined {
  return byName.get(name);
}

/** Returns the actions that a pattern matches, case-sensitively: OSS does not document if case matters. */
export const actionsMatching: (pattern: string) => readonly Action[] = memoize((pattern) => {
  const named = findAction(pattern);
  if (named !== undefined) return [named];
  if (!isPattern(pattern)) return [];
  return actions.filter(({ name }) => globMatches(pattern, name));
});

/**
 * Returns true if a pattern matches more actions when letter case is ignored: more of the catalogue, or unknown
 * ones because the pattern does not begin as OSS spells actions.
 */
export const matchesMoreInAnyCase = memoize((pattern) => {
  const folded = asciiLower(pattern);
  return (
    beginsInOtherCase(pattern) ||
    actions.some(
      ({ name }, index) => globMatches(folded, lowerNames[index] ?? "") && !globMatches(pattern, name),
    )
  );
});

/** Returns true if the literal prefix begins like `oss:` and a capital letter, but in another letter case. */
function beginsInOtherCase(pattern: string): boolean {
  const prefix = "oss:";
  const [head = ""] = /^[^*?]*/.exec(pattern) ?? [];
  const [service, name] = [head.slice(0, prefix.length), head.slice(prefix.length)];
  return prefix.startsWith(asciiLower(service)) && (!prefix.startsWith(service) || /^[a-z]/.test(name));
}

export function isPattern(word: string): boolean {
  return /[*?]/.test(word);
}

/** Returns true if a bucket policy can grant an action: other levels have another form of Resource. */
export function isGrantable({ level }: Action): boolean {
  return level === "bucket" || level === "object";
}
