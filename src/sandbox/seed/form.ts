import { isMap, isNode, isPair, isScalar, LineCounter, parseDocument, visit, type Document } from "yaml";
import type { z } from "zod";

/** Words for a text in problems. */
export interface FormWords {
  /** Name of the text; the line and the column follow it. */
  readonly file: string;
  /** Subject for the whole text, such as `the seed file`. */
  readonly whole: string;
  /** Kind of the text, such as `a seed file`. */
  readonly owner: string;
}

/**
 * Parses YAML, and therefore JSON, with a schema. Each problem is `file:line:column: message`. If the text
 * parses, all problems are reported, not only the first.
 */
export function readForm<Value>(
  text: string,
  schema: z.ZodType<Value>,
  words: FormWords,
): { readonly value: Value } | { readonly problems: readonly string[] } {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const render = ({ offset, message }: FormProblem): string => {
    const { line, col } = lineCounter.linePos(offset);
    return `${words.file}:${Math.max(line, 1)}:${Math.max(col, 1)}: ${message}`;
  };
  const unreadable = [...syntaxProblems(document), ...numberProblems(document)];
  if (unreadable.length > 0) return { problems: unreadable.map(render) };
  const read = valueOf(document);
  if ("problem" in read) return { problems: [render(read.problem)] };
  const parsed = schema.safeParse(read.value);
  if (parsed.success) return { value: parsed.data };
  return {
    problems: parsed.error.issues
      .flatMap((issue) => issueProblems(issue, document, read.value, words))
      .map(render),
  };
}

/** Problem in a text; `offset` counts characters from 0. */
interface FormProblem {
  readonly offset: number;
  readonly message: string;
}

/** Returns the problems of a schema issue, with their place in the text. `value` is the document as plain data. */
function issueProblems(
  issue: z.core.$ZodIssue,
  document: Document,
  value: unknown,
  { whole, owner }: FormWords,
): readonly FormProblem[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      offset: keyOffset(document, [...issue.path, key]),
      message: `${nameText([...issue.path, key])} is not a name that ${owner} has`,
    }));
  }
  const missing = issue.path.length > 0 && valueAt(value, issue.path) === undefined;
  const subject = issue.path.length === 0 ? whole : `\`${pathText(issue.path)}\``;
  const message = missing ? `${subject} is missing` : `${subject} ${issue.message}`;
  return [{ offset: valueOffset(document, issue.path), message }];
}

/** Returns the first syntax error only: the next ones may follow from it. */
function syntaxProblems(document: Document): readonly FormProblem[] {
  return [...document.errors, ...document.warnings].slice(0, 1).map(({ pos, message }) => {
    return { offset: pos[0], message: `invalid YAML: ${withoutQuote(message)}` };
  });
}

/** Names whose values are policies. */
const policyNames: ReadonlySet<unknown> = new Set(["policy", "policies", "trust"]);

/** Reports numbers in a policy that JavaScript would silently change, such as a long UID. */
function numberProblems(document: Document): readonly FormProblem[] {
  const problems: FormProblem[] = [];
  visit(document, {
    Scalar: (_key, { value, source, range }, path) => {
      if (typeof value !== "number" || source === undefined || String(value) === source) return;
      if (!path.some((each) => isPair(each) && isScalar(each.key) && policyNames.has(each.key.value))) return;
      problems.push({
        offset: range?.[0] ?? 0,
        message: `the number \`${source}\` would not be kept exactly; put it in quotes, or write the whole policy as text`,
      });
    },
  });
  return problems;
}

/** Converts the document to plain data. An alias without an anchor, or inside its own anchor, fails only here. */
function valueOf(document: Document): { readonly value: unknown } | { readonly problem: FormProblem } {
  try {
    const value: unknown = document.toJS();
    JSON.stringify(value);
    return { value };
  } catch (error) {
    const reason = error instanceof Error ? error.message : "no reason was given";
    return { problem: { offset: 0, message: `invalid YAML: ${withoutQuote(reason)}` } };
  }
}

/** Returns the message of the parser without what it quotes after a colon, or in quotes: it may be a key of the seed. */
function withoutQuote(message: string): string {
  return message
    .replace(/\s+/g, " ")
    .replace(/(: | --> ).*$/, "")
    .replaceAll(/"[^"]*"|`[^`]*`/g, "...");
}

type FormPath = readonly PropertyKey[];

function pathText(path: FormPath): string {
  return path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
    .join("")
    .replace(/^\./, "");
}

/** Returns a name that is in no schema; one that is long may be a value in its place, such as a key. */
function nameText(path: FormPath): string {
  return String(path.at(-1)).length > maxName ? "this" : `\`${pathText(path)}\``;
}

const maxName = 20;

function valueAt(value: unknown, path: FormPath): unknown {
  return path.reduce<unknown>(
    (each, part) => (typeof each === "object" && each !== null ? Reflect.get(each, part) : undefined),
    value,
  );
}

/** Returns the offset of a value, or of the nearest enclosing value if it is missing. */
function valueOffset(document: Document, path: FormPath): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return document.contents?.range?.[0] ?? 0;
}

function keyOffset(document: Document, path: FormPath): number {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const key = isMap(parent)
    ? parent.items
        .map((item) => item.key)
        .find((each) => isScalar(each) && String(each.value) === path.at(-1))
    : undefined;
  return isNode(key) && key.range ? key.range[0] : valueOffset(document, path);
}
