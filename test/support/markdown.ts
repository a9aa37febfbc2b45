import markdownIt, { type Token } from "markdown-it";

/** What a reader of the Markdown is shown, with raw HTML, tables and links that need no brackets. */
const parser = markdownIt({ html: true, linkify: true });

export interface ParsedMarkdown {
  /** Every kind of part that there is, such as `link_open`. */
  readonly kinds: ReadonlySet<string>;
  /** Text outside of code. */
  readonly texts: readonly string[];
  /** Code spans and fenced blocks. */
  readonly codes: readonly string[];
  readonly blocks: readonly string[];
  readonly html: readonly string[];
  /** Where links lead. */
  readonly links: readonly string[];
  /** Cells of each row of each table. */
  readonly rows: readonly number[];
}

export function parseMarkdown(text: string): ParsedMarkdown {
  const tokens = parser.parse(text, {}).flatMap((token) => [token, ...(token.children ?? [])]);
  const contents = (...kinds: readonly string[]) =>
    tokens.filter(({ type }) => kinds.includes(type)).map(({ content }) => content);
  return {
    kinds: new Set(tokens.map(({ type }) => type)),
    texts: contents("text"),
    codes: contents("code_inline", "fence", "code_block"),
    blocks: contents("fence", "code_block"),
    html: contents("html_block", "html_inline"),
    links: tokens.flatMap((token) => (token.type === "link_open" ? [String(token.attrGet("href"))] : [])),
    rows: rowLengths(tokens),
  };
}

function rowLengths(tokens: readonly Token[]): readonly number[] {
  const rows: number[] = [];
  for (const { type } of tokens) {
    if (type === "tr_open") rows.push(0);
    if (type === "td_open" || type === "th_open") rows.push((rows.pop() ?? 0) + 1);
  }
  return rows;
}
