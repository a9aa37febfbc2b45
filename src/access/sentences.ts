/** Access changes as sentences: who gets or loses what, on which objects, and under what. */

import type { AccessLevel } from "../policy/actions.ts";
import type { AccessChange } from "./describe/access-changes.ts";
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

const predicates: Readonly<Record<AccessEffect, readonly [words: string, on: string]>> = {
  gains: ["can", ""],
  loses: ["loses", " on"],
  newlyBlocked: ["is now denied", " on"],
  blockLifted: ["is no longer denied", " on"],
};

/**
 * Returns a sentence such as `alice can read logs/*, over TLS (oss:GetObject)`. Actions are named by their
 * access levels first.
 */
export function changeSentence(region: Region, names: Names): string {
  const [words, on] = predicates[region.effect];
  const what = levelsText(region, region.effect === "gains" ? verbs : nouns);
  const clause = `${callersText(region, names)} ${words} ${what}${on} ${targetText(region)}`;
  const list = listText(
    region.actions.map((term) => termText(term, "every action", wordText)),
    maxMembers,
  );
  return `${[clause, ...region.conditions.map(conditionText)].join(", ")} (${list})`;
}

/** Returns the callers. "everyone" is only said where no network confines them. */
function callersText({ principals, conditions }: Region, names: Names): string {
  const isConfined = conditions.some(({ key }) => key === "acs:SourceIp" || key === "acs:SourceVpc");
  const any = isConfined ? "any caller" : "everyone";
  return listText(
    principals.map((term) => termText(term, any, (word) => principalText(word, names))),
    maxMembers,
  );
}

function levelsText({ actions }: Region, words: Readonly<Record<AccessLevel, string>>): string {
  const levels = levelsOf(actions).map((level) => words[level]);
  const last = levels.at(-1);
  if (last === undefined) return "other actions";
  return levels.length === 1 ? last : `${levels.slice(0, -1).join(", ")} and ${last}`;
}

function targetText({ on }: Region): string {
  const keys = on.keys.map((term) => termText(term, "all objects", patternText));
  return listText([...(on.bucket ? [{ text: "the bucket", isLong: false }] : []), ...keys], maxMembers);
}
