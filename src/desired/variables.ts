import type { Diagnostic, Span } from "../diagnostic.ts";
import { suggestion } from "../near-miss.ts";
import type { Entry, Node, ScalarNode } from "./node.ts";

/** What a variable stands for: one string, or a list that is spliced in where it is a list item. */
export type VariableValue = string | readonly string[];

export type Variables = ReadonlyMap<string, VariableValue>;

/**
 * Puts values in place of `${name}` in every string below a node, and `${` in place of `$${`. What
 * comes from a variable has the place where it is used. An unknown name is an error.
 */
export function expandVariables(node: Node, variables: Variables, diagnostics: Diagnostic[]): Node {
  return holdsReference(node) ? expand(node, variables, diagnostics) : node;
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

function expand(node: Node, variables: Variables, diagnostics: Diagnostic[]): Node {
  switch (node.kind) {
    case "list":
      return { ...node, items: node.items.flatMap((item) => expandItem(item, variables, diagnostics)) };
    case "map":
      return { ...node, entries: node.entries.map((entry) => expandEntry(entry, variables, diagnostics)) };
    case "scalar":
      return expandScalar(node, variables, diagnostics);
  }
}

/** The inverse, for text that is to be read as it stands. */
export function escapeVariables(text: string): string {
  return text.replaceAll("${", () => "$${");
}

function expandEntry(entry: Entry, variables: Variables, diagnostics: Diagnostic[]): Entry {
  return {
    ...entry,
    name: expandName(entry, diagnostics),
    value: expand(entry.value, variables, diagnostics),
  };
}

/** A variable in a key could make two keys one, so that what is judged is not what is sent. */
function expandName({ name, nameSpan: span }: Entry, diagnostics: Diagnostic[]): string {
  if (!name.includes("${")) return name;
  if (/(?<!\$)\$\{/.test(name)) {
    const message = "a variable cannot stand in a key";
    const help = "write the key out; `$${` is a literal `${`";
    diagnostics.push({ code: "variable", severity: "error", message, span, help });
  }
  return name.replaceAll("$${", () => "${");
}

/** A list variable that is a whole item becomes as many items as it has members. */
function expandItem(item: Node, variables: Variables, diagnostics: Diagnostic[]): readonly Node[] {
  const text = item.kind === "scalar" && typeof item.value === "string" ? item.value : "";
  const value = variables.get(/^\$\{([^{}]*)\}$/.exec(text)?.[1] ?? "");
  if (value === undefined || typeof value === "string") return [expand(item, variables, diagnostics)];
  return value.map((member) => ({ kind: "scalar", value: member, span: item.span, isExpanded: true }));
}

function expandScalar(node: ScalarNode, variables: Variables, diagnostics: Diagnostic[]): Node {
  if (typeof node.value !== "string") return node;
  const value = expandText(node.value, node.span, variables, diagnostics);
  return value === node.value ? node : { ...node, value, isExpanded: true };
}

/** `$${` first, so that an escaped name is never looked up; then a name, or a `${` that nothing closes. */
const reference = /\$\$\{|\$\{([^{}]*)\}|\$\{/g;

function expandText(text: string, span: Span, variables: Variables, diagnostics: Diagnostic[]): string {
  if (!text.includes("${")) return text;
  return text.replaceAll(reference, (written, name: string | undefined) => {
    if (written === "$${") return "${";
    const value = name === undefined ? undefined : variables.get(name);
    if (typeof value === "string") return value;
    diagnostics.push(problemOf(name, value, span, variables));
    return written;
  });
}

function problemOf(
  name: string | undefined,
  value: VariableValue | undefined,
  span: Span,
  variables: Variables,
): Diagnostic {
  const base = { code: "variable", severity: "error", span } as const;
  if (name === undefined) {
    return {
      ...base,
      message: "`${` begins a variable and no `}` ends it",
      help: "write `$${` for a literal `${`",
    };
  }
  if (value !== undefined) {
    const message = `\`${name}\` is a list, which can only stand as a whole list item`;
    return { ...base, message, help: `write \`- \${${name}}\`, or \`["\${${name}}"]\`` };
  }
  const known = suggestion(name, [...variables.keys()].sort());
  return {
    ...base,
    message: `there is no variable \`${name}\``,
    help: `${known}; \`$\${\` is a literal \`\${\``,
  };
}
