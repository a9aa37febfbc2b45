import type { Diagnostic, Span } from "../diagnostic.ts";
import { suggestion } from "../near-miss.ts";
import { UsedSpan } from "./span-in-text.ts";
import type { Entry, ListNode, Node, ScalarNode } from "./node.ts";

/** Value of a variable: a string, or a list that replaces a list item with its members. */
export type VariableValue = string | ScalarNode | ListNode;

export type Variables = ReadonlyMap<string, VariableValue>;

/** Input and findings of an expansion. */
export interface Expansion {
  readonly variables: Variables;
  readonly diagnostics: Diagnostic[];
  /** Places with an unknown value because of a reported error; consequences of it are not reported. */
  readonly faults: Span[];
}

/** Maximum of characters of JSON: four times the maximum of OSS for a policy. */
const maxCharacters = 65_536;

/**
 * Replaces `${name}` with its value in every string below a node, and `$${` with `${`. A value from a
 * variable has the place of its use. Reports an unknown name. Returns undefined, and reports it, if variables
 * make the text longer than any policy.
 */
export function expandVariables(node: Node, expansion: Expansion): Node | undefined {
  if (!holdsReference(node)) return node;
  const expander = new Expander(expansion);
  const expanded = expander.expand(node);
  return expander.isOver ? undefined : expanded;
}

/** Returns whether a node has a reference. Most policies have none and need no copy. */
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

/** Escapes literal text, so that `expandVariables` returns it unchanged. */
export function escapeVariables(text: string): string {
  return text.replaceAll("${", () => "$${");
}

/** Returns the distinct names that a text refers to. */
export function referencesIn(text: string): readonly string[] {
  const names = [...text.matchAll(reference)].flatMap(([, name]) => name ?? []);
  return [...new Set(names)];
}

/** Matches `$${` first, so that an escaped name is never looked up; then a name, or an unclosed `${`. */
const reference = /\$\$\{|\$\{([^{}]*)\}|\$\{/g;

/** Expansion of one tree, with a budget of characters that variables may add. */
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

  /** Refuses variables in keys: two keys could become one, so that OSS gets another policy than was checked. */
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

  /** Replaces a list variable that is a whole item with its members. */
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

  /** Counts the characters before the text is built, since the value of a short reference may be long. */
  #afford(characters: number, span: Span): boolean {
    this.#left -= characters;
    if (this.#left >= 0) return true;
    if (!this.isOver) {
      const message = `the variables expand this text to more than ${maxCharacters} characters`;
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

/** Returns whether the value of a variable has a variable: an error at its definition, not at each use. */
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
    const message = "`${` starts a variable, and there is no closing `}`";
    return { message, span, help: "write the `}` behind the name; `$${` is a literal `${`" };
  }
  if (value !== undefined) {
    const message = `\`${name}\` is a list, which can only be a whole list item`;
    const help = `if there are no other items, write \`["\${${name}}"]\`; else write one item for each member of the list`;
    return { message, span, help };
  }
  const known = suggestion(name, [...variables.keys()].sort());
  const help = `${known}; \`$\${\` is a literal \`\${\``;
  return { message: `there is no variable \`${name}\``, span, help, cause: `variable ${name}` };
}
