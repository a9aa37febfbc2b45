import { accessLevels, actions, actionsMatching, type AccessLevel, type Action } from "../policy/actions.ts";
import type { ConditionTerm, PrincipalWord, ValueWord } from "./describe/describe.ts";
import type { PatternWord } from "./describe/pattern-words.ts";
import {
  isOpen,
  observedIn,
  pointTexts,
  positionText,
  wasObserved,
  type Dependence,
  type OpenQuestion,
  type PointPosition,
} from "./interpretation-texts.ts";
import { literalText, patternText } from "./quote.ts";
import type { AccessChange } from "./describe/access-changes.ts";
import type { Decision, Request } from "./request.ts";
import type { Term } from "./describe/set-cover.ts";

/** Verbs for a policy's decision on a request. */
export const decisionTexts: Readonly<Record<Decision, string>> = {
  allow: "allowed",
  deny: "denied",
  none: "not matched",
};

/** Names for UIDs and role sessions, by UID or ARN. */
export type Names = ReadonlyMap<string, string>;

const noNames: Names = new Map();

/** Returns `data-team (202147604049351234)`, or the text itself if it has no name. */
export function namedText(text: string, names: Names): string {
  const name = names.get(text);
  return name === undefined || name.endsWith(` ${text}`) ? (name ?? text) : `${name} (${text})`;
}

/** Renders a request, such as `anonymous oss:GetObject on logs/x from 10.0.0.1`. */
export function requestText({ principal, action, resource, context }: Request, names = noNames): string {
  const isWord = principal === "anonymous" || principal === "owner";
  const who = names.has(principal) || isWord ? namedText(principal, names) : literalText(principal);
  const on = resource === "" ? "on the bucket" : `on ${literalText(resource)}`;
  return [who, action, on, ...[...context].map(([key, value]) => contextText(key, value))].join(" ");
}

function contextText(key: string, value: string): string {
  switch (key) {
    case "acs:SecureTransport":
      return value === "false" ? "over plain http" : "over TLS";
    case "acs:SourceVpc":
      return value === "" ? "from outside of any VPC" : `from ${literalText(value)}`;
    case "acs:SourceIp":
      return `from ${value}`;
    case "acs:CurrentTime":
      return `at ${value}`;
  }
  return `with ${literalText(key)}=${literalText(value)}`;
}

/** Options for rendering an access change. */
export interface RenderOptions {
  readonly names?: Names | undefined;
  /** Length above which lists are cut, with the number of omitted members. */
  readonly maxShown?: number;
}

const maxShown = 6;

/** Renders an access change with cut lists, such as `everyone: oss:GetObject on logs/*, over TLS`. */
export function accessChangeText(region: Omit<AccessChange, "witness">, names = noNames): string {
  return renderRegion(region, { names, maxShown });
}

/** Renders an access change. The text can be parsed back exactly unless lists are cut. */
export function renderRegion(
  change: Omit<AccessChange, "witness">,
  { names = noNames, maxShown: most = Infinity }: RenderOptions = {},
): string {
  const { principals, on, conditions } = change;
  const keys = on.keys.map((term) => termText(term, "all objects", patternText));
  const what = listText([...(on.bucket ? [{ text: "the bucket", isLong: false }] : []), ...keys], most);
  const who = listText(
    principals.map((term) => termText(term, "everyone", (word) => principalText(word, names))),
    Infinity,
  );
  const text = `${who}: ${actionsText(change, most)} on ${what}`;
  return [text, ...conditions.map(conditionText)].join(", ");
}

/** Returns the four parts of an access change as texts. In `resources`, `(bucket)` is the bucket, others are keys. */
export function regionLists({ principals, actions: what, on, conditions }: Omit<AccessChange, "witness">): {
  readonly principals: readonly string[];
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions: readonly string[];
} {
  const keys = on.keys.map((term) => termText(term, "*", patternText).text);
  return {
    principals: principals.map(
      (term) => termText(term, "everyone", (word) => principalText(word, noNames)).text,
    ),
    actions: what.map((term) => termText(term, "oss:*", wordText).text),
    resources: [...(on.bucket ? ["(bucket)"] : []), ...keys],
    conditions: conditions.map((one) => `${literalText(one.key)}: ${valuesText(one, "any")}`),
  };
}

