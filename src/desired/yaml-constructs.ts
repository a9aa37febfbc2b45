import { tokensOf, type Token } from "./yaml-tokens.ts";
import type { YamlProblem } from "./yaml-problem.ts";

/** A character that no YAML file may hold as it is: a control character, or a line end of neither kind. */
export function foreignCharacter(text: string): YamlProblem | undefined {
  const match = foreign.exec(text);
  if (match === null) return undefined;
  const [character] = match;
  const start = match.index;
  if (character === "\r") {
    const message = "a carriage return without a line feed is not a line end that all YAML readers share";
    return { message, help: "save the file with LF or CRLF line ends", start, end: start + 1 };
  }
  const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
  const message = `the control character U+${code} cannot be in a YAML file`;
  return { message, help: "remove it", start, end: start + 1 };
}

const foreign = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)/;

/** The text without directives, every other character at its place: all is read as YAML 1.2. */
export function withoutDirectives(text: string): string {
  if (!/^\uFEFF?%/m.test(text)) return text;
  const pieces: string[] = [];
  for (const { kind, text: piece } of tokensOf(text)) {
    pieces.push(kind === "directive" ? `#${piece.slice(1)}` : piece);
  }
  return pieces.join("");
}

/**
 * Finds the constructs that YAML has and JSON has not (directives and tags), and what was pasted from
 * a place with other quotes or comments. Each is an error of its own, and hides those that it causes.
 */
export function tokenFindings(text: string): YamlProblem[] {
  if (!trigger.test(text)) return [];
  const tokens = [...tokensOf(text)];
  return [
    ...tokens.flatMap((token) => directiveFinding(token) ?? tagFinding(token) ?? []).slice(0, maxFindings),
    ...once(
      tokens.filter(isCurlyQuoted),
      "is in typographic quotes, which YAML takes for letters",
      curlyHelp,
    ),
    ...once(tokens.filter(isJsonComment), "is no comment in YAML", commentHelp),
  ];
}

/** More of them are of no help. */
const maxFindings = 20;

/** Most files have none of this, and need no tokens. */
const trigger = /^\uFEFF?%|!|[“”„‟‘’‚‛«»]|(?:^|[\s,{[])\/[/*]/m;

function directiveFinding({ kind, text, start }: Token): YamlProblem | undefined {
  if (kind !== "directive" || /^%YAML[ \t]+1\.2[ \t]*$/.test(text)) return undefined;
  return {
    message: `the directive \`${text.trimEnd()}\` is not supported`,
    help: "remove the line: files are read as YAML 1.2; write a text that begins with `%` in quotes",
    start,
    end: start + text.trimEnd().length,
  };
}

const coreTag =
  /^(?:!|!!(?:str|int|float|bool|null|map|seq)|!<tag:yaml\.org,2002:(?:str|int|float|bool|null|map|seq)>)$/;

function tagFinding({ kind, text, start }: Token): YamlProblem | undefined {
  if (kind !== "tag" || coreTag.test(text)) return undefined;
  return {
    message: `the tag \`${text}\` gives a value that JSON does not have`,
    help: "write the value as a string in quotes, without the tag",
    start,
    end: start + text.length,
  };
}

function isCurlyQuoted({ kind, text }: Token): boolean {
  return kind === "plain" && /^[“”„‟‘’‚‛«»]/.test(text);
}

const curlyHelp = 'write straight quotes: `"`';

/** In a list or map in brackets, where JSON is pasted. */
function isJsonComment({ kind, text, depth }: Token): boolean {
  return kind === "plain" && depth > 0 && /^\/[/*]/.test(text);
}

const commentHelp = "remove it, or write it behind `#` on a line of its own";

/** One finding for all tokens that one paste brought. */
function once(tokens: readonly Token[], what: string, help: string): readonly YamlProblem[] {
  const [first, ...others] = tokens;
  if (first === undefined) return [];
  const shown = /^[^\n\r"]{0,40}/.exec(first.text)?.[0].trimEnd() ?? "";
  const more = others.length === 0 ? "" : `, and so are ${others.length} more`;
  const { start } = first;
  return [{ message: `\`${shown}\` ${what}${more}`, help, start, end: start + shown.length }];
}
