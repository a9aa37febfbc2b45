import { Composer, Lexer, Parser, YAMLParseError, type Document } from "yaml";
import type { Diagnostic } from "../diagnostic.ts";
import type { Node } from "./node.ts";
import { LineStarts, SpanInText } from "./span-in-text.ts";
import {
  bidirectionalCharacters,
  foreignCharacter,
  tokenFindings,
  withoutDirectives,
} from "./yaml-constructs.ts";
import { syntaxErrors } from "./yaml-errors.ts";
import { pastedLine } from "./yaml-pastes.ts";
import type { SourceEdit, YamlProblem } from "./yaml-problem.ts";
import { tokensOf } from "./yaml-tokens.ts";
import { Reader } from "./yaml-reader.ts";

/** Maximum of UTF-16 code units, far more than a 16 KB policy needs. */
export const maxCharacters = 256_000;
/** Maximum of lines: with one value on each line, the maximum of values in a file. */
const maxLines = 20_000;
/** Maximum of tokens, more than the lines of a file need. The parser takes a few KB of memory for each wrong one. */
const maxTokens = 150_000;

export interface ParsedYaml {
  /** Undefined if the text is empty, or is not one YAML document of JSON values. */
  readonly node: Node | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Parses one YAML 1.2 document of JSON values (the core schema), with the place of every value and all digits
 * of every number. Reports anything else. A file with an error has no value, so that no later step reports
 * consequences of the error.
 */
export function parseYaml(text: string, file: string): ParsedYaml {
  const lines = new LineStarts(text);
  const spanOf = (start: number, end: number) => new SpanInText(file, lines, start, end);
  const relatedPlace = ({ message, start, end }: YamlProblem) => ({ message, span: spanOf(start, end) });
  const placed = (edit: SourceEdit) => ({ span: spanOf(edit.start, edit.end), text: edit.text });
  const refused = (...problems: readonly YamlProblem[]): ParsedYaml => ({
    node: undefined,
    diagnostics: problems.map(({ message, help, start, end, edits = [], related = [] }) => ({
      code: "yaml",
      severity: "error",
      message,
      span: spanOf(start, end),
      ...(help === undefined ? {} : { help }),
      ...(edits.length === 0 ? {} : { fix: { edits: edits.map(placed) } }),
      ...(related.length === 0 ? {} : { related: related.map(relatedPlace) }),
    })),
  });
  if (text.length > maxCharacters) return refused(tooLong(maxCharacters, "characters"));
  if (lines.count > maxLines) return refused(tooLong(maxLines, "lines"));
  const foreign = foreignCharacter(text);
  if (foreign !== undefined) return refused(foreign);
  const bidirectional = bidirectionalCharacters(text);
  if (bidirectional.length > 0) return refused(...bidirectional);
  if (text.length > maxTokens && [...tokensOf(text)].length > maxTokens)
    return refused(tooLong(maxTokens, "YAML tokens"));
  const constructs = tokenFindings(text);
  const document = parsedDocument(withoutDirectives(text));
  if (document === undefined) return refused(tooDeep);
  const problems = constructs.length > 0 ? constructs : syntaxErrors(document, text);
  if (problems.length > 0) {
    const pasted = pastedLine(text);
    return pasted === undefined ? refused(...problems) : refused(pasted);
  }
  if (document.contents === null) return { node: undefined, diagnostics: [] };
  const reader = new Reader(lines, file);
  const node = reader.read(document.contents);
  return node === undefined ? refused(...reader.problems) : { node, diagnostics: [] };
}

/** Parses a text as `parseDocument` of the library does; undefined if it is nested too deeply. */
function parsedDocument(text: string): Document.Parsed | undefined {
  // Without known tags, so that a date or a set is reported like any other tag that JSON lacks.
  const composer = new Composer({
    version: "1.2",
    schema: "core",
    resolveKnownTags: false,
    prettyErrors: false,
    stringKeys: true,
    uniqueKeys: false,
  });
  const parser = new Parser();
  const all = shallowTokens(parser, text);
  const tokens = text.length > maxUncounted ? untilErrors(all) : all;
  let document: Document.Parsed | undefined;
  for (const part of composer.compose(tokens, true, text.length)) {
    if (document !== undefined) {
      document.errors.push(new YAMLParseError([part.range[0], part.range[1]], "MULTIPLE_DOCS", ""));
      break;
    }
    document = part;
  }
  return isTooDeep(parser) ? undefined : document;
}

/** Maximum of values inside each other, in the parser's own count: more than `Reader` takes. */
const maxOpen = 250;

/**
 * Returns what the parser makes of a text, up to the place where it is nested too deeply. The composer recurses: on a
 * deeper text it would use up the stack, and V8 ends a process that compiles a regular expression there.
 */
function* shallowTokens(parser: Parser, text: string): Tokens {
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme);
    if (isTooDeep(parser)) return;
  }
  yield* parser.end();
}

type Tokens = ReturnType<Parser["parse"]>;

/** Most characters of a text whose errors are not counted: the parser keeps a few KB for each. */
const maxUncounted = 10_000;
/** Errors after which the rest of a long text is not read: only the first are reported. */
const maxErrors = 20;

function* untilErrors(tokens: Tokens): Tokens {
  let errors = 0;
  for (const token of tokens) {
    if (token.type === "error") errors += 1;
    yield token;
    if (errors > maxErrors) return;
  }
}

function isTooDeep({ stack }: Parser): boolean {
  return stack.length > maxOpen;
}

function tooLong(most: number, unit: string): YamlProblem {
  const message = `the file has more than ${most} ${unit}`;
  return { message, help: "an OSS policy has 16 KB at most", start: 0, end: 0 };
}

const tooDeep: YamlProblem = {
  message: "the YAML is nested too deeply",
  help: "write it with fewer levels",
  start: 0,
  end: 0,
};