/** Term in words. */
export interface TermText {
  readonly text: string;
  /** True if the text ends in a list of exceptions. */
  readonly isLong: boolean;
}

export function termText<W>({ all, except }: Term<W>, any: string, wordText: (word: W) => string): TermText {
  const base = all.length === 0 ? any : all.map(wordText).join(" and ");
  const text = except.length === 0 ? base : `${base} except ${except.map(wordText).join(", ")}`;
  return { text, isLong: except.length > 0 };
}

/** Joins terms. Exceptions extend to the end of the list or to the next semicolon. */
export function listText(terms: readonly TermText[], most: number): string {
  const shown = terms.length > most ? terms.slice(0, most) : terms;
  const rest = terms.length - shown.length;
  const separator = shown.slice(0, -1).some(({ isLong }) => isLong) ? "; " : ", ";
  const text = shown.map((term) => term.text).join(separator);
  return rest === 0 ? text : `${text} and ${rest} more`;
}

export function principalText(word: PrincipalWord, names: Names): string {
  if (word.kind === "UID") return namedText(word.uid, names);
  if (word.kind !== "role") return word.kind;
  const style = { isLiteral: false, foldsCase: false };
  const pattern = patternText({ text: word.pattern, style });
  const text = names.has(word.pattern) ? namedText(word.pattern, names) : pattern;
  return word.foldsCase ? `${text} in any case` : text;
}

export function wordText(word: PatternWord): string {
  return `${patternText(word)}${word.style.foldsCase ? " in any case" : ""}`;
}

/** Renders actions. Long lists begin with their access levels: `read and list actions (...)`. */
function actionsText(change: ActionsOn, most: number): string {
  const { actions: terms } = change;
  const list = listText(
    terms.map((term) => termText(term, "oss:*", wordText)),
    most,
  );
  if (terms.length <= maxShown) return list;
  const levels = levelsOf(change);
  const last = levels.at(-1) ?? "other";
  return `${levels.length < 2 ? last : `${levels.slice(0, -1).join(", ")} and ${last}`} actions (${list})`;
}

/** Actions, and what they act on. */
type ActionsOn = Pick<AccessChange, "actions" | "on">;

/** Returns the actions of the catalogue that one of the terms includes and that act on the bucket or on objects, as here. */
export function actionsIn({ actions: terms, on }: ActionsOn): readonly Action[] {
  const possible = actions.filter(({ level }) =>
    level === "bucket" ? on.bucket : level === "object" && on.keys.length > 0,
  );
  return possible.filter((action) => terms.some((term) => includes(term, action)));
}

/** Returns the access levels of these actions, from read to admin; none for actions that the catalogue lacks. */
export function levelsOf(one: ActionsOn): readonly AccessLevel[] {
  const found = knownLevels.get(one) ?? accessLevels.filter(levelIn(one));
  knownLevels.set(one, found);
  return found;
}

/** Levels of access changes, which reports ask for again and again. */
const knownLevels = new WeakMap<ActionsOn, readonly AccessLevel[]>();

function levelIn(one: ActionsOn): (level: AccessLevel) => boolean {
  const meant = new Set(actionsIn(one).map(({ access }) => access));
  return (level) => meant.has(level);
}

function includes({ all, except }: Term<PatternWord>, action: Action): boolean {
  const matches = ({ text }: PatternWord) => actionsMatching(text).includes(action);
  return all.every(matches) && !except.some(matches);
}

export function conditionText(condition: ConditionTerm): string {
  const { key, values, orAbsent } = condition;
  switch (key) {
    case "acs:SecureTransport":
      if (values.length === 1 && !orAbsent) return isTrue(values) ? "over TLS" : "over plain http";
      break;
    case "acs:SourceIp":
      return `from ${valuesText(condition, "any address")}`;
    case "acs:SourceVpc":
      return vpcText(values);
    case "acs:CurrentTime":
      return values.map(timeText).join(" or ");
  }
  return `where ${literalText(key)} is ${valuesText(condition, "present")}`;
}

