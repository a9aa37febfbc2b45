import { actions, type Action } from "./action-catalogue.ts";
import { asciiLower } from "./ascii.ts";
import { globMatches } from "./glob.ts";
import { remembered } from "./remembered.ts";

export { actions, type Action } from "./action-catalogue.ts";

const byName: ReadonlyMap<string, Action> = new Map(actions.map((action) => [action.name, action]));

/** Names of API operations that are not actions, with the actions that they need (OSS docs: policy syntax). */
export const apiNames: ReadonlyMap<string, readonly string[]> = new Map([
  ["GetService", ["oss:ListBuckets"]],
  ["GetBucket", ["oss:ListObjects"]],
  ["ListObjectsV2", ["oss:ListObjects"]],
  ["GetBucketVersions", ["oss:ListObjectVersions"]],
  ["HeadObject", ["oss:GetObject"]],
  ["GetObjectMeta", ["oss:GetObject"]],
  ["SelectObject", ["oss:GetObject"]],
  ["GetSymlink", ["oss:GetObject"]],
  ["PostObject", ["oss:PutObject"]],
  ["AppendObject", ["oss:PutObject"]],
  ["PutSymlink", ["oss:PutObject"]],
  ["InitiateMultipartUpload", ["oss:PutObject"]],
  ["UploadPart", ["oss:PutObject"]],
  ["CompleteMultipartUpload", ["oss:PutObject"]],
  ["CopyObject", ["oss:GetObject", "oss:PutObject"]],
  ["UploadPartCopy", ["oss:GetObject", "oss:PutObject"]],
  ["DeleteMultipleObjects", ["oss:DeleteObject"]],
  ["PutBucketTags", ["oss:PutBucketTagging"]],
  ["GetBucketTags", ["oss:GetBucketTagging"]],
  ["DeleteBucketTags", ["oss:DeleteBucketTagging"]],
  ["ListBucketInventory", ["oss:GetBucketInventory"]],
  ["ListBucketRequesterQoSInfos", ["oss:ListBucketRequesterQoSInfo"]],
  ["GetLiveChannelInfo", ["oss:GetLiveChannel"]],
]);

/** What a word of `Action` can be; exactly one of these. */
export type ActionWord =
  /** A name, or a pattern that matches at least one. */
  | { readonly kind: "actions"; readonly actions: readonly Action[] }
  /** Matches actions only where case is left aside. */
  | { readonly kind: "other case"; readonly actions: readonly Action[] }
  /** Names of API operations, with or without `oss:`, and the actions that those need. */
  | { readonly kind: "api"; readonly needs: readonly string[] }
  | { readonly kind: "unknown" };

export const readAction: (word: string) => ActionWord = remembered((word) => {
  const exact = actionsMatching(word);
  if (exact.length > 0) return { kind: "actions", actions: exact };
  const folded = asciiLower(word);
  const near = actions.filter(({ name }) => globMatches(folded, asciiLower(name)));
  if (near.length > 0) return { kind: "other case", actions: near };
  const needs = [...apiNames].filter(([name]) => namesApi(folded, name)).flatMap(([, needed]) => needed);
  return needs.length > 0 ? { kind: "api", needs: [...new Set(needs)] } : { kind: "unknown" };
});

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

/** Whether a pattern matches actions with letter case left aside that it does not match with it. */
export const matchesMoreInAnyCase = remembered((pattern) => {
  const folded = asciiLower(pattern);
  return actions.some(({ name }) => globMatches(folded, asciiLower(name)) && !globMatches(pattern, name));
});

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
