import type { Span } from "../diagnostic.ts";

/** A `# oss-policy-ignore CODE: reason` comment: it silences that lint finding on the line below it. */
export interface Ignore {
  readonly code: string;
  /** Empty where none was given, which is a finding of its own. */
  readonly reason: string;
  /** The first line below the comment that is not itself such a comment. */
  readonly line: number;
  readonly span: Span;
}

const comment = /^(\s*)#\s*oss-policy-ignore\b[ \t]*([^\s:]*)[ \t]*:?[ \t]*(.*?)\s*$/;

/** Finds the ignore comments of a file; several may stand above one line. */
export function parseIgnores(text: string, file: string, textLines: ReadonlySet<number>): readonly Ignore[] {
  if (!text.includes("oss-policy-ignore")) return [];
  const lines = text.split("\n");
  const ignores: Ignore[] = [];
  // From below, so that each comment of a row knows at once which line the row stands above.
  let target = lines.length;
  for (let index = lines.length - 1; index >= 0; index -= 1) {
    const line = lines[index] ?? "";
    const match = textLines.has(index + 1) ? null : comment.exec(line);
    if (match === null) {
      target = index;
      continue;
    }
    const [, indent = "", code = "", reason = ""] = match;
    const start = { line: index + 1, column: indent.length + 1 };
    const end = { line: index + 1, column: line.trimEnd().length + 1 };
    ignores.push({ code, reason, line: target + 1, span: { file, start, end } });
  }
  return ignores.reverse();
}