function isTrue([term]: readonly Term<ValueWord>[]): boolean {
  const word = term?.all[0];
  return word?.kind === "bool" && word.value === "true";
}

/** Beginning of the time axis: a span from here has no beginning that a policy names. */
const firstMoment = new Date(0).toISOString();

function timeText({ all: [word] }: Term<ValueWord>): string {
  if (word?.kind !== "span") return "at any time";
  if (word.from === firstMoment && word.to !== undefined) return `until ${word.to}`;
  return word.from === word.to ? `at ${word.from}` : valueText(word);
}

/** Renders the values of a key; `any` is the text for every value of a present key. */
function valuesText({ values, orAbsent }: ConditionTerm, any: string): string {
  const texts = values.map((term) => termText(term, any, valueText).text);
  return [...texts, ...(orAbsent ? ["absent"] : [])].join(" or ");
}

function valueText(word: ValueWord): string {
  switch (word.kind) {
    case "text":
      return wordText(word.word);
    case "bool":
      return word.value;
    case "network":
      return word.cidr;
    case "span":
      if (word.to === undefined) return `from ${word.from}`;
      return word.from === word.to ? word.from : `from ${word.from} to ${word.to}`;
  }
}

/** Renders acs:SourceVpc: the empty text is a request from the Internet, any other value the id of a VPC. */
function vpcText(values: readonly Term<ValueWord>[]): string {
  const terms = values.map(vpcTerm);
  if (terms.length === 1 && terms[0] === "none") return "from outside of any VPC";
  return `from ${terms.join(" or ")}`;
}

function vpcTerm({ all, except }: Term<ValueWord>): string {
  const excepted = except.map(vpcWord).join(", ");
  if (all.length === 0)
    return except.length === 0 ? "any VPC or none" : `any VPC or none, except ${excepted}`;
  const words = all.map(vpcWord);
  const base = words.every((word) => word === "none" || word === "any VPC")
    ? words.join(" and ")
    : `VPC ${words.join(" and ")}`;
  return except.length === 0 ? base : `${base} except ${excepted}`;
}

function vpcWord(word: ValueWord): string {
  if (word.kind !== "text") return valueText(word);
  const { text, style } = word.word;
  if (text === "") return "none";
  return text === "vpc-*" && !style.isLiteral ? "any VPC" : wordText(word.word);
}

/** Returns the open questions as one sentence; empty if there are none. */
export function openPointsText(questions: readonly OpenQuestion[]): string {
  if (questions.length === 0) return "";
  return `OSS does not document ${questions.map((name) => pointTexts[name].question).join("; or ")}`;
}

/**
 * Returns `only if A and B, or if C, which OSS does not document`, or `since A (observed in cn-hangzhou on 2026-11-28)`,
 * or both; empty without alternatives.
 */
export function dependenceText(dependence: Dependence): string {
  const clauses = clausesText(dependence);
  const only = clauses === "" ? [] : [`only ${clauses}, which OSS does not document`];
  const observed = observedIn(dependence);
  return [...only, ...(observed.length === 0 ? [] : [`since ${observedText(observed)}`])].join(", ");
}

/** Returns the alternatives that are open as `if A and B, or if C`; empty if the result is decided. */
export function clausesText(dependence: Dependence): string {
  if (!isOpen(dependence)) return "";
  const open = dependence.map((positions) => positions.filter((one) => !wasObserved(one)));
  return open.map((positions) => `if ${positions.map(positionText).join(" and ")}`).join(", or ");
}

/** Returns observed positions as `A and B (observed in cn-hangzhou on 2026-11-28)`; empty if there are none. */
export function observedText(positions: readonly PointPosition[]): string {
  const byPlace = new Map<string, string[]>();
  for (const one of positions) {
    const place = observationText(one);
    byPlace.set(place, [...(byPlace.get(place) ?? []), positionText(one)]);
  }
  return [...byPlace].map(([place, texts]) => `${texts.join(" and ")} (${place})`).join("; ");
}

/** Returns `observed in cn-hangzhou on 2026-11-28`; empty for a position that was not observed. */
export function observationText({ observed }: PointPosition): string {
  return observed === undefined ? "" : `observed in ${observed.region} on ${observed.date}`;
}
