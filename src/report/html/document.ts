import { unquotedText, type FieldDifference, type PolicyDifference } from "../../plan/diff.ts";
import { isExactNumber, isList, isObject, jsonText, type Json, type JsonObject } from "../../policy/json.ts";
import { canonicalStatement, scalarText, statementKey } from "../../policy/policy.ts";
import { html, type Markup } from "./escape.ts";

export type Side = "before" | "after";

/** Renders one side of a policy change, with numbered lines and marks where the other side differs. */
export function documentPart(
  document: JsonObject | null,
  side: Side,
  difference: PolicyDifference | undefined,
): Markup {
  if (document === null) return html`<p class="quiet">No policy.</p>`;
  const lines = documentLines(document, side, difference).map(({ text, isMarked }) => {
    if (!isMarked) return html`<span>${text}</span>`;
    return side === "before" ? html`<del>${text}</del>` : html`<ins>${text}</ins>`;
  });
  return html`<pre class="lines numbered">${lines}</pre>`;
}

export interface DocumentLine {
  readonly text: string;
  /** The other side has no equal value, in any order and spelling. */
  readonly isMarked: boolean;
}

/** Returns whether a value differs, by its path in the policy or in its statement, without list indexes. */
type DifferingValue = (path: readonly string[], value: Json) => boolean;

/** Marks the difference of the canonical forms, so that a new order has no marks. */
export function documentLines(
  document: JsonObject,
  side: Side,
  difference: PolicyDifference | undefined,
): readonly DocumentLine[] {
  const marks = marksOf(side, difference);
  const scopeOf = (statement: Json): DifferingValue => {
    if (!isObject(statement)) return marks.ofPolicy;
    const key = statementKey(canonicalStatement(statement));
    if (marks.whole.has(key)) return () => true;
    return inFields(marks.changed.get(key) ?? [], side);
  };
  const members = Object.entries(document).map(([name, value]) => {
    if (name !== "Statement" || !isList(value)) return named(name, valueLines(value, [name], marks.ofPolicy));
    const statements = value.map((statement) =>
      valueLines(statement, isObject(statement) ? [] : [name], scopeOf(statement)),
    );
    return named(name, enclosed("[", statements, "]", false));
  });
  return enclosed("{", members, "}", false);
}

interface Marks {
  /** Keys of the statements that only this side has. */
  readonly whole: ReadonlySet<string>;
  readonly changed: ReadonlyMap<string, readonly FieldDifference[]>;
  readonly ofPolicy: DifferingValue;
}

function marksOf(side: Side, difference: PolicyDifference | undefined): Marks {
  const { added = [], removed = [], changed = [], fields = [] } = difference ?? {};
  const only = side === "before" ? removed : added.map(({ statement }) => statement);
  return {
    whole: new Set(only.map(statementKey)),
    changed: new Map(changed.map((pair) => [statementKey(pair[side]), pair.fields])),
    ofPolicy: ([name]) => fields.some(({ path, ...lists }) => path[0] === name && membersOn(side, lists) > 0),
  };
}

const membersOn = (side: Side, { added, removed }: Omit<FieldDifference, "path">) =>
  (side === "before" ? removed : added).length;

function inFields(fields: readonly FieldDifference[], side: Side): DifferingValue {
  return (path, value) =>
    fields.some((field) => {
      const members = side === "before" ? field.removed : field.added;
      if (field.isJson === true) return path[0] === field.path[0] && members.length > 0;
      return path.join("\n") === field.path.join("\n") && members.includes(memberText(value));
    });
}

/** Returns the text of a value as differences of statements have it. */
function memberText(value: Json): string {
  if (isExactNumber(value) || typeof value === "number" || typeof value === "boolean")
    return unquotedText(scalarText(value));
  if (typeof value !== "object" || value === null) return scalarText(value);
  return "(empty)";
}

function valueLines(value: Json, path: readonly string[], scope: DifferingValue): readonly DocumentLine[] {
  if (isList(value) && value.length > 0) {
    const items = value.map((item) => valueLines(item, path, scope));
    return enclosed("[", items, "]", scope(path, value));
  }
  if (isObject(value) && Object.keys(value).length > 0) {
    const members = Object.entries(value).map(([name, member]) =>
      named(name, valueLines(member, [...path, name], scope)),
    );
    return enclosed("{", members, "}", scope(path, value));
  }
  return [{ text: jsonText(value), isMarked: scope(path, value) }];
}

function enclosed(
  open: string,
  items: readonly (readonly DocumentLine[])[],
  close: string,
  isMarked: boolean,
): readonly DocumentLine[] {
  if (items.length === 0) return [{ text: open + close, isMarked }];
  const inside = items.flatMap((lines, index) => {
    const isLast = index === items.length - 1;
    return lines.map((line, at) => {
      const comma = !isLast && at === lines.length - 1 ? "," : "";
      return { ...line, text: `  ${line.text}${comma}` };
    });
  });
  return [{ text: open, isMarked }, ...inside, { text: close, isMarked }];
}

function named(name: string, lines: readonly DocumentLine[]): readonly DocumentLine[] {
  return lines.map((line, index) =>
    index === 0 ? { ...line, text: `${JSON.stringify(name)}: ${line.text}` } : line,
  );
}
