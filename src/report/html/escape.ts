import { printable } from "../printable.ts";

/** Text that is safe HTML; only this module creates it. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type MarkupPart = string | number | Markup | readonly Markup[];

/**
 * Builds HTML from a template literal. Escapes each inserted value and makes it `printable`, unless it is
 * `Markup`. Attributes in templates need double quotes.
 */
export function html(template: TemplateStringsArray, ...parts: readonly MarkupPart[]): Markup {
  const [first = "", ...others] = unindented(template);
  const texts = parts.map((part, index) => partText(part) + (others[index] ?? ""));
  return new Markup(first + texts.join(""));
}

const known = new WeakMap<TemplateStringsArray, readonly string[]>();

/** Removes the indentation of the source code; memoized by template. */
function unindented(template: TemplateStringsArray): readonly string[] {
  const found =
    known.get(template) ??
    template.map((text) => text.replaceAll(/\s+/g, (blanks) => (blanks.includes("\n") ? "\n" : blanks)));
  known.set(template, found);
  return found;
}

export const nothing = new Markup("");

function partText(part: MarkupPart): string {
  if (part instanceof Markup) return part.text;
  if (typeof part === "object") return part.map(({ text }) => text).join("");
  return escaped(printable(String(part)));
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? "");
}

/** Renders a word from a file or from OSS: a bucket, an action, a place. */
export function code(text: string): Markup {
  return html`<code>${text === "" ? "(empty)" : text}</code>`;
}

/**
 * Word between backticks. One that begins or ends with a blank, such as a prefix of keys, has its backticks where a word of a
 * sentence can be; others may be the end of one word and the start of the next.
 */
const quotedWord =
  /(?:(?<=^|[\s(])`(?=\s*[^`\s])(?=[^`]+`(?:[\s,.;:)]|$))|`(?=[^`\s](?:[^`]*[^`\s])?`))([^`]+)`/;

/** Renders a message of this tool, with the words between its backticks as code. Right-to-left text in it does not affect its surroundings. */
export function message(text: string): Markup {
  // Made printable as a whole: a part on its own may look like another thing. Words are at odd places.
  const parts = printable(text).split(quotedWord);
  const shown = parts.map((part, at) => (at % 2 === 0 ? escaped(part) : `<code>${escaped(part)}</code>`));
  return new Markup(`<bdi>${shown.join("")}</bdi>`);
}

/** Renders a sentence with external words; right-to-left text in it does not affect its surroundings. */
export function sentence(text: string): Markup {
  return html`<bdi>${text}</bdi>`;
}
