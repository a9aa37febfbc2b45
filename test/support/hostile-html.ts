import fc from "fast-check";
import { expect } from "vitest";
import { printable } from "../../src/report/printable.ts";
import { parseHtml, type ParsedElement } from "./html.ts";

/** A word that none of this tool's own texts has: where it stands, text from outside stands. */
export const marker = "zqzq";

const nasty = [
  [
    "</script>",
    "</style>",
    "</title>",
    "</textarea>",
    "</pre>",
    "</code>",
    "</details>",
    "</main>",
    "</body>",
  ],
  [
    "<script>alert(1)</script>",
    "<style>*{display:none}</style>",
    "<svg/onload=alert(1)>",
    "<template>",
    "<p>",
  ],
  [
    '"><img src=x onerror=alert(1)>',
    "'><b>",
    "` onclick=x",
    "`<img src=x>`",
    "`",
    '" onclick="x',
    "<a href=javascript:alert(1)>",
  ],
  ["<!--", "-->", "--!>", "<![CDATA[", "]]>", "<?xml", "<!doctype html>", "<", ">", "&", '"', "'", "=", "/"],
  ["&lt;", "&lt;b&gt;", "&#60;", "&#x3c;script&#x3e;", "&amp;amp;", "&notit;", "&quot;"],
  ["javascript:alert(1)", "data:text/html,x", "https://example.com/x", "//example.com", "url(//example.com)"],
  ["\u0000", "\u001b[31m", "\r\n", "\t", "\u202e", "\u2066x\u2069", "\ufeff", "\u200b", "\u2028", "\ud800"],
  ["\u{1f600}", "é", "语", "שלום", "$&", "$1", "${x}", "{{x}}", "__proto__", "toString", "x".repeat(4_000)],
].flat();

const piece = fc.oneof(
  { arbitrary: fc.constantFrom(...nasty), weight: 4 },
  fc.string({ maxLength: 8, unit: "binary" }),
);
/** A text that would be markup, or would hide or move other text, if it were not escaped. */
export const hostileHtml = fc
  .tuple(fc.array(piece, { maxLength: 3 }), fc.array(piece, { maxLength: 3 }))
  .map(([before, after]) => [...before, marker, ...after].join(""));

const known = new Set(
  (
    "html head meta title style body a header p h1 h2 h3 h4 h5 ul li nav main section form div label input select " +
    "option button table thead tbody tr th td article strong span em b dl dt dd code bdi footer details summary pre ins del script"
  ).split(" "),
);
const knownAttributes =
  /^(lang|charset|http-equiv|content|name|class|href|id|open|role|for|type|value|hidden|tabindex|scope|colspan|autocomplete|spellcheck|aria-(label|labelledby|hidden|pressed)|data-(change|of|row|rows|items|public|http|action|access|hazard|blocked|cause|facet))$/;

const ownTexts = new Set(["style", "script"]);

/** Checks that a page has our elements, our attributes and our scripts alone, and returns its elements. */
export function expectHarmless(page: string): readonly ParsedElement[] {
  const { elements, comments, errors } = parseHtml(page);
  expect(comments).toEqual([]);
  expect(errors.filter((error) => !/^(noncharacter|control-character|surrogate)/.test(error))).toEqual([]);
  const attributes = elements.flatMap((element) => Object.entries(element.attributes));
  expect(attributes.filter(([name, value]) => `${name}${value}`.includes(marker))).toEqual([]);
  expect(elements.filter(({ name }) => !known.has(name))).toEqual([]);
  expect(attributes.filter(([name]) => !knownAttributes.test(name))).toEqual([]);
  expect(elements.filter(({ name }) => ownTexts.has(name)).length).toBe(2);
  for (const { name, text } of elements) if (ownTexts.has(name)) expect(text).not.toContain(marker);
  expect(printable(page.replaceAll("\n", ""))).toBe(page.replaceAll("\n", ""));
  return elements;
}
