import fc from "fast-check";
import { expect } from "vitest";
import { parseMarkdown, type ParsedMarkdown } from "./markdown.ts";

/** A word that none of this tool's own texts has: where it stands, text from outside stands. */
const marker = "zqzq";

const nasty = [
  [
    "@everyone",
    " @octocat ",
    "#1",
    "owner/repo#1",
    "GH-1",
    "a@b.example",
    "0123456789abcdef0123456789abcdef01234567",
  ],
  [
    "https://example.com/x",
    "www.example.com",
    "[x](https://example.com)",
    "![x](//example.com/y.png)",
    "[x]: /y",
  ],
  [
    "<img src=x onerror=alert(1)>",
    "</details>",
    "<details>",
    "-->",
    "--!>",
    "<!--",
    "<https://example.com>",
    "&lt;b&gt;",
  ],
  ["`", "``", "```", "````", "\n```\n", "~~~", "`".repeat(81), "`".repeat(300), "\\", "\\`", " ", "  "],
  [
    "|",
    "\\|",
    "| a | b |\n|---|---|",
    "**x**",
    "_y_",
    "~~z~~",
    "# h",
    "\n# h\n",
    "- [ ] x",
    "\n\n",
    "\r\n",
    "\t",
  ],
  [
    "::error::x",
    "::error ",
    "::set-output name=x::y",
    "##[error]x",
    "##[add-mask]x",
    "%0A",
    "%0A::error::",
    "\u0000",
    "\u001b[31m",
  ],
  [
    "\u202e",
    "\u2066x\u2069",
    "\ufeff",
    "\u200b",
    "\u2028",
    "\ud800",
    "\u{1f600}",
    ":+1:",
    "$`x`$",
    "$$",
    "é",
    "语",
  ],
  ["x".repeat(4_000), "`|".repeat(2_000), "$&", "${x}", "__proto__"],
].flat();

const piece = fc.oneof(
  { arbitrary: fc.constantFrom(...nasty), weight: 4 },
  fc.string({ maxLength: 8, unit: "binary" }),
);
/** Text that would be a command, a mention, a link or markup, were it let; as somebody could put it in a bucket name, a key, a reason or a message. */
export const hostile = fc
  .tuple(fc.array(piece, { maxLength: 3 }), fc.array(piece, { maxLength: 3 }))
  .map(([before, after]) => [...before, marker, ...after].join(""));

/** What would be more than text to GitHub, were it outside of code. */
const alive = new RegExp(`${marker}|@|#\\d|/|www|[<>]|::|\``);

const kinds = new Set(
  ["html_block", "inline", "text", "code_inline", "fence", "softbreak", "strong_open", "strong_close"].concat(
    ["heading", "paragraph", "bullet_list", "list_item", "table", "thead", "tbody", "tr", "th", "td"].flatMap(
      (name) => [`${name}_open`, `${name}_close`],
    ),
  ),
);
const summaries = ["Statements", "How to accept this", "Buckets"];
const tags = ["</details>", ...summaries.map((words) => `<details>\n<summary>${words}</summary>`)];

/** No part of a Markdown document is more than text, code and this tool's own structure, but for its one link. */
export function expectInert(text: string, link: string | undefined): ParsedMarkdown {
  const parsed = parseMarkdown(text);
  const ownLinks = parsed.links.length > 0 ? ["link_open", "link_close"] : [];
  expect([...parsed.kinds].filter((kind) => !kinds.has(kind) && !ownLinks.includes(kind))).toEqual([]);
  expect(parsed.links.filter((target) => target !== link)).toEqual([]);
  expect(parsed.texts.filter((part) => alive.test(part.replaceAll("->", "")))).toEqual([]);
  const [comment, ...html] = parsed.html.map((part) => part.trim());
  expect(comment).toMatch(/^<!-- oss-policy(?: drift)?: [\w./%-]+ -->$/);
  expect(html.filter((part) => !tags.includes(part))).toEqual([]);
  expect(html.length).toBe(2 * parsed.blocks.length);
  expect(new Set(parsed.rows).size).toBeLessThanOrEqual(2);
  expect(text.split("\n").filter((line) => /^\s*::|##\[/.test(line))).toEqual([]);
  expect(text.match(unprintable)).toBeNull();
  return parsed;
}

/** Control and bidirectional characters, which no report shows but by their codes. */
export const unprintable = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
