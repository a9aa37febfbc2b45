import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { pages, readPage, root } from "./support/pages.ts";

const chinese = readPage("README.zh-CN.md");
const han = /\p{Script=Han}/u;

/**
 * The Chinese README has the topics of all English pages in one file. What it names is checked in
 * docs-names.test.ts; here it is checked that the English pages name it too, so that neither speaks of
 * something that the other has dropped.
 */
describe("README.zh-CN.md names nothing that the English pages do not", () => {
  const english = pages.map(({ text }) => text).join("\n");
  const named = (pattern: RegExp) => [...new Set(chinese.spans.filter((span) => pattern.test(span)))];

  test.each([
    ["options", /^--[a-z]/],
    ["codes and other names", /^[a-z]+(-[a-z]+)+$/],
    ["keys, fields and verbs", /^[a-z][A-Za-z]+:?$/],
    ["variables", /^[A-Z][A-Z_]+$/],
  ])("%s", (_, pattern) => {
    const words = named(pattern);
    expect(words.length).toBeGreaterThan(0);
    expect(words.filter((word) => !english.includes(word.split(" ")[0] ?? word))).toEqual([]);
  });

  test("links", () => {
    const links = pages.flatMap((page) => page.links.map((link) => link.replace(/^\.\.\//, "")));
    const files = chinese.links.filter((link) => !link.startsWith("#"));
    expect(
      files.filter((link) => link !== "README.md" && !links.some((other) => other.startsWith(link))),
    ).toEqual([]);
  });
});

test("each README links to the other in its first lines", () => {
  const firstLines = (path: string) =>
    readFileSync(join(root, path), "utf8").split("\n").slice(0, 4).join("\n");
  expect(firstLines("README.md")).toContain("](README.zh-CN.md)");
  expect(firstLines("README.zh-CN.md")).toContain("](README.md)");
});

test("README.zh-CN.md is in Chinese, and the English pages are in English", () => {
  const words = (prose: readonly string[]) =>
    prose.filter((text) => /\p{Letter}{3}.*\s.*\p{Letter}{3}/u.test(text));
  expect(words(chinese.prose).filter((text) => !han.test(text) && !/^[\w\s.,:;()/-]+$/.test(text))).toEqual(
    [],
  );
  for (const { path, prose } of pages)
    expect(
      prose.filter((text) => han.test(text) && !text.includes("简体中文")),
      path,
    ).toEqual([]);
});
