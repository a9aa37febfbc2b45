import type { Document } from "yaml";
import type { YamlProblem } from "./yaml-problem.ts";
import { inQuotes } from "./yaml-quotes.ts";
import { trapIn } from "./yaml-traps.ts";

/** Error of the YAML parser. */
interface ParserError {
  readonly code: string;
  readonly message: string;
  readonly pos: readonly [number, number];
}

/**
 * Returns the syntax errors of a document in this project's words. After the first error that is not local,
 * the parser only guesses, so no later error is reported.
 */
export function syntaxErrors(document: Document.Parsed, text: string): readonly YamlProblem[] {
  const errors = [...document.errors, ...document.warnings.filter(({ code }) => code !== "BAD_INDENT")].sort(
    (a, b) => a.pos[0] - b.pos[0] || Number(isLocal(a)) - Number(isLocal(b)),
  );
  const first = errors.findIndex((error) => !isLocal(error));
  const shown = first < 0 ? errors : errors.slice(0, first + 1);
  const byLine = new Map(shown.slice(0, maxErrors).map((error) => [lineOf(text, error), error]));
  return [...byLine.values()].map((error) => problemOf(error, text));
}

const maxErrors = 20;

/** Codes of local errors, after which the parser still knows the structure of the text. */
const local = ["BAD_ALIAS", "BAD_SCALAR_START", "BAD_DQ_ESCAPE", "TAG_RESOLVE_FAILED", "BAD_DIRECTIVE"];

function isLocal({ code }: ParserError): boolean {
  return local.includes(code);
}

/** Returns the start of the error's line, since two errors on one line are one mistake. */
function lineOf(text: string, { pos: [start] }: ParserError): number {
  return text.lastIndexOf("\n", start - 1);
}

function problemOf(error: ParserError, text: string): YamlProblem {
  const [start, end] = error.pos;
  const trap = isLocal(error) ? undefined : trapIn(text, start);
  return trap ?? { ...plainWords(error, text, start), start, end: Math.max(start + 1, end) };
}

/** Rewords the parser's messages for mistakes that newcomers make. */
function plainWords(
  { code, message }: ParserError,
  text: string,
  start: number,
): Pick<YamlProblem, "message" | "help" | "edits"> {
  const rest = text.slice(start);
  switch (code) {
    case "MULTIPLE_DOCS":
      return { message: "the file has more than one YAML document", help: "write one file for each bucket" };
    case "NON_STRING_KEY":
      return { message: "a key must be a string", help: "write it in quotes" };
    case "BAD_ALIAS":
      return rest.startsWith("&")
        ? { message: "`&` starts an anchor in YAML", help: 'write it in quotes: `"&"`' }
        : { message: "`*` starts an alias in YAML", help: 'write it in quotes: `"*"`' };
    case "BAD_SCALAR_START": {
      const [word = ""] = /^[^\s,\]}]+/.exec(rest) ?? [];
      return {
        message: `a text without quotes cannot start with \`${rest.charAt(0)}\``,
        help: `write it in quotes: \`"${word}"\``,
        ...inQuotes(text, [{ start, word }]),
      };
    }
    case "BAD_DQ_ESCAPE":
      return {
        message: `\`${/^\\.?/.exec(rest)?.[0] ?? "\\"}\` is not an escape of YAML`,
        help: "write `\\\\` for a backslash, or put the text in single quotes",
      };
    case "TAG_RESOLVE_FAILED":
      return { message: "the value does not have the type of its tag", help: "remove the tag" };
    case "BLOCK_AS_IMPLICIT_KEY":
      return {
        message: "a second `: ` on one line",
        help: "write a text with `: ` in quotes, or start a new line",
      };
    case "TAB_AS_INDENT":
      return { message: "a tab cannot indent YAML", help: "indent with spaces" };
    default:
      if (message.includes("call stack"))
        return { message: "the YAML is nested too deeply", help: "write it with fewer levels" };
      return {
        message: lowerFirst(message),
        help: "check the indentation and the quotes here and on the line above",
      };
  }
}

function lowerFirst(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1).replaceAll("\n", " ");
}
