import { policyFieldNames, statementFieldNames } from "../policy/field-names.ts";
import type { SourceEdit, YamlProblem } from "./yaml-problem.ts";
import { inQuotes } from "./yaml-quotes.ts";
import { tokensOf, type Token } from "./yaml-tokens.ts";

/** Line of a text. */
interface Line {
  readonly text: string;
  /** Offset of its first character. */
  readonly start: number;
  readonly indent: number;
}

/** Lines up to and including the one on which the parser failed. */
interface TrapContext {
  readonly text: string;
  /** Lines above, without blank lines and comments, nearest first. */
  readonly before: readonly Line[];
  readonly line: Line;
  readonly tokens: readonly Token[];
}

/** Finds a common mistake behind a syntax error, with its place and fix; undefined if there is none. */
export function trapIn(text: string, offset: number): YamlProblem | undefined {
  const lines = linesUpTo(text, offset);
  const line = lines.pop();
  if (line === undefined) return undefined;
  const before = lines.filter((other) => /^\s*[^\s#]/.test(other.text)).reverse();
  const place = { text, before, line, tokens: [...tokensOf(text)] };
  for (const trap of traps) {
    const problem = trap(place);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

const traps: readonly ((place: TrapContext) => YamlProblem | undefined)[] = [
  unquotedVariable,
  pastedAtMargin,
  missingBraces,
  tabIndent,
  openQuote,
  missingSeparator,
  openBracket,
  missingSpace,
  missingColon,
  strayIndent,
];

function linesUpTo(text: string, offset: number): Line[] {
  const lines: Line[] = [];
  for (let start = 0; start <= Math.min(offset, text.length - 1);) {
    const end = text.indexOf("\n", start);
    const line = text.slice(start, end < 0 ? undefined : end).replace(/\r$/, "");
    lines.push({ text: line, start, indent: line.length - line.trimStart().length });
    start = end < 0 ? text.length : end + 1;
  }
  return lines;
}

const variableWord = /(?:\$\{[^{}\s]*\}|[^\s,\]}])+/y;
/** Letters of a word that a message shows. */
const maxShown = 80;

/** Finds `[${account}]`: in brackets, `{` starts a map. */
function unquotedVariable({ text, tokens }: TrapContext): YamlProblem | undefined {
  const starts = tokens.flatMap((token, index) =>
    token.kind === "plain" && token.text.endsWith("$") && tokens[index + 1]?.text === "{"
      ? [token.start]
      : [],
  );
  const words: { readonly start: number; readonly word: string }[] = [];
  let end = 0;
  for (const start of starts) {
    // A word can have several variables in it.
    if (start < end) continue;
    variableWord.lastIndex = start;
    const word = variableWord.exec(text)?.[0] ?? "";
    end = start + word.length;
    words.push({ start, word });
  }
  const [first, ...others] = words;
  if (first === undefined) return undefined;
  const { start, word } = first;
  const shown = word.length > maxShown ? `${word.slice(0, maxShown)}...` : word;
  return {
    message: `\`${shown}\` in brackets needs quotes, since \`{\` starts a map there`,
    help: `write it in quotes: \`"${shown}"\``,
    start,
    end: start + word.length,
    ...inQuotes(text, words),
    ...alsoAt(others.map((other) => ({ start: other.start, end: other.start + other.word.length }))),
  };
}

function alsoAt(places: readonly { start: number; end: number }[]): Pick<YamlProblem, "related"> {
  return places.length === 0
    ? {}
    : { related: places.map((place) => ({ message: "the same here", ...place })) };
}

/** Finds JSON that was pasted below a key without indentation. */
function pastedAtMargin({ line, before }: TrapContext): YamlProblem | undefined {
  const candidates = [line, ...before].slice(0, 2);
  const index = candidates.findIndex(({ text }) => /^\s*[{[]/.test(text));
  const [pasted, above] = [candidates[index], index === 0 ? before[0] : before[1]];
  if (pasted === undefined || above === undefined || pasted.indent > above.indent) return undefined;
  const key = /^[\s-]*([^\s#-][^\s#]*):\s*(?:#.*)?$/.exec(above.text)?.[1];
  if (key === undefined) return undefined;
  const bracket = pasted.text.trimStart().charAt(0);
  return {
    message: `\`${bracket}\` is not indented, so this is not the value of \`${key}\``,
    help: `put \`${bracket}\` behind \`${key}:\`, on the same line, or indent the whole block`,
    start: pasted.start + pasted.indent,
    end: pasted.start + pasted.indent + 1,
  };
}

/** Finds an entry of JSON with its comma outside of any braces: a policy of which the first and last line were not copied. */
function missingBraces({ line, tokens }: TrapContext): YamlProblem | undefined {
  if (!/^\s*(?:"[^"]*"\s*:|[\]}])/.test(line.text)) return undefined;
  const end = line.start + line.text.trimEnd().length;
  const isComma = ({ kind, text, start, depth }: Token) =>
    kind === "plain" && text === "," && depth === 0 && start === end - 1;
  if (!tokens.some(isComma)) return undefined;
  return {
    message: "the `,` separates entries of a map in JSON, and the map has no `{` before it",
    help: "put the whole map in `{` and `}`, or write its entries without the commas between them",
    start: end - 1,
    end,
  };
}

/** Finds tabs, for which the parser reports the line above or a bracket. */
function tabIndent({ text, line, before }: TrapContext): YamlProblem | undefined {
  const next = linesUpTo(text, line.start + line.text.length + 1).at(-1);
  const found = [line, next, before[0]].find((one) => /^ *\t\s*\S/.test(one?.text ?? ""));
  if (found === undefined) return undefined;
  const start = found.start + found.text.indexOf("\t");
  return { message: "a tab cannot indent YAML", help: "indent with spaces", start, end: start + 1 };
}

function openQuote({ line, before }: TrapContext): YamlProblem | undefined {
  const found = [line, ...before].find(({ text }) => oddQuote(text) >= 0);
  if (found === undefined) return undefined;
  const start = found.start + oddQuote(found.text);
  return {
    message: "a quote starts here and does not end on this line",
    help: 'write the second quote, or write a quote inside of a text as `\\"`',
    start,
    end: start + 1,
  };
}

/** Returns the column of a quote without a partner on its line; -1 if there is none. */
function oddQuote(text: string): number {
  let at = -1;
  for (const { index, 0: piece } of text.matchAll(/\\.|["']|(?<=\s|^)#.*/g)) {
    const open = at < 0 ? "" : text.charAt(at);
    if (piece.startsWith("#") && open === "") return -1;
    if (open === "" && /["']/.test(piece) && /[\s,[{:-]/.test(text.charAt(index - 1) || " ")) at = index;
    else if (piece === open && /[\s,\]}:]/.test(text.charAt(index + 1) || " ")) at = -1;
    else if (piece === open && open === '"') return at;
  }
  return at;
}

/** Finds two adjacent values in brackets, as in JSON without a comma, or a key of a map and its value without a colon. */
function missingSeparator({ tokens, line }: TrapContext): YamlProblem | undefined {
  const open: { readonly isMap: boolean; isKey: boolean }[] = [];
  let last: Token | undefined;
  for (const token of tokens) {
    if (token.start > line.start + line.text.length) return undefined;
    if (/^(?:\s*|#.*)$/.test(token.text)) continue;
    open.length = Math.min(open.length, token.depth);
    const isValue = ["plain", "quoted", "open"].includes(token.kind);
    const top = open.at(-1);
    if (isValue && top !== undefined && last !== undefined)
      return separated(last, top.isMap && top.isKey && last.kind !== "close" ? ":" : ",");
    if (token.kind === "open") open.push({ isMap: token.text === "{", isKey: true });
    if (top !== undefined && /^[,:]$/.test(token.text)) top.isKey = token.text === ",";
    last = token.kind === "plain" || token.kind === "quoted" || token.kind === "close" ? token : undefined;
  }
  return undefined;
}

function separated({ start, text }: Token, sign: "," | ":"): YamlProblem {
  const end = start + text.length;
  const name = sign === "," ? "comma" : "colon";
  const message = `there is no ${name} after \`${text}\``;
  return { message, help: `write \`${sign}\` after \`${text}\``, start, end, edits: [insertion(end, sign)] };
}

/** Finds the innermost bracket that is open where the parser failed. */
function openBracket({ tokens, line }: TrapContext): YamlProblem | undefined {
  const open: Token[] = [];
  for (const token of tokens) {
    if (token.start > line.start + line.text.length) break;
    if (token.depth === 0 && open.length > 0) break;
    if (token.kind === "open") open.push(token);
    if (token.kind === "close") open.pop();
  }
  const last = open.at(-1);
  if (last === undefined) return undefined;
  const { text, start } = last;
  const help = `write \`${text === "[" ? "]" : "}"}\` where it ends, and indent every line of it`;
  return { message: `\`${text}\` is not closed`, help, start, end: start + 1 };
}

function insertion(at: number, text: string): SourceEdit {
  return { start: at, end: at, text };
}

const field = /^(\s*(?:- +)*)([A-Za-z]+)(.*)/s;

function missingSpace({ line, before }: TrapContext): YamlProblem | undefined {
  for (const one of [line, ...before.slice(0, 2)]) {
    const [, head = "", name = "", value = ""] =
      /^(\s*(?:- +)*)([A-Za-z]+):([^\s:/].*)$/.exec(one.text) ?? [];
    if (!known.has(name)) continue;
    const start = one.start + head.length;
    const message = `there is no space behind the colon of \`${name}\``;
    const end = start + name.length + 1;
    return { message, help: `write \`${name}: ${value}\``, start, end, edits: [insertion(end, " ")] };
  }
  const [item] = [line, ...before.slice(0, 2)].filter(({ text }) => /^\s*-[^\s-]/.test(text));
  if (item === undefined) return undefined;
  const start = item.start + item.indent;
  const help = `write \`- ${item.text.trim().slice(1)}\``;
  const end = start + 1;
  const message = "there is no space behind the `-` of a list item";
  return { message, help, start, end, edits: [insertion(end, " ")] };
}

function missingColon({ line, before }: TrapContext): YamlProblem | undefined {
  for (const one of [line, ...before.slice(0, 2)]) {
    const [, head = "", name = "", rest = ""] = field.exec(one.text) ?? [];
    if (!known.has(name) || !/^(?:\s|$)/.test(rest)) continue;
    const start = one.start + head.length;
    const help = `write \`${name}:${rest.trimEnd()}\``;
    const end = start + name.length;
    return {
      message: `there is no colon behind \`${name}\``,
      help,
      start,
      end,
      edits: [insertion(end, ":")],
    };
  }
  return undefined;
}

/** Finds a line with an indentation that matches no line above. */
function strayIndent({ line, before }: TrapContext): YamlProblem | undefined {
  const [above] = before;
  if (
    above === undefined ||
    line.indent === above.indent ||
    !/^\s*(?:- +)*[^\s"'[{]+:(?:\s|$)/.test(line.text)
  )
    return undefined;
  const peers = [...new Set(before.map(({ indent }) => indent))];
  if (line.indent < above.indent && peers.includes(line.indent)) return undefined;
  const start = line.start + line.indent;
  return {
    message: "the indentation of this line matches no line above",
    help: "use the same indentation for all keys of a map, and two more spaces below a key",
    start,
    end: start + line.text.trim().length,
  };
}

/** Keys of the files and fields of statements. */
const known: ReadonlySet<string> = new Set([
  "account",
  "name",
  "scope",
  "identities",
  "operators",
  "limits",
  "guardrails",
  "bucket",
  "buckets",
  "region",
  "vars",
  "use",
  "policy",
  "expect",
  "accept",
  ...policyFieldNames,
  ...statementFieldNames,
]);
