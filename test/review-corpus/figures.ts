import { compareText } from "../../src/diagnostic.ts";
import type { Edit } from "./edit.ts";
import { judgedEdits, type Judged } from "./judge.ts";
import { pullRequestOf } from "./pull-request.ts";

/** What a plan showed for the edits of one kind. */
export interface KindFigures {
  readonly edit: Edit;
  readonly edits: number;
  readonly blocked: number;
  readonly warned: number;
  /** Edits with no hazard above a note: right for a harmless kind, missed for a dangerous one. */
  readonly silent: number;
  /** Edits for which a hazard of the kind was shown. */
  readonly named: number;
  /** Seeds of pull requests with an edit that was judged wrongly. */
  readonly seeds: ReadonlySet<number>;
}

/** Judges the edits of so many pull requests, by kind. Their seeds follow the first. */
export function reviewFigures(count: number, seed: number): readonly KindFigures[] {
  const byKind = new Map<string, KindFigures>();
  for (let index = 0; index < count; index += 1)
    for (const judged of judgedEdits(pullRequestOf(seed + index))) {
      const { edit } = judged.bucket;
      byKind.set(edit.kind, withOne(byKind.get(edit.kind) ?? noneOf(edit), judged, seed + index));
    }
  return [...byKind.values()].sort((a, b) => compareText(a.edit.kind, b.edit.kind));
}

function noneOf(edit: Edit): KindFigures {
  return { edit, edits: 0, blocked: 0, warned: 0, silent: 0, named: 0, seeds: new Set() };
}

function withOne(sum: KindFigures, { hazards }: Judged, seed: number): KindFigures {
  const { edit } = sum;
  const isBlocked = hazards.some(({ severity }) => severity === "block");
  const isNamed = hazards.some(({ code }) => edit.raises.includes(code));
  const isRight = edit.effect === "danger" ? isNamed : hazards.length === 0;
  return {
    edit,
    edits: sum.edits + 1,
    blocked: sum.blocked + (isBlocked ? 1 : 0),
    warned: sum.warned + (!isBlocked && hazards.length > 0 ? 1 : 0),
    silent: sum.silent + (hazards.length === 0 ? 1 : 0),
    named: sum.named + (isNamed ? 1 : 0),
    seeds: isRight ? sum.seeds : new Set([...sum.seeds, seed]),
  };
}

/** Sums of the edits of one side. */
function sumOf(figures: readonly KindFigures[], side: "dangerous" | "harmless") {
  const of = figures.filter(({ edit }) => (edit.effect === "danger") === (side === "dangerous"));
  const sum = (name: "edits" | "blocked" | "warned" | "silent" | "named") =>
    of.reduce((total, one) => total + one[name], 0);
  return {
    of,
    edits: sum("edits"),
    blocked: sum("blocked"),
    warned: sum("warned"),
    silent: sum("silent"),
    named: sum("named"),
  };
}

/** Kinds that break what a review promises, with an example each. */
export interface Broken {
  /** Dangerous edits that are neither blocked nor warned of. */
  readonly missed: readonly string[];
  /** Dangerous edits without a hazard of their kind. */
  readonly misnamed: readonly string[];
  /** Harmless edits that are blocked. */
  readonly blocked: readonly string[];
  /** Harmless edits that are warned of, where these are 2 % of all or more. */
  readonly warned: readonly string[];
}

export function brokenKinds(figures: readonly KindFigures[]): Broken {
  const [dangerous, harmless] = [sumOf(figures, "dangerous"), sumOf(figures, "harmless")];
  const texts = (of: readonly KindFigures[], isWrong: (one: KindFigures) => boolean) =>
    of.filter(isWrong).map(kindText);
  const isOften = harmless.warned > 0 && harmless.warned >= 0.02 * harmless.edits;
  return {
    missed: texts(dangerous.of, ({ silent }) => silent > 0),
    misnamed: texts(dangerous.of, ({ edits, named }) => named < edits),
    blocked: texts(harmless.of, ({ blocked }) => blocked > 0),
    warned: isOften ? texts(harmless.of, ({ warned }) => warned > 0) : [],
  };
}

/** Formats the figures: the sums, and each kind that was judged wrongly with seeds that show it. */
export function figuresText(figures: readonly KindFigures[]): string {
  const [dangerous, harmless] = [sumOf(figures, "dangerous"), sumOf(figures, "harmless")];
  return [
    `${dangerous.edits} dangerous edits of ${dangerous.of.length} kinds: ${dangerous.blocked} blocked, ${dangerous.warned} warned of, ${dangerous.silent} missed; ${dangerous.named} under a hazard of their kind`,
    ...dangerous.of.filter(({ seeds }) => seeds.size > 0).map(kindText),
    `${harmless.edits} harmless edits of ${harmless.of.length} kinds: ${harmless.blocked} blocked, ${harmless.warned} warned of`,
    ...harmless.of.filter(({ seeds }) => seeds.size > 0).map(kindText),
  ].join("\n");
}

function kindText({ edit, edits, blocked, warned, silent, named, seeds }: KindFigures): string {
  const hazard = edit.effect === "danger" ? `, ${named} as ${edit.raises.join(" or ")}` : "";
  const some = [...seeds].slice(0, 3).join(", ");
  return `  ${edit.kind}: ${edits} edits, ${blocked} blocked, ${warned} warned of, ${silent} silent${hazard}; seeds ${some}`;
}
