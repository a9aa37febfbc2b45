import { refusal, type Diagnostic } from "../../diagnostic.ts";
import { fixTexts, type FixedTexts, type Texts } from "../../edit/fix-texts.ts";
import { counted, printable, shorten } from "../../report/printable.ts";
import { unifiedDiff } from "../../report/text/unified-diff.ts";
import { failure, success, type Ending } from "../../run/exit.ts";
import { writeFiles } from "../../run/write-files.ts";
import type { Run } from "../../run/run.ts";
import { checkParts, type Checked } from "./check.ts";
import type { CheckedPart } from "./paths.ts";

/** The parts after their correction, and how it ended. */
export interface FixedParts {
  readonly parts: readonly CheckedPart[];
  readonly endings: readonly Ending[];
}

/** Corrects what has one certain correction, and writes the files; with --dry-run it shows the difference instead. */
export async function fixParts(parts: readonly CheckedPart[], run: Run): Promise<FixedParts> {
  const { options, io, out } = run;
  const isOnStdin = parts.some(({ given }) => given.size > 0);
  if (isOnStdin && !options.dryRun) {
    out.diagnostics([
      refusal("no-match", "a text on stdin cannot be written", "add --dry-run, or name the file"),
    ]);
    return { parts, endings: [failure("nothing was corrected")] };
  }
  const original = new Map<string, string>();
  const fixed = await fixTexts(async (texts) => {
    const checked = await checkParts(withTexts(parts, texts), options, io.today);
    for (const [file, text] of checked.sources) if (!original.has(file)) original.set(file, text);
    return ofParts(checked, parts);
  });
  if (options.dryRun) {
    out.result(fixedText(fixed, "would fix"));
    out.result(differences(fixed.texts, original, run));
    return { parts: withTexts(parts, fixed.texts), endings: [] };
  }
  const files = [...fixed.texts].map(([path, after]) => ({ path, before: original.get(path) ?? "", after }));
  const failed = writeFiles(files);
  if (failed === undefined) out.result(fixedText(fixed, "fixed"));
  else out.diagnostics([failed.problem]);
  return { parts, endings: [failed === undefined ? success : failure(failed.ending)] };
}

function withTexts(parts: readonly CheckedPart[], texts: Texts): readonly CheckedPart[] {
  return parts.map((part) => ({ ...part, given: new Map([...part.given, ...texts]) }));
}

/** Leaves out corrections of files that no path names. */
function ofParts(checked: Checked, parts: readonly CheckedPart[]): Checked {
  const isNamed = ({ fix }: Diagnostic) =>
    fix?.edits.every(({ span }) => parts.some(({ covers }) => covers(span.file))) === true;
  return { ...checked, findings: checked.findings.filter(isNamed) };
}

const maxShown = 80;

function fixedText({ fixed, texts }: FixedTexts, verb: "fixed" | "would fix"): string {
  const lines = fixed.map(({ code, span, fix }) => {
    const place = span === undefined ? "" : `${span.file}:${span.start.line}:${span.start.column}: `;
    const written = (fix?.edits ?? [])
      .map(({ text }) => shorten(text.trim(), maxShown))
      .filter((text) => text !== "");
    return `  ${verb}  ${printable(place)}${code}${written.length === 0 ? "" : `: ${printable(written.join(" ... "))}`}\n`;
  });
  return `${lines.join("")}Fix: ${counted(fixed.length, "finding")} in ${counted(texts.size, "file")}.\n`;
}

function differences(texts: Texts, original: Texts, { out }: Run): string {
  return [...texts]
    .map(([file, text]) => unifiedDiff(file, original.get(file) ?? "", text, out.style))
    .join("");
}
