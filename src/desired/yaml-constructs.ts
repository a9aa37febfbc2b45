import { tokensOf, type Token } from "./yaml-tokens.ts";
import type { YamlProblem } from "./yaml-problem.ts";

/** Finds a character that a YAML file cannot contain: a control character, or a lone carriage return. */
export function foreignCharacter(text: string): YamlProblem | undefined {
  const match = foreign.exec(text);
  if (match === null) return undefined;
  const [character] = match;
  const start = match.index;
  if (character === "\r") {
    const message = "a carriage return without a line feed is not a line end that all YAML readers share";
    return { message, help: "save the file with LF or CRLF line ends", start, end: start + 1 };
  }
  if (character === "\0")
    return {
      message: "the file has a character U+0000, and is no UTF-8 text",
      help: "save it as UTF-8: it may be UTF-16",
      start,
      end: start + 1,
    };
  const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
  const message = `the control character U+${code} cannot be in a YAML file`;
  return { message, help: "remove it", start, end: start + 1 };
}

/** Finds bidirectional characters, which make a line look different from what it says, in comments as well. */
export function bidirectionalCharacters(text: string): readonly YamlProblem[] {
  const places = [...text.matchAll(bidirectional)].map(({ index }) => index);
  const [start, ...others] = places;
  if (start === undefined) return [];
  const code = text.charCodeAt(start).toString(16).toUpperCase();
  const more = others.length === 0 ? "" : `, and ${others.length} more are in the file`;
  return [
    {
      message: `the bidirectional character U+${code} makes the line look different from what it says${more}`,
      help: `remove it, or write it as \`\\u${code}\` in double quotes`,
      start,
      end: start + 1,
      edits: places.map((at) => ({ start: at, end: at + 1, text: "" })),
    },
  ];
}

/** Embeddings, overrides and isolates of Unicode's bidirectional algorithm. */
const bidirectional = /[\u202a-\u202e\u2066-\u2069]/g;

const foreign = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)/;

/** Turns directives into comments without moving other characters: every file is read as YAML 1.2. */
export function withoutDirectives(text: string): string {
  if (!/^\uFEFF?%/m.test(text)) return text;
  const pieces: string[] = [];
  for (const { kind, text: piece } of tokensOf(text)) {
    pieces.push(kind === "directive" ? `#${piece.slice(1)}` : piece);
  }
  return pieces.join("");
}

/**
 * Finds YAML constructs that JSON lacks (directives and tags), and pasted text with typographic quotes or
 * comments of JSON. Each is an error, and hides the errors that it causes.
 */
export function tokenFindings(text: string): YamlProblem[] {
  if (!trigger.test(text)) return [];
  const tokens = [...tokensOf(text)];
  return [
    ...tokens
      .flatMap(
        (token, index) =>
          directiveFinding(token) ?? tagFinding(token, tokens.slice(index + 1, index + 4)) ?? [],
      )
      .slice(0, maxFindings),
    ...curlyQuotes(tokens.filter(isCurlyQuoted)),
    ...once(tokens.filter(isJsonComment), "is not a comment in YAML", commentHelp),
  ];
}

/** Maximum of reported findings. */
const maxFindings = 20;

/** Quick test: most files have none of these constructs, and need no tokens. */
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

/** Reports a tag; the tokens behind it show what kind of value has it. */
function tagFinding({ kind, text, start }: Token, next: readonly Token[]): YamlProblem | undefined {
  if (kind !== "tag" || coreTag.test(text)) return undefined;
  return {
    message: `the tag \`${text}\` gives a value that JSON does not have`,
    help: tagHelp(
      text,
      next.find((token) => token.text.trim() !== "" || token.text.includes("\n")),
    ),
    start,
    end: start + text.length,
  };
}

function tagHelp(tag: string, value: Token | undefined): string {
  if (/binary>?$/.test(tag)) return "write the text itself in quotes, without the tag: base64 is not decoded";
  if (/set>?$/.test(tag)) return "write the members as a list, without the tag";
  if (value?.kind === "open") return `write the ${value.text === "[" ? "list" : "map"} without the tag`;
  if (value?.text.includes("\n") === true) return "write the list, the map or the text without the tag";
  return "write the value as a string in quotes, without the tag";
}

function isCurlyQuoted({ kind, text }: Token): boolean {
  return kind === "plain" && /^[“”„‟‘’‚‛«»]/.test(text);
}

const curlyHelp = 'write straight quotes: `"`';

/** Reports typographic quotes. They are corrected if every text has one at both ends, and none between. */
function curlyQuotes(tokens: readonly Token[]): readonly YamlProblem[] {
  const problems = once(tokens, "is in typographic quotes, which YAML reads as letters", curlyHelp);
  const edits = tokens.flatMap(({ text, start }) => {
    const [, inner] = /^[“”„‟‘’‚‛«»]([^“”„‟‘’‚‛«»"\\]*)[“”„‟‘’‚‛«»]$/.exec(text) ?? [];
    return inner === undefined ? [] : [{ start, end: start + text.length, text: `"${inner}"` }];
  });
  return edits.length === tokens.length ? problems.map((problem) => ({ ...problem, edits })) : problems;
}

/** Returns whether a token is a comment of JSON, in a list or map in brackets. */
function isJsonComment({ kind, text, depth }: Token): boolean {
  return kind === "plain" && depth > 0 && /^\/[/*]/.test(text);
}

const commentHelp = "remove it, or write it behind `#` on a line of its own";

/** Returns one finding for all tokens of a kind. */
function once(tokens: readonly Token[], what: string, help: string): readonly YamlProblem[] {
  const [first, ...others] = tokens;
  if (first === undefined) return [];
  const shown = /^[^\n\r"]{0,40}/.exec(first.text)?.[0].trimEnd() ?? "";
  const more = others.length === 0 ? "" : `, and so are ${others.length} more`;
  const { start } = first;
  return [{ message: `\`${shown}\` ${what}${more}`, help, start, end: start + shown.length }];
}
