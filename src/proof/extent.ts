import type { NamelessChange } from "../access/describe/access-changes.ts";
import type { ConditionTerm } from "../access/describe/describe.ts";
import type { PatternWord } from "../access/describe/pattern-words.ts";
import type { Term } from "../access/describe/set-cover.ts";
import type { AllowedPart } from "../access/within.ts";
import { compareText } from "../diagnostic.ts";
import { globMatches } from "../policy/glob.ts";

/** Extent of what a policy allows of a request set: on what, and if always. */
export type Extent =
  | { readonly kind: "none" }
  | {
      readonly kind: "some";
      /** The bucket itself is included. */
      readonly bucket: boolean;
      /** Union of object keys. */
      readonly keys: readonly Term<PatternWord>[];
      /** Requests need more than TLS; with `sometimes`, a part of them does. */
      readonly condition: "never" | "sometimes" | "always";
      /** Some of it is refused over plain http. */
      readonly needsTls: boolean;
      /** Some sessions of the role have less than this. */
      readonly isOfSomeSessions: boolean;
      /** It depends on a point that OSS does not document. */
      readonly isOpen: boolean;
      /** It would be open without what was observed of OSS. */
      readonly isObserved: boolean;
    }
  | { readonly kind: "undecided"; readonly cause: string };

/**
 * Sums up the allowed part of what one principal may request. `hasFree` returns true if a part of it needs no
 * condition: regions of one condition and of its opposite may share resources.
 */
export function extentOf(part: AllowedPart, principal: string, hasFree: () => boolean): Extent {
  if (part.kind === "undecided") return part;
  const { regions, isOpen, isObserved } = part;
  if (regions.length === 0) return { kind: "none" };
  const isFree = regions.every(({ conditions }) => conditions.every(isTls));
  return {
    kind: "some",
    bucket: regions.some(({ on }) => on.bucket),
    keys: unionOf(regions.flatMap(({ on }) => on.keys)),
    condition: isFree ? "never" : hasFree() ? "sometimes" : "always",
    needsTls: regions.some(({ conditions }) => conditions.some(isTls)),
    isOfSomeSessions: !regions.every((region) => isWhole(region, principal)),
    isOpen,
    isObserved,
  };
}

/** Returns true if a region has all sessions of a role. */
function isWhole({ principals }: NamelessChange, principal: string): boolean {
  return principals.some(
    ({ all, except }) =>
      except.length === 0 && all.every((word) => word.kind !== "role" || word.pattern === principal),
  );
}

function isTls({ key, values, orAbsent }: ConditionTerm): boolean {
  const [term, ...others] = values;
  const word = term?.all[0];
  const isTrue = word?.kind === "bool" && word.value === "true";
  return key === "acs:SecureTransport" && isTrue && others.length === 0 && !orAbsent;
}

/** Removes the terms that another one includes, and sorts the others. */
function unionOf(terms: readonly Term<PatternWord>[]): readonly Term<PatternWord>[] {
  const each = [...new Map(terms.map((term) => [JSON.stringify(term), term])).values()];
  const isSpare = (term: Term<PatternWord>, index: number) =>
    each.some((other, at) => at !== index && includes(other, term) && (at < index || !includes(term, other)));
  const kept = each.filter((term, index) => !isSpare(term, index));
  const text = ({ all, except }: Term<PatternWord>) =>
    JSON.stringify([all, except].map((words) => words.map((word) => word.text)));
  return kept.sort((a, b) => compareText(text(a), text(b)));
}

/** Returns true only if every key of one term is a key of another. A quick check: false proves nothing. */
function includes({ all, except }: Term<PatternWord>, inner: Term<PatternWord>): boolean {
  if (except.length > 0) return false;
  return all.every((word) => inner.all.some((part) => wordIncludes(word, part)));
}

/** Reads the inner pattern as a text: each of its wildcards must fall into a `*` of the outer one. */
function wordIncludes(outer: PatternWord, inner: PatternWord): boolean {
  const isPlain = !outer.style.isLiteral && !outer.style.foldsCase && !outer.text.includes("?");
  return isPlain && !inner.style.foldsCase && globMatches(outer.text, inner.text);
}
