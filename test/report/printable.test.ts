import { printable } from "../../src/report/printable.ts";
import { expect, test } from "vitest";

test.each([
  ["private/＊", "private/\\u{ff0a}"],
  ["vpc–1", "vpc\\u{2013}1"],
  ["re\u0301sume\u0301", "re\\u{301}sume\\u{301}"],
  ["résumé", "résumé"],
  ["\u1100\u1161", "\\u{1100}\\u{1161}"],
  ["报告（一）：图片", "报告（一）：图片"],
  ["an older tool – it’s known", "an older tool – it’s known"],
  ["a\u200bb", "a\\u{200b}b"],
])("%s", (text, shown) => {
  expect(printable(text)).toBe(shown);
});
