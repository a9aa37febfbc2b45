/** What a reviewer is shown of a change, as data that each report formats in its own way. */

import type { AccessDifference, KnownAccessChange } from "../access/difference.ts";
import type { AccessEffect } from "../access/effect.ts";
import { accessChangeText, requestText, type Names } from "../access/render.ts";
import { changeSentence, isSentenceCut } from "../access/sentences.ts";
import { blocks, riskOf, type Hazard } from "../plan/hazard.ts";
import { isWriting, type Change } from "../plan/plan.ts";
import { gains, liftsDeny, opensToAnonymous } from "./order.ts";
import { shorten } from "./printable.ts";
import type { Tone } from "./tone.ts";
import { hazardPhrases } from "./review-reasons.ts";
import {
  blockerText,
  conditionalText,
  decisionChangeText,
  reportedHazards,
  worstHazard,
} from "./vocabulary.ts";

/** Returns the tone of a change: red if it is blocked or public, amber if it gives access. */
export function toneOf(change: Change): Tone {
  if (change.blocked || change.action === "unreadable" || opensToAnonymous(change)) return "bad";
  if (gains(change) || liftsDeny(change) || riskOf(change.hazards) === "warn") return "watch";
  return isWriting(change) && change.access.verdict === "equal" ? "good" : "neutral";
}

/** Returns what blocks a change, or what was accepted and its risk; empty if it has none. */
export function riskLabel(change: Change): string {
  const blocker = blockerText(change);
  if (blocker !== "" || change.action === "unreadable") return blocker;
  const { hazards } = change;
  const accepted = hazards.filter(
    ({ severity, ...one }) => severity === "block" && one.accepted !== undefined,
  );
  const codes = [...new Set(accepted.map(({ code }) => code))].join(", ");
  const risk = riskOf(hazards);
  // What was accepted is graver than a note, so the note is left out.
  if (codes !== "") return risk === "warn" ? `accepted: ${codes}; risk: warn` : `accepted: ${codes}`;
  return risk === "none" ? "" : `risk: ${risk}`;
}

/** One access change: its sentence, and the details below it. */
export interface AccessLine {
  readonly effect: AccessEffect;
  readonly tone: Tone;
  readonly sentence: string;
  /** Interpretations under which it exists; empty for all. */
  readonly condition: string;
  /** All members where the sentence leaves some out; empty otherwise. */
  readonly exact: string;
  readonly example: string;
  readonly decisions: string;
}

/** Returns the lines of the first access changes. */
export function accessLines(
  regions: readonly KnownAccessChange[],
  { names, isBlocked }: { readonly names: Names; readonly isBlocked: boolean },
): readonly AccessLine[] {
  return regions.map((region) => ({
    effect: region.effect,
    tone: effectTone(region, isBlocked),
    sentence: changeSentence(region, names),
    condition: conditionalText(region),
    exact: isSentenceCut(region) ? accessChangeText(region, names) : "",
    example: requestText(region.witness, names),
    decisions: decisionChangeText(region),
  }));
}

function effectTone({ effect, witness }: KnownAccessChange, isBlocked: boolean): Tone {
  if (effect !== "gains" && effect !== "blockLifted") return "neutral";
  return isBlocked || witness.principal === "anonymous" ? "bad" : "watch";
}

/** Maximum of characters of a sentence in a table. */
const maxShort = 160;

/** Access of a change in one line, for a table. */
export interface AccessSummary {
  /** First sentence; empty if no access change is known. */
  readonly sentence: string;
  /** What follows the sentence, or stands in its place; without external words. */
  readonly rest: string;
}

export function accessSummary(change: Change): AccessSummary {
  if (!isWriting(change)) return { sentence: "", rest: "-" };
  const { access, names } = change;
  if (access.verdict === "equal") return { sentence: "", rest: "unchanged (proved)" };
  if (access.verdict === "undecided") return { sentence: "", rest: "undecided" };
  const [first, ...more] = access.regions;
  return {
    sentence: first === undefined ? "" : shorten(changeSentence(first, names), maxShort),
    rest: more.length === 0 ? "" : ` and ${more.length} more`,
  };
}

/** The gravest hazard of a change in full. */
export interface Reason {
  readonly hazard: Hazard;
  /** "blocked by", "warning" or "accepted". */
  readonly lead: string;
  readonly text: string;
  /** The text is from this tool, without external words. */
  readonly isOwn: boolean;
  /** Example that no access change shows; empty if there is none. */
  readonly example: string;
}

export interface Reasons {
  readonly first: Reason;
  /** Codes of the other hazards, each with its standing. */
  readonly others: readonly Hazard[];
}

/** Returns the hazards of a change without repeating the access changes that a report shows. */
export function reasonsOf(change: Change): Reasons | undefined {
  if (change.action === "unreadable") return undefined;
  const first = worstHazard(change.hazards);
  if (first === undefined) return undefined;
  const shown = accessShown(change.access, isWriting(change), change.names);
  const others = reportedHazards(change.hazards).filter((one) => one !== first);
  return { first: reasonOf(first, shown, change.names), others };
}

interface ShownTexts {
  readonly sentences: readonly string[];
  readonly examples: readonly string[];
}

function accessShown(access: AccessDifference, isShown: boolean, names: Names): ShownTexts {
  const regions = isShown && access.verdict === "different" ? access.regions : [];
  return {
    sentences: regions.flatMap((region) => [
      changeSentence(region, names),
      changeSentence({ ...region, conditions: [] }, names),
    ]),
    examples: regions.map(({ witness }) => requestText(witness, names)),
  };
}

function reasonOf(hazard: Hazard, { sentences, examples }: ShownTexts, names: Names): Reason {
  const { code, message, about, witness, saysWitness } = hazard;
  const text =
    about !== undefined && [...sentences, ...examples].includes(about.sentence) ? about.adds : message;
  const example = witness === undefined || saysWitness === true ? "" : requestText(witness, names);
  return {
    hazard,
    lead: standing(hazard),
    text: text === "" ? hazardPhrases[code][0] : text,
    isOwn: text === "",
    example: examples.includes(example) ? "" : example,
  };
}

/** Returns the code of a hazard, with the name of the guardrail that is broken. */
export function nameWithGuardrail({ code, guardrail }: Hazard): string {
  return guardrail === undefined ? code : `${code} (${guardrail})`;
}

/** Returns the standing of a hazard in words. */
export function standing(hazard: Hazard): string {
  if (hazard.accepted !== undefined) return "accepted";
  return blocks(hazard) ? "blocked by" : "warning";
}
