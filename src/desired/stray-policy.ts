import type { Diagnostic, Edit, Span } from "../diagnostic.ts";
import { policyFieldNames } from "../policy/field-names.ts";
import { entryOf, type Entry, type Node } from "./node.ts";

/**
 * Reports `Version` or `Statement` beside `policy`, or a policy without a bucket. It is one finding, since
 * otherwise every key of the file would have one.
 */
export function strayPolicy(node: Node): Diagnostic | undefined {
  const stray = entryOf(node, "Statement") ?? entryOf(node, "Version");
  const policy = entryOf(node, "policy");
  if (stray === undefined || entryOf(node, "use") !== undefined) return undefined;
  const base = { code: "unknown-key", severity: "error", span: stray.nameSpan } as const;
  if (policy === undefined) {
    const message = `\`${stray.name}\` is not a key of this file: a policy is the value of \`policy\``;
    const isNamed = entryOf(node, "bucket") !== undefined || entryOf(node, "buckets") !== undefined;
    const bucket = isNamed ? "" : ", and name the bucket with `bucket: NAME`";
    return { ...base, message, help: `indent the policy below \`policy:\`${bucket}` };
  }
  if (policy.value.kind !== "scalar" || policy.value.value !== null) return undefined;
  const message = `\`${stray.name}\` is beside \`policy\`, not below it`;
  return { ...base, message, help: "indent all lines of the policy by two spaces", ...indenting(node) };
}

/** Returns the correction that indents the fields of a policy, if they are the lines right below `policy:`. */
function indenting(node: Node): Pick<Diagnostic, "fix"> {
  if (node.kind !== "map") return {};
  const at = node.entries.findIndex(({ name }) => name === "policy");
  const below = node.entries.slice(at + 1);
  const fields = below.filter(({ name }) => policyFieldNames.includes(name));
  const isBlock = fields.every((entry, index) => entry === below[index] && entry.nameSpan.start.column === 1);
  return isBlock ? { fix: { edits: fields.flatMap(linesOf).map(indentation) } } : {};
}

/** Returns a place at the start of each line of an entry. */
function linesOf({ nameSpan, value: { span } }: Entry): readonly Span[] {
  const last = span.end.column === 1 ? span.end.line - 1 : span.end.line;
  const first = nameSpan.start.line;
  return Array.from({ length: Math.max(0, last - first) + 1 }, (_, index) => {
    const start = { line: first + index, column: 1 };
    return { file: nameSpan.file, start, end: start };
  });
}

function indentation(span: Span): Edit {
  return { span, text: "  " };
}
