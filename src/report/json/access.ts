import type { PatternWord } from "../../access/describe/pattern-words.ts";
import type { ConditionTerm, PrincipalWord, ValueWord } from "../../access/describe/describe.ts";
import type { AccessDifference, KnownAccessChange } from "../../access/difference.ts";
import type { Dependence, PointPosition } from "../../access/interpretation-texts.ts";
import type { AccessEffect } from "../../access/effect.ts";
import { regionLists, renderRegion } from "../../access/render.ts";
import type { Request } from "../../access/request.ts";
import type { Term } from "../../access/describe/set-cover.ts";
import type { Json, JsonObject } from "../../policy/json.ts";

/** Returns the access as JSON. The four lists are empty unless the verdict is "different". */
export function accessJson(access: AccessDifference): JsonObject {
  const regions = access.verdict === "different" ? access.regions : [];
  const labelled = (label: AccessEffect) =>
    regions.filter((region) => region.effect === label).map(regionJson);
  return {
    verdict: access.verdict,
    ...(access.verdict === "undecided" ? { cause: access.cause } : {}),
    gains: labelled("gains"),
    loses: labelled("loses"),
    newlyBlocked: labelled("newlyBlocked"),
    blockLifted: labelled("blockLifted"),
    dependsOn: access.verdict === "different" ? access.dependsOn : [],
    ...observedJson(access.verdict === "undecided" ? undefined : access.observed),
  };
}

/** Returns the access with the order of all regions, in which reports show them. */
export function orderedAccessJson(access: AccessDifference): JsonObject {
  const json = accessJson(access);
  return access.verdict === "different"
    ? { ...json, order: access.regions.map(({ effect }) => effect) }
    : json;
}

function regionJson(region: KnownAccessChange): JsonObject {
  const { witness, before, after, dependsOn } = region;
  return {
    ...regionLists(region),
    text: renderRegion(region),
    terms: termsJson(region),
    witness: { ...requestJson(witness), before, after },
    ...dependenceJson(dependsOn),
  };
}

/** Returns the alternatives under which a region exists, and all positions that they name. */
function dependenceJson(dependence: Dependence): JsonObject {
  const alternatives = dependence.map((positions) => positions.map(positionJson));
  const named = new Map(alternatives.flat().map((position) => [JSON.stringify(position), position]));
  return { dependsOn: [...named.values()], holdsIf: alternatives };
}

/** Returns a position as JSON, with where and when it was observed. */
export function positionJson({ name, position, observed }: PointPosition): JsonObject {
  return { name, position, ...(observed === undefined ? {} : { observed: { ...observed } }) };
}

/** Returns the observed positions without which a result would be another one; absent if there are none. */
export function observedJson(observed: readonly PointPosition[] | undefined): JsonObject {
  return observed === undefined ? {} : { observed: observed.map(positionJson) };
}

function termsJson({ principals, actions, on, conditions }: KnownAccessChange): JsonObject {
  return {
    principals: principals.map((term) => termJson(term, principalJson)),
    actions: actions.map((term) => termJson(term, wordJson)),
    on: { bucket: on.bucket, keys: on.keys.map((term) => termJson(term, wordJson)) },
    conditions: conditions.map(({ key, values, orAbsent }: ConditionTerm) => ({
      key,
      values: values.map((term) => termJson(term, valueJson)),
      ...kindJson(values),
      orAbsent,
    })),
  };
}

/** Returns the kind of the values where their JSON does not show it; all values of a key are of one kind. */
function kindJson(values: ConditionTerm["values"]): JsonObject {
  const kind = values.flatMap(({ all, except }) => [...all, ...except])[0]?.kind;
  return kind === "bool" || kind === "network" ? { kind } : {};
}

export function termJson<W>({ all, except }: Term<W>, wordOf: (word: W) => Json): JsonObject {
  return { all: all.map(wordOf), except: except.map(wordOf) };
}

function principalJson(word: PrincipalWord): Json {
  if (word.kind === "UID") return word.uid;
  if (word.kind !== "role") return word.kind;
  if (word.foldsCase) return { pattern: word.pattern, ignoreCase: true };
  return isPrincipalWord(word.pattern) ? { pattern: word.pattern } : word.pattern;
}

/** Returns whether a text stands for a UID, or for a kind of principals. */
function isPrincipalWord(text: string): boolean {
  return /^\d+$|^(?:anonymous|owner|any UID|any role session)$/.test(text);
}

/** Returns a pattern with `*` and `?` as a string, and any other member as an object. */
export function wordJson({ text, style: { isLiteral, foldsCase } }: PatternWord): Json {
  const form = isLiteral && /[*?]/.test(text) ? "literal" : "pattern";
  if (form === "pattern" && !foldsCase) return text;
  return { [form]: text, ...(foldsCase ? { ignoreCase: true } : {}) };
}

function valueJson(word: ValueWord): Json {
  switch (word.kind) {
    case "text":
      return wordJson(word.word);
    case "bool":
      return word.value;
    case "network":
      return word.cidr;
    case "span":
      return { from: word.from, ...(word.to === undefined ? {} : { to: word.to }) };
  }
}

export function requestJson({ principal, action, resource, context }: Request): JsonObject {
  return { principal, action, resource, context: Object.fromEntries(context) };
}
