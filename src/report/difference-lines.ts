import {
  statementFields,
  type ChangedStatement,
  type FieldValue,
  type FieldDifference,
  type StatementPlace,
  type PolicyDifference,
} from "../plan/diff.ts";
import { namedText, type Names } from "../access/render.ts";
import type { Statement } from "../policy/policy.ts";

/** Mark of a line of a difference; a space marks an unchanged line. */
export type LineMark = "+" | "-" | "~" | " ";

/** Line of a difference, which each report formats in its own way. */
export type DifferenceLine =
  { readonly kind: "statement"; readonly mark: LineMark; readonly place: StatementPlace | null } | MemberLine;

interface MemberLine {
  readonly kind: "member";
  readonly mark: LineMark;
  readonly path: readonly string[];
  readonly member: string;
  /** It is the first member of its field. */
  readonly isFirst: boolean;
}

/** Returns the fields of the policy, then removed, changed and added statements; principals have their names. */
export function differenceLines(difference: PolicyDifference, names: Names): readonly DifferenceLine[] {
  return linesOf(difference).map((line) =>
    line.kind === "member" && isPrincipal(line.path)
      ? { ...line, member: namedText(line.member, names) }
      : line,
  );
}

function isPrincipal([field = ""]: readonly string[]): boolean {
  return field === "Principal" || field === "NotPrincipal";
}

function linesOf({ fields, removed, changed, added }: PolicyDifference): readonly DifferenceLine[] {
  return [
    ...fields.flatMap((field) => memberLines(field.path, marked([], field))),
    ...removed.flatMap((statement) => wholeStatement("-", statement, null)),
    ...changed.flatMap(changedStatement),
    ...added.flatMap(({ statement, place }) => wholeStatement("+", statement, place)),
  ];
}

function wholeStatement(
  mark: LineMark,
  statement: Statement,
  place: StatementPlace | null,
): readonly DifferenceLine[] {
  return [
    { kind: "statement", mark, place },
    ...statementFields(statement).flatMap(({ path, members }) =>
      memberLines(
        path,
        members.map((member) => ({ mark, member })),
      ),
    ),
  ];
}

/** Returns all lines of a statement as context, and marks those that change. */
function changedStatement({ before, after, place, fields }: ChangedStatement): readonly DifferenceLine[] {
  const all = [...statementFields(before), ...statementFields(after)];
  const byPath = new Map(all.map((field) => [field.path.join("\n"), field]));
  return [
    { kind: "statement", mark: "~", place },
    ...[...byPath.values()].flatMap((field) => {
      const difference = fields.find(({ path }) => path.join("\n") === field.path.join("\n"));
      return memberLines(field.path, marked(membersOf(before, field), difference));
    }),
  ];
}

function membersOf(statement: Statement, { path }: FieldValue): readonly string[] {
  const key = path.join("\n");
  return statementFields(statement).find((field) => field.path.join("\n") === key)?.members ?? [];
}

interface MarkedMember {
  readonly mark: LineMark;
  readonly member: string;
}

function marked(before: readonly string[], difference: FieldDifference | undefined): readonly MarkedMember[] {
  const { added = [], removed = [] } = difference ?? {};
  const kept = before.filter((member) => !removed.includes(member));
  return [
    ...kept.map((member) => ({ mark: " " as const, member })),
    ...removed.map((member) => ({ mark: "-" as const, member })),
    ...added.map((member) => ({ mark: "+" as const, member })),
  ];
}

function memberLines(path: readonly string[], members: readonly MarkedMember[]): readonly MemberLine[] {
  return members.map((member, index) => ({ kind: "member", path, isFirst: index === 0, ...member }));
}
