import type { Diagnostic, Edit } from "../diagnostic.ts";
import { applyEdits, isBefore, withoutOverlaps } from "./apply-edits.ts";

/** Texts of files by path. */
export type Texts = ReadonlyMap<string, string>;

/** Result of the corrections of some texts. */
export interface FixedTexts {
  /** The texts that changed. */
  readonly texts: Texts;
  /** The findings that were corrected, each with the place that it had when it was. */
  readonly fixed: readonly Diagnostic[];
}

/** Rounds of corrections: one correction can uncover the next, as a syntax error hides all else in its file. */
const maxRounds = 20;

/**
 * Corrects texts until no finding has a certain correction. `findingsIn` finds what is wrong with the tree if these
 * texts stand in place of its files. A file whose correction does not remove its finding stays as it was before, and
 * one that still is no valid YAML in the end as it was at first.
 */
export async function fixTexts(
  findingsIn: (
    texts: Texts,
  ) => Promise<{ readonly findings: readonly Diagnostic[]; readonly sources: Texts }>,
): Promise<FixedTexts> {
  const texts = new Map<string, string>();
  const fixed: Diagnostic[] = [];
  const stuck = new Set<string>();
  let found = await findingsIn(texts);
  for (let round = 0; round < maxRounds; round += 1) {
    const chosen = choose(found.findings, stuck);
    if (chosen.length === 0) break;
    const before = new Map([...filesOf(chosen)].map((file) => [file, found.sources.get(file) ?? ""]));
    const tried = new Map(texts);
    for (const [file, text] of before) tried.set(file, applyEdits(text, editsIn(chosen, file)));
    const after = await findingsIn(tried);
    for (const file of unhelped(chosen, found.findings, after.findings)) stuck.add(file);
    const helped = chosen.filter((finding) => !filesOf([finding]).some((file) => stuck.has(file)));
    for (const file of filesOf(helped)) texts.set(file, tried.get(file) ?? "");
    fixed.push(...helped);
    found = helped.length === chosen.length ? after : await findingsIn(texts);
  }
  return withoutBroken({ texts, fixed }, found.findings);
}

/** A correction that fits the syntax at its place may still be the wrong one, as long as the file does not parse. */
function withoutBroken({ texts, fixed }: FixedTexts, left: readonly Diagnostic[]): FixedTexts {
  const broken = new Set(left.filter(({ code }) => code === "yaml").map(({ span }) => span?.file));
  return {
    texts: new Map([...texts].filter(([file]) => !broken.has(file))),
    fixed: fixed.filter((finding) => !filesOf([finding]).some((file) => broken.has(file))),
  };
}

/** Returns whether a finding has a correction that needs no decision of the author: those of errors do. */
export function isCertain({ severity, fix }: Diagnostic): boolean {
  return severity === "error" && fix !== undefined;
}

/** Returns the edits of all certain corrections that fit together. */
export function certainEdits(findings: readonly Diagnostic[]): readonly Edit[] {
  return choose(findings, new Set()).flatMap(({ fix }) => fix?.edits ?? []);
}

function choose(findings: readonly Diagnostic[], stuck: ReadonlySet<string>): readonly Diagnostic[] {
  const certain = findings.filter(
    (finding) => isCertain(finding) && !filesOf([finding]).some((file) => stuck.has(file)),
  );
  const kept = new Set(withoutOverlaps(certain.map(({ fix }) => fix?.edits ?? [])));
  return certain.filter(({ fix }) => fix !== undefined && kept.has(fix.edits));
}

function filesOf(findings: readonly Diagnostic[]): readonly string[] {
  return [...new Set(findings.flatMap(({ fix }) => fix?.edits.map(({ span }) => span.file) ?? []))];
}

function editsIn(findings: readonly Diagnostic[], file: string): readonly Edit[] {
  return findings.flatMap(({ fix }) => fix?.edits.filter(({ span }) => span.file === file) ?? []);
}

/** Returns the files that a correction did not help. */
function unhelped(
  chosen: readonly Diagnostic[],
  before: readonly Diagnostic[],
  after: readonly Diagnostic[],
): readonly string[] {
  return filesOf(chosen.filter((finding) => !hasFewer(finding, before, after) && !isPassed(finding, after)));
}

/** Returns whether there are fewer findings of a kind than before, and no syntax error that hides them. */
function hasFewer(finding: Diagnostic, before: readonly Diagnostic[], after: readonly Diagnostic[]): boolean {
  const { code, message, span } = finding;
  const count = (all: readonly Diagnostic[]) =>
    all.filter((one) => one.code === code && one.message === message && one.span?.file === span?.file).length;
  const isHidden = code !== "yaml" && syntaxErrorsIn(after, finding).length > 0;
  return !isHidden && count(after) < count(before);
}

/** Returns whether a syntax error is corrected, and the next one of its file is behind it. */
function isPassed(finding: Diagnostic, after: readonly Diagnostic[]): boolean {
  const { code, span } = finding;
  const isBehind = ({ span: next }: Diagnostic) =>
    span !== undefined && next !== undefined && isBefore(span.start, next.start);
  return code === "yaml" && syntaxErrorsIn(after, finding).every(isBehind);
}

function syntaxErrorsIn(found: readonly Diagnostic[], { span }: Diagnostic): readonly Diagnostic[] {
  return found.filter((one) => one.code === "yaml" && one.span?.file === span?.file);
}
