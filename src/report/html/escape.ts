import { printable } from "../printable.ts";

/** Text that is HTML already: made by `html` alone, so that nothing else can be one. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type MarkupPart = string | number | Markup | readonly Markup[];

/**
 * HTML from a template of this tool's own. Whatever is put in is shown as the text that it is, by
 * `printable`, unless a template made it; attributes stand in double quotes.
 */
export function html(template: TemplateStringsArray, ...parts: readonly MarkupPart[]): Markup {
  const [first = "", ...others] = unindented(template);
  const texts = parts.map((part, index) => partText(part) + (others[index] ?? ""));
  return new Markup(first + texts.join(""));
}

const known = new WeakMap<TemplateStringsArray, readonly string[]>();

/** The indentation of the code is none of the page's. */
function unindented(template: TemplateStringsArray): readonly string[] {
  const found = known.get(template) ?? template.map((text) => text.replaceAll(/\s*\n\s*/g, "\n"));
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

/** A word from a file or from OSS: a bucket, an action, a place. */
export function code(text: string): Markup {
  return html`<code>${text === "" ? "(empty)" : text}</code>`;
}

/** A sentence that words from outside stand in; what is written from right to left in it stays in it. */
export function told(text: string): Markup {
  return html`<bdi>${text}</bdi>`;
}
