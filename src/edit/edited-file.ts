import { childOf, entryOf } from "../desired/node.ts";
import type { SourceFile } from "../desired/load.ts";
import type { JsonObject } from "../policy/json.ts";
import { makeFileEdit, statementsIn, type FileEdit } from "./file-edit.ts";
import { flowText } from "./statement-text.ts";
import { parseSource, type SourceText } from "./source-text.ts";

/** Change of a file, at its line in the new text. */
export interface LineChange {
  readonly line: number;
  readonly what: string;
}

/** File with its text before and after its edits. */
export interface EditedFile {
  readonly path: string;
  readonly before: string;
  readonly after: string;
  readonly changes: readonly LineChange[];
}

/** Makes edits one after the other; undefined if one of them cannot be made. */
export function editFile(file: SourceFile, edits: readonly FileEdit[]): EditedFile | undefined {
  let source = parseSource(file);
  let changes: readonly LineChange[] = [];
  for (const edit of edits) {
    const next = source && makeFileEdit(source, edit);
    if (source === undefined || next === undefined) return undefined;
    changes = withChange(changes, changeOf(source, next, edit), next.lines.count - source.lines.count);
    source = next;
  }
  if (source === undefined) return undefined;
  return { path: file.path, before: file.text, after: source.text, changes };
}

/** Adds a change, and moves those below it by the lines that it added or removed. */
function withChange(
  changes: readonly LineChange[],
  change: LineChange,
  added: number,
): readonly LineChange[] {
  const moved = changes.map(({ line, what }) => ({ line: line >= change.line ? line + added : line, what }));
  return [...moved, change].sort((a, b) => a.line - b.line);
}

function changeOf(before: SourceText, after: SourceText, edit: FileEdit): LineChange {
  switch (edit.kind) {
    case "add member":
      return { line: memberLine(after, edit, Infinity), what: `added \`${edit.text}\` to ${edit.field}` };
    case "remove member": {
      const written = childOf(statementsIn(before.node)?.items[edit.statement], edit.field);
      const item = written?.kind === "list" ? written.items[edit.member] : undefined;
      const word = item?.kind === "scalar" ? String(item.value) : "";
      return { line: memberLine(after, edit, edit.member), what: `removed \`${word}\` from ${edit.field}` };
    }
    case "insert statement":
      return { line: statementLine(after, edit.behind + 1), what: `added ${statementText(edit.content)}` };
    case "new policy":
      return { line: statementLine(after, 0), what: `added ${statementText(edit.content)}` };
    case "remove statement":
      return { line: statementLine(before, edit.statement), what: "removed a statement" };
    case "no policy":
      return {
        line: entryOf(after.node, "policy")?.nameSpan.start.line ?? 1,
        what: "wrote `policy: none`, since no statement is left",
      };
  }
}

function statementText({ Effect: effect, Condition: condition }: JsonObject): string {
  const statement = effect === "Deny" ? "a Deny statement" : "an Allow statement";
  return condition === undefined
    ? statement
    : `${statement} with the Condition \`${flowText(condition, false)}\``;
}

function statementLine(source: SourceText, index: number): number {
  return statementsIn(source.node)?.items[index]?.span.start.line ?? 1;
}

/** Returns the line of a member, or of the last one. */
function memberLine(
  source: SourceText,
  { statement, field }: Extract<FileEdit, { readonly kind: "add member" | "remove member" }>,
  member: number,
): number {
  const list = childOf(statementsIn(source.node)?.items[statement], field);
  if (list?.kind !== "list") return list?.span.start.line ?? 1;
  const item = list.items[Math.min(member, list.items.length - 1)];
  return item?.span.start.line ?? list.span.start.line;
}
