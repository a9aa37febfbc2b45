/** Access changes as sentences: who gets or loses what, on which objects, and under what. */

import { memoizeOf } from "../memoize.ts";
import type { AccessLevel } from "../policy/actions.ts";
import type { AccessChange } from "./describe/access-changes.ts";
import type { PrincipalWord } from "./describe/describe.ts";
import type { Term } from "./describe/set-cover.ts";
import type { AccessEffect } from "./effect.ts";
import { patternText } from "./quote.ts";
import {
  conditionText,
  levelsOf,
  listText,
  principalText,
  termText,
  wordText,
  type Names,
  type TermText,
} from "./render.ts";

type Region = Omit<AccessChange, "witness">;

/** Maximum of members of a list in a sentence. */
const maxMembers = 4;

const verbs: Readonly<Record<AccessLevel, string>> = {
  read: "read",
  list: "list",
  write: "write",
  delete: "delete",
  admin: "administer",
};
const nouns: Readonly<Record<AccessLevel, string>> = { ...verbs, admin: "administration" };

interface Predicate {
  readonly one: string;
  readonly many: string;
  /** Word between the access levels and the objects. */
  readonly on: string;
}

const predicates: Readonly<Record<AccessEffect, Predicate>> = {
  gains: { one: "can", many: "can", on: "" },
  loses: { one: "loses", many: "lose", on: " on" },
  newlyBlocked: { one: "is now denied", many: "are now denied", on: " on" },
  blockLifted: { one: "is no longer denied", many: "are no longer denied", on: " on" },
};

/**
 * Returns a sentence such as `alice can read logs/*, over TLS (oss:GetObject)`. Actions are named by their
 * access levels first, and callers by their names alone. Memoized, since many buckets have the same changes.
 */
export function changeSentence(region: Region, names: Names): string {
  return sentencesWith(names)(region);
}

const sentencesWith = memoizeOf((names: Names) => memoizeOf((region: Region) => sentenceOf(region, names)));

function sentenceOf(region: Region, names: Names): string {
  const { effect, principals, actions } = region;
  const { one, many, on } = predicates[effect];
  const words = principals.length > 1 ? many : one;
  const clause = `${callersText(region, names)} ${words} ${levelsText(region)}${on} ${targetText(region)}`;
  const text = [clause, ...region.conditions.map(conditionText)].join(", ");
  if (isEveryAction(region)) return text;
  const list = listText(
    actions.map((term) => termText(term, "every action", wordText)),
    maxMembers,
  );
  return `${text} (${list})`;
}

/** Returns whether the sentence of an access change leaves out members of a list. */
export function isSentenceCut({ principals, actions, on }: Region): boolean {
  return [principals.length, actions.length, on.keys.length + (on.bucket ? 1 : 0)].some(
    (count) => count > maxMembers,
  );
}

/** Returns the callers. "everyone" is only said where no network confines them. */
function callersText({ effect, principals, conditions }: Region, names: Names): string {
  const isConfined = conditions.some(({ key }) => key === "acs:SourceIp" || key === "acs:SourceVpc");
  const any = isConfined ? "any caller" : "everyone";
  const shown = effect === "gains" ? principals.map(withoutOwner) : principals;
  return listText(
    shown.map((term) => termText(term, any, (word) => callerText(word, names))),
    maxMembers,
  );
}

/** Leaves the owner out of the exceptions from everyone, who gain: the owner needs no policy. */
function withoutOwner({ all, except }: Term<PrincipalWord>): Term<PrincipalWord> {
  return { all, except: all.length > 0 ? except : except.filter(({ kind }) => kind !== "owner") };
}

function callerText(word: PrincipalWord, names: Names): string {
  return nameOf(word, names) ?? everyRoleText(word, names) ?? principalText(word, names);
}

/** Returns `every role of account staging` for the pattern of every session of every role of one account. */
function everyRoleText(word: PrincipalWord, names: Names): string | undefined {
  const [, uid] =
    (word.kind === "role" && /^arn:sts::(\d+):assumed-role\/\*(?:\/\*)?$/.exec(word.pattern)) || [];
  return uid === undefined ? undefined : `every role of ${names.get(uid) ?? `account ${uid}`}`;
}

function nameOf(word: PrincipalWord, names: Names): string | undefined {
  if (word.kind === "UID") return names.get(word.uid);
  return word.kind === "role" && !word.foldsCase ? names.get(word.pattern) : undefined;
}

function isEveryAction({ actions: [first, ...more] }: Region): boolean {
  return first !== undefined && more.length === 0 && first.all.length === 0 && first.except.length === 0;
}

function levelsText(region: Region): string {
  const { effect } = region;
  if (isEveryAction(region)) return effect === "gains" ? "do everything on" : "everything";
  const words = effect === "gains" ? verbs : nouns;
  const levels = levelsOf(region).map((level) => words[level]);
  const last = levels.at(-1);
  if (last === undefined) return effect === "gains" ? "use other actions on" : "other actions";
  return levels.length === 1 ? last : `${levels.slice(0, -1).join(", ")} and ${last}`;
}

function targetText({ on }: Region): string {
  const keys = on.keys.map((term) => termText(term, "all objects", patternText));
  const [only] = keys;
  if (on.bucket && only?.text === "all objects" && keys.length === 1) return "the bucket and all objects";
  const bucket: readonly TermText[] = on.bucket ? [{ text: "the bucket", isLong: false }] : [];
  return listText([...bucket, ...keys], maxMembers);
}
