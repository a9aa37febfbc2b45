import type { Change, Plan, UnmanagedBucket, WritingChange } from "../plan/plan.ts";
import { isWriting, summarize } from "../plan/plan.ts";
import {
  statementFields,
  type ChangedStatement,
  type Field,
  type FieldDifference,
  type Place,
} from "../plan/diff.ts";
import { isHolding } from "../plan/hazards.ts";
import type { Problem } from "../policy/live.ts";
import type { Statement } from "../policy/policy.ts";
import { renderAccess, renderHazards, renderOpenness } from "./access-text.ts";
import { printable, type Style, type TextStyle } from "./text.ts";

/** The plan for people: what would be done, in Terraform's symbols, then one line of counts. */
export function renderPlan(plan: Plan, style: TextStyle): string {
  const shown = plan.changes.filter((change) => change.action !== "none" || change.hazards.length > 0);
  const blocks = shown.map((change) => renderChange(change, style));
  if (plan.unmanaged.length > 0) blocks.push(renderUnmanaged(plan.unmanaged, style));
  if (plan.changes.some(isWriting)) {
    blocks.push("Whether a change is an edit of its file or drift of its bucket is not known here.");
  }
  return [...blocks, summaryLine(plan)].join("\n\n") + "\n";
}

function summaryLine(plan: Plan): string {
  const { create, update, delete: deleted, unchanged, unreadable, blocked } = summarize(plan.changes);
  const counts = [
    `${create} to create`,
    `${update} to update`,
    `${deleted} to delete`,
    `${unchanged} unchanged`,
  ];
  if (unreadable > 0) counts.push(`${unreadable} unreadable`);
  if (blocked > 0) counts.push(`${blocked} blocked`);
  if (plan.unmanaged.length > 0) counts.push(`${plan.unmanaged.length} without a file`);
  return `Plan: ${counts.join(", ")}.`;
}

type Mark = "+" | "-" | "~" | "!" | " ";

const markStyles: Record<Exclude<Mark, " ">, Style> = { "+": "green", "-": "red", "~": "yellow", "!": "red" };

const actionMarks: Record<Change["action"], Mark> = {
  create: "+",
  update: "~",
  delete: "-",
  none: " ",
  unreadable: "!",
};

function renderChange(change: Change, style: TextStyle): string {
  const mark = paintMark(actionMarks[change.action], style);
  const verbs = { unreadable: "cannot read", none: "unchanged" };
  const verb =
    change.action === "unreadable" || change.action === "none" ? verbs[change.action] : change.action;
  const place = style.paint("dim", `${printable(change.file)}:${change.line}`);
  const held =
    isWriting(change) && change.blocked ? style.paint("red", `  blocked by ${blockerOf(change)}`) : "";
  const head = `${mark} ${style.paint("bold", `${verb} ${change.bucket}`)} (${printable(change.region)})  ${place}${held}`;
  if (change.action === "unreadable") return [head, ...renderProblem(change.problem)].join("\n");
  if (!isWriting(change)) return [head, ...renderHazards(change.hazards, style)].join("\n");
  return [
    head,
    ...renderDifference(change, style),
    ...renderAccess(change.access, style),
    ...renderOpenness(change.openness),
    ...renderHazards(change.hazards, style),
  ].join("\n");
}

function blockerOf({ hazards }: WritingChange): string {
  return hazards.some(isHolding) ? "a hazard" : "an error finding";
}

function renderProblem({ message, help }: Problem): readonly string[] {
  return [`    ${printable(message)}`, ...(help === undefined ? [] : [`    help: ${printable(help)}`])];
}

function renderDifference({ difference }: WritingChange, style: TextStyle): readonly string[] {
  const { fields, removed, changed, added } = difference;
  const at = (place: Place | null) =>
    place === null ? "" : style.paint("dim", `  ${printable(place.file)}:${place.line}`);
  return [
    ...fields.flatMap((field) => renderMembers(field.path, marked([], field), style)),
    ...removed.flatMap((statement) => renderStatement("-", statement, "", style)),
    ...changed.flatMap((pair) => renderChanged(pair, at(pair.place), style)),
    ...added.flatMap(({ statement, place }) => renderStatement("+", statement, at(place), style)),
  ];
}

function renderStatement(
  mark: Mark,
  statement: Statement,
  place: string,
  style: TextStyle,
): readonly string[] {
  const fields = statementFields(statement);
  return [
    `    ${paintMark(mark, style)} Statement${place}`,
    ...fields.flatMap(({ path, members }) =>
      renderMembers(
        path,
        members.map((member) => ({ mark, member })),
        style,
      ),
    ),
  ];
}

/** The whole statement, so that one sees what it is about, with marks where it changes. */
function renderChanged(pair: ChangedStatement, place: string, style: TextStyle): readonly string[] {
  const { before, after, fields } = pair;
  const all = [...statementFields(before), ...statementFields(after)];
  const byPath = new Map(all.map((field) => [field.path.join("\n"), field]));
  return [
    `    ${paintMark("~", style)} Statement${place}`,
    ...[...byPath.values()].flatMap((field) => {
      const difference = fields.find(({ path }) => path.join("\n") === field.path.join("\n"));
      return renderMembers(field.path, marked(membersOf(before, field), difference), style);
    }),
  ];
}

function membersOf(statement: Statement, { path }: Field): readonly string[] {
  const key = path.join("\n");
  return statementFields(statement).find((field) => field.path.join("\n") === key)?.members ?? [];
}

interface MarkedMember {
  readonly mark: Mark;
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

/** One member a line, the field's name on the first. */
function renderMembers(
  path: readonly string[],
  members: readonly MarkedMember[],
  style: TextStyle,
): readonly string[] {
  const [name = "", ...nested] = path;
  return members.map(({ mark, member }, index) => {
    const label = (index === 0 ? printable(name) : "").padEnd(10);
    const text = printable([...nested, member].join(" "));
    return `      ${paintMark(mark, style)} ${label} ${text}`;
  });
}

function renderUnmanaged(buckets: readonly UnmanagedBucket[], style: TextStyle): string {
  const lines = buckets.map(({ bucket, region, problem }) => {
    const what = problem === null ? "has a policy" : printable(problem.message);
    return `    ${paintMark("!", style)} ${printable(bucket)} (${printable(region)})  ${what}`;
  });
  return ["Buckets without a file, which this tool leaves alone:", ...lines].join("\n");
}

function paintMark(mark: Mark, style: TextStyle): string {
  return mark === " " ? mark : style.paint(markStyles[mark], mark);
}
