import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import markdownIt, { type Token } from "markdown-it";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const english = readFileSync(`${root}README.md`, "utf8");
const chinese = readFileSync(`${root}README.zh-CN.md`, "utf8");
const han = /\p{Script=Han}/u;

/** What a translation leaves as it is, from one heading to the next. */
interface Section {
  readonly heading: string;
  readonly level: string;
  /** The kinds of its parts in their order: paragraphs, list items, rows, fenced blocks. */
  readonly parts: readonly string[];
  readonly fences: readonly string[];
  /** Code spans in the order of the alphabet, since words have another order in Chinese. */
  readonly spans: readonly string[];
  readonly links: readonly string[];
  readonly pictures: readonly string[];
  /** The cells that are code, numbers or severities, each with its row and column. */
  readonly cells: readonly string[];
  readonly prose: readonly string[];
}

const parts = new Set(["paragraph_open", "list_item_open", "tr_open", "td_open", "th_open", "fence"]);
const fixedCell = /^(`[^`]+`|\d+|error|warning|note|)$/;

function sections(text: string): readonly Section[] {
  const tokens = markdownIt().parse(text, {});
  const starts = tokens.flatMap(({ type }, at) => (type === "heading_open" ? [at] : []));
  const slugs = starts.map((at) => slug(tokens[at + 1]?.content ?? ""));
  return starts.map((start, n) => section(tokens.slice(start, starts[n + 1]), slugs));
}

function section(tokens: readonly Token[], slugs: readonly string[]): Section {
  const inner = tokens.flatMap(({ children }) => children ?? []);
  const of = (type: string) => inner.filter((token) => token.type === type);
  return {
    heading: tokens[1]?.content ?? "",
    level: tokens[0]?.tag ?? "",
    parts: tokens.map(({ type }) => type).filter((type) => parts.has(type)),
    fences: tokens.flatMap(({ type, info, content }) => (type === "fence" ? [`${info}\n${content}`] : [])),
    spans: of("code_inline")
      .map(({ content }) => content)
      .sort(),
    links: of("link_open")
      .map((link) => target(String(link.attrGet("href")), slugs))
      .sort(),
    pictures: of("image").map((picture) => String(picture.attrGet("src"))),
    cells: cells(tokens),
    prose: prose(tokens),
  };
}

function cells(tokens: readonly Token[]): readonly string[] {
  let [row, column] = [0, 0];
  return tokens.flatMap(({ type }, at) => {
    if (type === "tr_open") [row, column] = [row + 1, 0];
    if (type !== "td_open") return [];
    column += 1;
    const content = tokens[at + 1]?.content ?? "";
    return fixedCell.test(content) ? [`${row}.${column} ${content}`] : [];
  });
}

/** Paragraphs, list items and cells that have words, and the words of pictures. */
function prose(tokens: readonly Token[]): readonly string[] {
  const isProse = ({ type, content }: Token) =>
    type === "inline" && !fixedCell.test(content) && !/^[\w-]+$/.test(content);
  return tokens
    .filter(isProse)
    .map(({ children }) =>
      (children ?? [])
        .flatMap(({ type, content }) => (/^(text|image)$/.test(type) ? [content] : []))
        .join(" "),
    )
    .filter((words) => /\p{Letter}/u.test(words));
}

/** A link into the page by the number of its heading, one to the other README as that. */
function target(href: string, slugs: readonly string[]): string {
  const link = decodeURI(href);
  if (link.startsWith("#")) return `heading ${slugs.indexOf(link.slice(1))}`;
  return /^README(\.zh-CN)?\.md$/.test(link) ? "the other README" : link;
}

/** As GitHub makes the anchor of a heading. */
function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{Letter}\p{Number}\s_-]/gu, "")
    .replaceAll(" ", "-");
}

const [here, there] = [sections(english), sections(chinese)];

test("the Chinese README has the headings of the English one, on the same levels and in the same order", () => {
  expect(here.length).toBeGreaterThan(20);
  expect(there.map(({ level }) => level)).toEqual(here.map(({ level }) => level));
});

describe.each(here.map((section, n) => [section.heading, section, there[n]] as const))("%s", (_, en, zh) => {
  test("has the same parts, blocks, code, links, pictures and cells", () => {
    expect(zh).toEqual({ ...en, heading: zh?.heading, prose: zh?.prose });
  });

  test("is in Chinese", () => {
    for (const words of zh?.prose ?? []) expect(words).toMatch(han);
    for (const words of en.prose) if (!words.includes("简体中文")) expect(words).not.toMatch(han);
  });
});

describe.each([
  ["README.md", english, here, "README.zh-CN.md"],
  ["README.zh-CN.md", chinese, there, "README.md"],
] as const)("%s", (_, text, own, other) => {
  test("links to the other one in its first lines", () => {
    expect(text.split("\n").slice(0, 4).join("\n")).toContain(`](${other})`);
  });

  test("shows both pictures", () => {
    const pictures = own.flatMap((section) => section.pictures);
    expect(pictures).toEqual([".github/pictures/comment.png", ".github/pictures/report.png"]);
  });

  test("has no link that leads nowhere", () => {
    const links = own.flatMap((section) => [...section.links, ...section.pictures]);
    expect(links).not.toContain("heading -1");
    const files = links.filter((link) => !/^(heading \d+$|the other README$|https?:)/.test(link));
    expect(files.filter((file) => !existsSync(root + file))).toEqual([]);
  });
});
