import {
  effectTexts,
  equalText,
  publicAccessText,
  isPublicityNews,
  openPointsNote,
  shownChanges,
} from "../vocabulary.ts";
import { printable } from "../printable.ts";
import type { AccessDifference } from "../../access/difference.ts";
import type { Names } from "../../access/render.ts";
import type { PublicAccess } from "../../plan/public-access.ts";
import { accessLines, type AccessLine } from "../review.ts";
import type { Tone } from "../tone.ts";
import { type Style, type TextStyle } from "./style.ts";

const toneStyles: Readonly<Record<Tone, Style | undefined>> = {
  bad: "red",
  watch: "yellow",
  neutral: undefined,
  good: "green",
};

export function paintTone(tone: Tone, text: string, style: TextStyle): string {
  const colour = toneStyles[tone];
  return colour === undefined ? text : style.paint(colour, text);
}

const noNames: Names = new Map();

/** Renders the changes of access as sentences, worst first, each with an example request. */
export function renderAccess(
  access: AccessDifference,
  style: TextStyle,
  names = noNames,
  isBlocked = false,
): readonly string[] {
  const open = openPointsNote(access);
  const note = open === "" ? [] : [style.paint("dim", `    ${open}`)];
  if (access.verdict === "equal") return [`    ${paintTone("good", equalText, style)}`, ...note];
  if (access.verdict === "undecided")
    return [`    ${paintTone("bad", "undecided", style)}: ${printable(access.cause)}`];
  const { regions, rest } = shownChanges(access);
  return [
    ...accessLines(regions, { names, isBlocked }).flatMap((line) => renderAccessLine(line, style)),
    ...(rest === "" ? [] : [`    ${rest}`]),
    ...note,
  ];
}

function renderAccessLine(line: AccessLine, style: TextStyle): readonly string[] {
  const { effect, tone, sentence, condition, exact, example, decisions } = line;
  const detail = (text: string) => style.paint("dim", `    ${"".padEnd(13)} ${text}`);
  const label = paintTone(tone, effectTexts[effect].padEnd(13), style);
  return [
    `    ${label} ${printable(sentence)}${condition}`,
    ...(exact === "" ? [] : [detail(printable(exact))]),
    detail(`e.g. ${printable(example)}: ${decisions}`),
  ];
}

export function renderPublicAccess(openness: PublicAccess | undefined): readonly string[] {
  if (openness === undefined || !isPublicityNews(openness)) return [];
  return [`    public: ${printable(publicAccessText(openness))}`];
}
