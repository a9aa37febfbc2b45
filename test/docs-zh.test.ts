import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { chinesePages, pages, readPage, root, twinOf, type Page } from "./support/pages.ts";

const han = /\p{Script=Han}/u;

/** The pages that have a twin in Chinese, which is all that a user of the tool reads. */
const twins = pages.flatMap((page) => {
  const twin = twinOf(page.path);
  return twin === undefined ? [] : [[twin, page] as const];
});

/** The target of a link of an English page as the Chinese page has it: the Chinese page or section, where there is one. */
function chineseLink(link: string, english: Page, chinese: Page): string {
  if (/^https?:/.test(link)) return link;
  const [file = "", anchor] = link.split("#");
  const target = file === "" ? english.path : normalize(join(dirname(english.path), file));
  const twin = twinOf(target);
  const path = twin === chinese.path ? "" : relative(dirname(chinese.path), twin ?? target);
  if (anchor === undefined) return path;
  if (twin === undefined) return `${path}#${anchor}`;
  const at = readPage(target).headings.findIndex(({ slug }) => slug === anchor);
  return `${path}#${readPage(twin).headings[at]?.slug ?? anchor}`;
}

const sorted = (words: readonly string[]) => [...new Set(words)].sort();

/** Pairs the sections of two pages, whose headings a test of its own compares. */
function sectionPairs(english: Page, chinese: Page) {
  return english.sections.flatMap((section, at) => {
    const other = chinese.sections[at];
    return other === undefined ? [] : [[section, other, `${chinese.path}: ${other.title}`] as const];
  });
}

/** A Chinese page says what its English twin says: what is not prose is the same, section by section. */
describe.each(twins)("%s", (path, english) => {
  test("exists, and links to its twin in its first lines", () => {
    expect(existsSync(join(root, path)), path).toBe(true);
    const first = readFileSync(join(root, path), "utf8").split("\n").slice(0, 4).join("\n");
    expect(first).toContain(`[English](${relative(dirname(path), english.path)}) | 简体中文\n`);
  });

  test("has the headings of its twin, in their order and at their levels", () => {
    const { headings } = readPage(path);
    expect(headings.map(({ level, text }) => `${level} ${text}`)).toHaveLength(english.headings.length);
    expect(headings.map(({ level }) => level)).toEqual(english.headings.map(({ level }) => level));
  });

  test("has the code blocks of its twin", () => {
    const code = ({ fences }: Page) => fences.map(({ language, text }) => `\`\`\`${language}\n${text}`);
    expect(code(readPage(path))).toEqual(code(english));
  });

  test("has the tables and lists of its twin", () => {
    for (const [section, other, where] of sectionPairs(english, readPage(path))) {
      expect(other.tables, `${where}: cells of each row of each table`).toEqual(section.tables);
      expect(other.items, `${where}: list items`).toBe(section.items);
    }
  });

  test("has the inline code of its twin", () => {
    for (const [section, other, where] of sectionPairs(english, readPage(path)))
      expect(sorted(other.spans), where).toEqual(sorted(section.spans));
  });

  test("has the links of its twin", () => {
    const chinese = readPage(path);
    const toTwin = relative(dirname(path), english.path);
    for (const [section, other, where] of sectionPairs(english, chinese)) {
      const links = section.links.map((link) => chineseLink(link, english, chinese));
      expect(sorted(other.links.filter((link) => link !== toTwin)), where).toEqual(
        sorted(links.filter((link) => link !== toTwin)),
      );
    }
  });

  test("is in Chinese", () => {
    // Names of one or two words stay as they are, such as GitLab and AccessKey ID.
    const wordsIn = (text: string) => text.split(" ").filter((word) => /^\p{Letter}{2}/u.test(word)).length;
    const isEnglish = (text: string) =>
      !han.test(text) && (wordsIn(text) > 2 || (wordsIn(text) > 1 && english.prose.includes(text)));
    expect(readPage(path).prose.filter(isEnglish)).toEqual([]);
  });
});

test("every Chinese page has a twin", () => {
  const known = twins.map(([path]) => path);
  expect(chinesePages.map(({ path }) => path).filter((path) => !known.includes(path))).toEqual([]);
});

test("README.md links to README.zh-CN.md in its first lines", () => {
  const first = readFileSync(join(root, "README.md"), "utf8").split("\n").slice(0, 4).join("\n");
  expect(first).toContain("](README.zh-CN.md)");
});

test.each(pages.map((page) => [page.path, page] as const))("%s is in English", (_, { prose }) => {
  expect(prose.filter((text) => han.test(text) && !text.includes("简体中文"))).toEqual([]);
});
