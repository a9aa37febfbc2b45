import type { Diagnostic, Span } from "../diagnostic.ts";
import { suggestion } from "../near-miss.ts";
import { UsedSpan } from "./span-in-text.ts";
import type { Entry, ListNode, Node, ScalarNode } from "./node.ts";

/** The value of a variable: one string, or a list that is spliced in where it is a list item. */
export type VariableValue = string | ScalarNode | ListNode;

export type Variables = ReadonlyMap<string, VariableValue>;

/** What an expansion reads, and what it finds. */
export interface Expansion {
  readonly variables: Variables;
  readonly diagnostics: Diagnostic[];
  /** The places whose value is not known, since an error is reported: what follows from them is none of its own. */
  readonly faults: Span[];
}

/** In characters of JSON; four times what OSS takes as a policy. */
const maxCharacters = 65_536;

/**
 * Puts values in place of `${name}` in every string below a node, and `${` in place of `$${`. What
 * comes from a variable has the place where it is used. An unknown name is an error. Undefined where
 * variables make more of the text than any policy needs, which is reported.
 */
export function expandVariables(node: Node, expansion: Expansion): Node | undefined {
  if (!holdsReference(node)) return node;
  const expander = new Expander(expansion);
  const expanded = expander.expand(node);
  return expander.isOver ? undefined : expanded;
}

/** Most policies hold none, and stay as they are. */
function holdsReference(node: Node): boolean {
  switch (node.kind) {
    case "list":
      return node.items.some(holdsReference);
    case "map":
      return node.entries.some(({ name, value }) => name.includes("${") || holdsReference(value));
    case "scalar":
      return typeof node.value === "string" && node.value.includes("${");
  }
}

/** The inverse, for text that is to be read as it stands. */
export function escapeVariables(text: string): string {
  return text.replaceAll("${", () => "$${");
}

/** The names that a text refers to, each once. */
export function referencesIn(text: string): readonly string[] {
  const names = [...text.matchAll(reference)].flatMap(([, name]) => name ?? []);
  return [...new Set(names)];
}

/** `$${` first, so that an escaped name is never looked up; then a name, or a `${` that nothing closes. */
const reference = /\$\$\{|\$\{([^{}]*)\}|\$\{/g;

/** One expansion of one tree, with the characters that its variables may still add. */
class Expander {
  isOver = false;
  readonly #expansion: Expansion;
  #left = maxCharacters;

  constructor(expansion: Expansion) {
    this.#expansion = expansion;
  }

  expand(node: Node): Node {
    if (this.isOver) return node;
    switch (node.kind) {
      case "list":
        return { ...node, items: node.items.flatMap((item) => this.#item(item)) };
      case "map":
        return { ...node, entries: node.entries.map((entry) => this.#entry(entry)) };
      case "scalar":
        return this.#scalar(node);
    }
  }

  #entry(entry: Entry): Entry {
    return { ...entry, name: this.#name(entry), value: this.expand(entry.value) };
  }

  /** A variable in a key could make two keys one, so that what is judged is not what is sent. */
  #name({ name, nameSpan: span }: Entry): string {
    if (!name.includes("${")) return name;
    if (/(?<!\$)\$\{/.test(name)) {
      this.#report({
        message: "a variable cannot be in a key",
        span,
        help: "write the key out; `$${` is a literal `${`",
      });
    }
    return name.replaceAll("$${", () => "${");
  }

  /** A list variable that is a whole item becomes as many items as it has members. */
  #item(item: Node): readonly Node[] {
    if (this.isOver) return [];
    const text = item.kind === "scalar" && typeof item.value === "string" ? item.value : "";
    const value = this.#expansion.variables.get(/^\$\{([^{}]*)\}$/.exec(text)?.[1] ?? "");
    if (value === undefined || typeof value === "string" || value.kind === "scalar")
      return [this.expand(item)];
    if (value.items.some(isBroken)) this.#expansion.faults.push(item.span);
    const size = value.items.reduce((sum, member) => sum + textOf(member).length + 3, 0);
    if (!this.#afford(size, item.span)) return [];
    return value.items.map((member) => ({
      kind: "scalar",
      value: textOf(member),
      span: new UsedSpan(item.span, member.span),
      isExpanded: true,
    }));
  }

  #scalar(node: ScalarNode): ScalarNode {
    const { value: text, span } = node;
    if (typeof text !== "string" || !text.includes("${")) return node;
    const references = [...text.matchAll(reference)];
    const values = references.map(([, name]) => this.#expansion.variables.get(name ?? ""));
    const size = values.reduce<number>(
      (sum, value) => sum + (value === undefined ? 0 : textOf(value).length),
      0,
    );
    if (!this.#afford(size, span)) return node;
    const pieces = references.map(([written, name], index) =>
      this.#piece(written, name, values[index], span),
    );
    let next = 0;
    const value = text.replaceAll(reference, () => pieces[next++] ?? "");
    const origins = values.flatMap((one) => (one === undefined || typeof one === "string" ? [] : [one.span]));
    const [origin] = origins;
    const used = origin === undefined ? span : new UsedSpan(span, origin);
    return { ...node, value, span: used, isExpanded: true };
  }

  #piece(written: string, name: string | undefined, value: VariableValue | undefined, span: Span): string {
    if (written === "$${") return "${";
    if (typeof value === "string") return value;
    if (value?.kind === "scalar") {
      if (isBroken(value)) this.#expansion.faults.push(span);
      return textOf(value);
    }
    this.#report(problemOf(name, value, span, this.#expansion.variables));
    return written;
  }

  /** Counts before anything is built: a reference costs a few characters, and its value may be long. */
  #afford(characters: number, span: Span): boolean {
    this.#left -= characters;
    if (this.#left >= 0) return true;
    if (!this.isOver) {
      const message = `the variables here make more than ${maxCharacters} characters of this text`;
      this.#report({
        message,
        span,
        help: "use them less often, or shorten them: an OSS policy has 16 KB at most",
      });
    }
    this.isOver = true;
    return false;
  }

  #report(problem: Pick<Diagnostic, "message" | "help" | "cause"> & { readonly span: Span }): void {
    this.#expansion.faults.push(problem.span);
    this.#expansion.diagnostics.push({ code: "variable", severity: "error", ...problem });
  }
}

function textOf(value: VariableValue | Node): string {
  if (typeof value === "string") return value;
  return value.kind === "scalar" && typeof value.value === "string" ? value.value : "";
}

/** A variable in the value of a variable is an error at its definition, and not at each use. */
export function isBroken(value: Node): boolean {
  return textOf(value).includes("${");
}

function problemOf(
  name: string | undefined,
  value: VariableValue | undefined,
  span: Span,
  variables: Variables,
) {
  if (name === undefined) {
    const message = "`${` begins a variable and no `}` ends it";
    return { message, span, help: "write `$${` for a literal `${`" };
  }
  if (value !== undefined) {
    const message = `\`${name}\` is a list, which can only be a whole list item`;
    const help = `where that is all, write \`["\${${name}}"]\`; else write one item for each member of the list`;
    return { message, span, help };
  }
  const known = suggestion(name, [...variables.keys()].sort());
  const help = `${known}; \`$\${\` is a literal \`\${\``;
  return { message: `there is no variable \`${name}\``, span, help, cause: `variable ${name}` };
}
