import equal from "fast-deep-equal";
import type { Edit } from "../diagnostic.ts";
import { childOf, entryOf, jsonOf, type ListNode, type MapNode, type Node } from "../desired/node.ts";
import { isList, isObject, type Json, type JsonObject } from "../policy/json.ts";
import { applyEdits } from "./apply-edits.ts";
import { insertItem, removeItem } from "./list-edits.ts";
import {
  endOf,
  isFlow,
  lineEnd,
  nextLine,
  parseSource,
  replace,
  startOf,
  type SourceText,
} from "./source-text.ts";
import { memberItem, statementItem } from "./statement-text.ts";

/** Field of a statement that has a list of words. */
export type ListField = "Principal" | "Action" | "Resource";

/** Edit of a policy file, in terms of its statements as they are written, by their index. */
export type FileEdit =
  | {
      readonly kind: "add member";
      readonly statement: number;
      readonly field: ListField;
      readonly text: string;
    }
  | {
      readonly kind: "remove member";
      readonly statement: number;
      readonly field: ListField;
      readonly member: number;
    }
  | { readonly kind: "insert statement"; readonly behind: number; readonly content: JsonObject }
  | { readonly kind: "remove statement"; readonly statement: number }
  /** For a file without a policy, or with `policy: none`. */
  | { readonly kind: "new policy"; readonly content: JsonObject }
  | { readonly kind: "no policy" };

/** Returns the list of statements of a bucket file or a statement set, as it is written. */
export function statementsIn(node: Node): ListNode | undefined {
  const list = childOf(childOf(node, "policy") ?? node, "Statement");
  return list?.kind === "list" ? list : undefined;
}

/**
 * Makes an edit. The values of the new text are those that the edit means, and nothing else differs. Undefined if the
 * text has a layout in which that fails, such as an anchor.
 */
export function makeFileEdit(source: SourceText, edit: FileEdit): SourceText | undefined {
  const edits = editsFor(source, edit);
  const after = edits && parseSource({ path: source.path, text: applyEdits(source.text, edits) });
  if (after === undefined) return undefined;
  return equal(jsonOf(after.node), expected(jsonOf(source.node), edit)) ? after : undefined;
}

function editsFor(source: SourceText, edit: FileEdit): readonly Edit[] | undefined {
  const list = statementsIn(source.node);
  switch (edit.kind) {
    case "new policy":
      return newPolicy(source, edit.content);
    case "no policy":
      return noPolicy(source);
    case "insert statement":
      return list && insertItem(source, list, edit.behind, statementItem(edit.content));
    case "remove statement":
      return list && removeStatement(source, list, edit.statement);
    case "add member":
    case "remove member":
      return memberEdits(source, childOf(list?.items[edit.statement], edit.field), edit);
  }
}

function memberEdits(
  source: SourceText,
  field: Node | undefined,
  edit: Extract<FileEdit, { readonly kind: "add member" | "remove member" }>,
): readonly Edit[] | undefined {
  if (field?.kind === "list")
    return edit.kind === "remove member"
      ? removeItem(source, field, edit.member)
      : insertItem(source, field, field.items.length - 1, memberItem(edit.text));
  if (field?.kind !== "scalar" || typeof field.value !== "string" || edit.kind === "remove member")
    return undefined;
  const words = [field.value, edit.text].map((word) => memberItem(word).flow);
  return [replace(source, startOf(source, field), endOf(source, field), `[${words.join(", ")}]`)];
}

function removeStatement(source: SourceText, list: ListNode, index: number): readonly Edit[] | undefined {
  if (list.items.length > 1) return removeItem(source, list, index);
  const entry = entryOf(childOf(source.node, "policy") ?? source.node, "Statement");
  return entry && replaceValue(source, entry, "[]");
}

function noPolicy(source: SourceText): readonly Edit[] | undefined {
  const entry = entryOf(source.node, "policy");
  return entry && replaceValue(source, entry, isFlow(source, source.node) ? '"none"' : "none");
}

/** Replaces a list or map by a short value on the line of its key. */
function replaceValue(
  source: SourceText,
  { nameSpan, value }: MapNode["entries"][number],
  text: string,
): readonly Edit[] {
  const end = endOf(source, value);
  if (isFlow(source, value)) return [replace(source, startOf(source, value), end, text)];
  const key = source.lines.offsetOf(nameSpan.end);
  const colon = source.text.indexOf(":", key) + 1;
  const head = lineEnd(source, colon);
  const comment = source.text.slice(colon, head).trimEnd();
  return [
    replace(source, colon, head, ` ${text}${comment}`),
    replace(source, nextLine(source, head), nextLine(source, end), ""),
  ];
}

/** Writes a policy in place of `policy: none`, or below `use` where the file has no `policy`. */
function newPolicy(source: SourceText, statement: JsonObject): readonly Edit[] | undefined {
  const { node } = source;
  const entry = entryOf(node, "policy") ?? entryOf(node, "use");
  if (entry === undefined || isFlow(source, node)) return undefined;
  const { lines } = statementItem(statement);
  const head = ['  Version: "1"', "  Statement:", `    - ${lines.join("\n      ")}`];
  const [start, end] = [startOf(source, entry.value), endOf(source, entry.value)];
  const at = nextLine(source, end);
  const isOpen = at === source.text.length && !source.text.endsWith("\n");
  const write = (text: string) => replace(source, at, at, isOpen ? `\n${text}` : `${text}\n`);
  if (entry.name === "use") return [write(["policy:", ...head].join("\n"))];
  const from = source.text.slice(0, start).trimEnd().length;
  return [replace(source, from, end, ""), write(head.join("\n"))];
}

/** Returns the values that a file has after an edit. */
function expected(json: Json, edit: FileEdit): Json {
  if (!isObject(json)) return json;
  const { policy } = json;
  if (edit.kind === "no policy") return { ...json, policy: "none" };
  if (edit.kind === "new policy") return { ...json, policy: { Version: "1", Statement: [edit.content] } };
  if (!isObject(policy)) return { ...json, Statement: editedList(json["Statement"], edit) };
  return { ...json, policy: { ...policy, Statement: editedList(policy["Statement"], edit) } };
}

type StatementEdit = Exclude<FileEdit, { readonly kind: "no policy" | "new policy" }>;

function editedList(list: Json | undefined, edit: StatementEdit): Json {
  if (list === undefined || !isList(list)) return null;
  switch (edit.kind) {
    case "insert statement":
      return list.toSpliced(edit.behind + 1, 0, edit.content);
    case "remove statement":
      return list.toSpliced(edit.statement, 1);
    case "add member":
    case "remove member":
      return list.map((statement, index) =>
        index === edit.statement && isObject(statement) ? editedMember(statement, edit) : statement,
      );
  }
}

function editedMember(
  statement: JsonObject,
  edit: Extract<FileEdit, { readonly kind: "add member" | "remove member" }>,
): JsonObject {
  const value = statement[edit.field];
  const members: readonly Json[] =
    value !== undefined && isList(value) ? value : value === undefined ? [] : [value];
  const edited = edit.kind === "add member" ? [...members, edit.text] : members.toSpliced(edit.member, 1);
  return { ...statement, [edit.field]: edited };
}
