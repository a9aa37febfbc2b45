import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import markdownIt, { type Token } from "markdown-it";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** A Markdown page of the documentation. */
export interface Page {
  /** From the root of the repository, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly headings: readonly Heading[];
  readonly fences: readonly Fence[];
  /** Code in running text and in tables, each with its section. */
  readonly spans: readonly string[];
  /** The first cell of each row of a table, with the headers of its table. */
  readonly rows: readonly Row[];
  readonly links: readonly string[];
  /** Paragraphs, list items, cells and texts of pictures, without their code. */
  readonly prose: readonly string[];
  readonly sections: readonly Section[];
}

/** A heading with what follows it, up to the next heading. */
export interface Section {
  /** Empty for what is above the first heading. */
  readonly title: string;
  readonly spans: readonly string[];
  readonly links: readonly string[];
  /** The number of cells of each row, for each table. */
  readonly tables: readonly (readonly number[])[];
  readonly items: number;
}

interface Heading {
  readonly level: string;
  readonly text: string;
  readonly slug: string;
}

export interface Fence {
  readonly language: string;
  readonly text: string;
  /** The heading above it, of level 2 or 1. */
  readonly section: string;
}

export interface Row {
  readonly section: string;
  readonly cells: readonly string[];
}

export function readPage(path: string): Page {
  const text = readFileSync(join(root, path), "utf8");
  const tokens = markdownIt().parse(text, {});
  return {
    path,
    text,
    headings: headingsOf(tokens),
    fences: fencesOf(tokens),
    spans: spansOf(tokens),
    rows: rowsOf(tokens),
    links: linksOf(tokens),
    prose: tokens
      .filter(({ type }) => type === "inline")
      .map(({ children }) =>
        (children ?? [])
          .flatMap(({ type, content }) => (/^(text|image)$/.test(type) ? [content] : []))
          .join(" "),
      ),
    sections: sectionsOf(tokens),
  };
}

/** The pages in English that explain the tool. */
export const pages: readonly Page[] = ["README.md", "CONTRIBUTING.md", ...markdownIn("docs")]
  .filter((path) => !path.includes("zh-CN"))
  .map(readPage);

/** The pages in Chinese, each with a twin in English. */
export const chinesePages: readonly Page[] = ["README.zh-CN.md", ...markdownIn("docs/zh-CN")].map(readPage);

/** Returns the path of the same page in the other language; undefined for a file that has one language only. */
export function twinOf(path: string): string | undefined {
  if (path === "README.md") return "README.zh-CN.md";
  if (path === "README.zh-CN.md") return "README.md";
  const [, folder = "", name] = /^docs\/(zh-CN\/)?([^/]+\.md)$/.exec(path) ?? [];
  return name === undefined ? undefined : `docs/${folder === "" ? "zh-CN/" : ""}${name}`;
}

export function markdownIn(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `${folder}/${name.replaceAll("\\", "/")}`)
    .sort();
}

function inlineOf(tokens: readonly Token[], type: string): readonly Token[] {
  return tokens.flatMap(({ children }) => children ?? []).filter((token) => token.type === type);
}

function spansOf(tokens: readonly Token[]): readonly string[] {
  return inlineOf(tokens, "code_inline").map(({ content }) => content);
}

function linksOf(tokens: readonly Token[]): readonly string[] {
  return [
    ...inlineOf(tokens, "link_open").map((link) => decodeURI(String(link.attrGet("href")))),
    ...inlineOf(tokens, "image").map((picture) => decodeURI(String(picture.attrGet("src")))),
  ];
}

function sectionsOf(tokens: readonly Token[]): readonly Section[] {
  const starts = tokens.flatMap(({ type }, at) => (type === "heading_open" ? [at] : []));
  return [0, ...starts].map((start, index) => {
    const own = tokens.slice(start, starts[index]);
    return {
      title: index === 0 ? "" : (own[1]?.content ?? ""),
      spans: spansOf(own),
      links: linksOf(own),
      tables: tablesOf(own),
      items: own.filter(({ type }) => type === "list_item_open").length,
    };
  });
}

function tablesOf(tokens: readonly Token[]): readonly (readonly number[])[] {
  const tables: number[][] = [];
  for (const { type } of tokens) {
    const rows = tables.at(-1) ?? [];
    if (type === "table_open") tables.push([]);
    if (type === "tr_open") rows.push(0);
    if (type === "th_open" || type === "td_open") rows.push((rows.pop() ?? 0) + 1);
  }
  return tables;
}

function headingsOf(tokens: readonly Token[]): readonly Heading[] {
  return tokens.flatMap((token, at) => {
    if (token.type !== "heading_open") return [];
    const text = tokens[at + 1]?.content ?? "";
    return [{ level: token.tag, text, slug: slug(text) }];
  });
}

/** The anchor that GitHub makes of a heading. */
function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{Letter}\p{Number}\s_-]/gu, "")
    .replaceAll(" ", "-");
}

function fencesOf(tokens: readonly Token[]): readonly Fence[] {
  return withSections(tokens).flatMap(({ token, section }) =>
    token.type === "fence" ? [{ language: token.info, text: token.content, section }] : [],
  );
}

function rowsOf(tokens: readonly Token[]): readonly Row[] {
  const rows: { section: string; cells: string[] }[] = [];
  for (const [at, { token, section }] of withSections(tokens).entries()) {
    if (token.type === "tr_open") rows.push({ section, cells: [] });
    if (token.type === "td_open") rows.at(-1)?.cells.push(tokens[at + 1]?.content ?? "");
  }
  return rows.filter(({ cells }) => cells.length > 0);
}

function withSections(
  tokens: readonly Token[],
): readonly { readonly token: Token; readonly section: string }[] {
  let section = "";
  return tokens.map((token, at) => {
    if (token.type === "heading_open" && /^h[12]$/.test(token.tag)) section = tokens[at + 1]?.content ?? "";
    return { token, section };
  });
}

/** Files that a page shows, by the path in the comment on their first line. */
export function filesOf({ fences }: Page): ReadonlyMap<string, string> {
  return new Map(
    fences.flatMap(({ language, text }) => {
      // JSON has no comments, so the name of such a file is behind the language of its fence.
      const path =
        language === "yaml"
          ? /^# ([\w./-]+\.yaml)\n/.exec(text)?.[1]
          : /^json ([\w./-]+\.json)$/.exec(language)?.[1];
      return path === undefined ? [] : [[path, text] as const];
    }),
  );
}

/** The words of a command line as a shell makes them, for the quotes that the pages use. */
export function wordsOf(command: string): readonly string[] {
  return [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? "",
  );
}
