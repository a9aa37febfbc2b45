import { actions, type Action } from "./action-catalogue.ts";
import { apiNames, foreignNames } from "./action-names.ts";
import { asciiLower } from "./ascii.ts";
import { globMatches } from "./glob.ts";
import { remembered } from "../memoize.ts";

export { actions, type Action } from "./action-catalogue.ts";
export { apiNames } from "./action-names.ts";

const byName: ReadonlyMap<string, Action> = new Map(actions.map((action) => [action.name, action]));

/** What a word of `Action` can be; exactly one of these. */
export type ActionWord =
  /** A name, or a pattern that matches at least one. */
  | { readonly kind: "actions"; readonly actions: readonly Action[] }
  /** Matches actions only where case is left aside. */
  | { readonly kind: "other case"; readonly actions: readonly Action[] }
  /** Names of API operations, with or without `oss:`, and the actions that those need. */
  | { readonly kind: "api"; readonly needs: readonly string[] }
  /** A word of another cloud or of everyday use, and the actions that authorise the same here. */
  | { readonly kind: "foreign"; readonly needs: readonly string[] }
  /** An action with the prefix of vector or table buckets, which have policies of their own. */
  | { readonly kind: "other bucket"; readonly bucket: "vector" | "table" }
  | { readonly kind: "unknown" };

export const readAction: (word: string) => ActionWord = remembered((word) => {
  const exact = actionsMatching(word);
  if (exact.length > 0) return { kind: "actions", actions: exact };
  const folded = asciiLower(word);
  const near = actions.filter(({ name }) => globMatches(folded, asciiLower(name)));
  if (near.length > 0) return { kind: "other case", actions: near };
  const needs = [...apiNames].filter(([name]) => namesApi(folded, name)).flatMap(([, needed]) => needed);
  if (needs.length > 0) return { kind: "api", needs: [...new Set(needs)] };
  const [, bucket] = /^(?:acs:)?oss(vector|table)s?:/.exec(folded) ?? [];
  if (bucket === "vector" || bucket === "table") return { kind: "other bucket", bucket };
  const meant = foreignNeeds(folded);
  return meant === undefined ? { kind: "unknown" } : { kind: "foreign", needs: meant };
});

/** `s3:`, `cos:`, `name/cos:`, `obs:object:` and the like, and the slips `acs:oss:` and `oss.`. */
const cloudPrefix =
  /^(?:s3|s3-object-lambda|cos|name\/cos|obs(?::(?:bucket|object))?|acs:oss|oss[:.]{1,2}|oss:oss):?/;

/** What a word of another cloud is here; a pattern only where a pattern with the prefix of OSS says the same. */
function foreignNeeds(folded: string): readonly string[] | undefined {
  const [prefix = ""] = cloudPrefix.exec(folded) ?? [];
  const bare = folded.slice(prefix.length);
  if (isPattern(bare) || bare === "") return undefined;
  const named = [...foreignNames, ...apiNames].find(([name]) => name.toLowerCase() === bare);
  if (named !== undefined) return named[1];
  const same = actions.find(({ name }) => name.toLowerCase() === `oss:${bare}`);
  return same === undefined ? undefined : [same.name];
}

/** A pattern without the prefix, such as `Get*`, is no talk of APIs: it lacks the prefix. */
function namesApi(folded: string, name: string): boolean {
  return folded === asciiLower(name) || globMatches(folded, asciiLower(`oss:${name}`));
}

export function findAction(name: string): Action | undefined {
  return byName.get(name);
}

/** The actions that a pattern matches, with case: whether OSS leaves case aside is not documented. */
export const actionsMatching: (pattern: string) => readonly Action[] = remembered((pattern) => {
  const named = findAction(pattern);
  if (named !== undefined) return [named];
  if (!isPattern(pattern)) return [];
  return actions.filter(({ name }) => globMatches(pattern, name));
});

/**
 * Whether a pattern matches actions with letter case left aside that it does not match with it: of the
 * catalogue, or others where the pattern does not begin as OSS spells actions.
 */
export const matchesMoreInAnyCase = remembered((pattern) => {
  const folded = asciiLower(pattern);
  return (
    beginsInOtherCase(pattern) ||
    actions.some(({ name }) => globMatches(folded, asciiLower(name)) && !globMatches(pattern, name))
  );
});

/** `oss:` and a capital letter, but for letter case; what follows a wildcard may be in any case. */
function beginsInOtherCase(pattern: string): boolean {
  const prefix = "oss:";
  const [head = ""] = /^[^*?]*/.exec(pattern) ?? [];
  const [service, name] = [head.slice(0, prefix.length), head.slice(prefix.length)];
  return prefix.startsWith(asciiLower(service)) && (!prefix.startsWith(service) || /^[a-z]/.test(name));
}

export function isPattern(word: string): boolean {
  return /[*?]/.test(word);
}

/** Whether a bucket policy has a say over an action: those on other things have another form of Resource. */
export function isGrantable({ level }: Action): boolean {
  return level === "bucket" || level === "object";
}

/** What people call a kind of access; the levels are inferred from the names of the actions. */
export const accessLevels = ["read", "list", "write", "delete", "admin"] as const;
export type AccessLevel = (typeof accessLevels)[number];

const levelOfAccess: Readonly<Record<Action["access"], AccessLevel>> = {
  Read: "read",
  List: "list",
  Write: "write",
  Tagging: "write",
  "Permissions management": "admin",
};

export function accessLevel({ name, access }: Action): AccessLevel {
  if (access === "Permissions management") return "admin";
  return /^oss:(Delete|Abort)/.test(name) ? "delete" : levelOfAccess[access];
}
