import type { PatternWord } from "../access/describe/pattern-words.ts";
import type { Term } from "../access/describe/set-cover.ts";
import type { TurnWithin } from "../access/within.ts";
import { patternText } from "../access/quote.ts";
import type { Extent } from "../proof/extent.ts";

/** Returns the extent without its marks, such as `none`, `bucket`, `all objects` or `logs/* and 2 more`. */
export function extentWords(extent: Extent): string {
  if (extent.kind !== "some") return extent.kind;
  const { bucket, keys } = extent;
  const [first, ...others] = keys.map(keyText);
  const list =
    others.length > 1 ? [`${first ?? ""} and ${others.length} more`] : [first ?? [], others].flat();
  return [...(bucket ? ["bucket"] : []), ...list].join(", ");
}

/** Returns the marks of an extent. They are text, so that no colour is needed to see them. */
export function extentMarks(extent: Extent): readonly string[] {
  if (extent.kind !== "some") return [];
  const condition = { never: [], sometimes: ["partly conditional"], always: ["conditional"] }[
    extent.condition
  ];
  return [
    ...condition,
    ...(extent.isOfSomeSessions ? ["some sessions"] : []),
    ...(extent.isOpen ? ["undocumented"] : []),
    ...(extent.isObserved ? ["as observed"] : []),
  ];
}

/** Returns the extent with its marks, such as `logs/* (conditional)`. */
export function extentText(extent: Extent): string {
  const marks = extentMarks(extent);
  return marks.length === 0 ? extentWords(extent) : `${extentWords(extent)} (${marks.join(", ")})`;
}

function keyText({ all, except }: Term<PatternWord>): string {
  const base = all.length === 0 ? "all objects" : all.map(patternText).join(" and ");
  const [first, ...others] = except.map(patternText);
  if (first === undefined) return base;
  return `${base} except ${first}${others.length === 0 ? "" : ` and ${others.length} more`}`;
}

/** Words for a cell that changes; empty if it does not. */
export const turnTexts: Readonly<Record<TurnWithin, string>> = {
  same: "",
  wider: "wider",
  narrower: "narrower",
  different: "different",
  undecided: "undecided",
};

export const ownerNote = "The owner of a bucket never needs its policy.";

/** Explains the words of a cell. */
export const extentNote =
  "Each access level says on what at least one of its actions is allowed. " +
  '"conditional": only under a condition other than TLS; ' +
  '"some sessions": not for all sessions of the role; ' +
  '"undocumented": it depends on a point that OSS does not document; ' +
  '"as observed": it rests on what was observed of OSS.';
