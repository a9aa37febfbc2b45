import {
  abandonedTitle,
  actionTexts,
  baseNote,
  blockerText,
  causeNote,
  causeTexts,
  countsText,
  isShown,
  loosenedTitle,
  unmanagedTitle,
} from "../vocabulary.ts";
import { fewNames, printable } from "../printable.ts";
import type { Change, Plan, UnmanagedBucket, UnreadableBucket } from "../../plan/plan.ts";
import { isWriting } from "../../plan/plan.ts";
import type { ReadProblem } from "../../policy/live.ts";
import { renderAccess, renderHazards, renderPublicAccess } from "./access.ts";
import { differenceLines, type DifferenceLine, type LineMark } from "../difference-lines.ts";
import { type Style, type TextStyle } from "./style.ts";

/** Renders a plan for people: the changes in Terraform's symbols, then one line of counts. */
export function renderPlan(plan: Plan, style: TextStyle): string {
  const blocks = renderLoosened(plan, style);
  blocks.push(...groupsOf(plan.changes.filter(isShown)).map((group) => renderGroup(group, style)));
  blocks.push(...renderAbandoned(plan, style));
  if (plan.unmanaged.length > 0) blocks.push(renderUnmanaged(plan.unmanaged, style));
  blocks.push(...baseNote(plan, (text) => `\`${text}\``).map(printable), ...causeNote(plan));
  return [...blocks, `Plan: ${countsText(plan)}.`].join("\n\n") + "\n";
}

/** Changes that are shown together: buckets that are unreadable for the same reason, or a single change. */
type BucketGroup = readonly [Change, ...Change[]];

function groupsOf(changes: readonly Change[]): readonly BucketGroup[] {
  const groups = new Map<string, BucketGroup>();
  for (const change of changes) {
    const key = change.action === "unreadable" ? reasonOf(change) : `of ${change.account} ${change.bucket}`;
    const group = groups.get(key);
    groups.set(key, group === undefined ? [change] : [...group, change]);
  }
  return [...groups.values()];
}

/** Returns the reason without the bucket's name, which OSS may put in its message. */
function reasonOf({ bucket, problem: { message, help = "" } }: UnreadableBucket): string {
  return JSON.stringify([message, help].map((text) => text.replaceAll(bucket, "")));
}

function renderGroup([first, ...more]: BucketGroup, style: TextStyle): string {
  if (first.action !== "unreadable" || more.length === 0) return renderChange(first, style);
  const names = [first, ...more].map(({ bucket }) => printable(bucket));
  const head = `${paintMark("!", style)} ${style.paint("bold", `cannot read ${names.length} buckets`)}: ${fewNames(names)}`;
  return [head, ...renderProblem(first.problem)].join("\n");
}

type ChangeMark = LineMark | "!";

const markStyles: Record<Exclude<ChangeMark, " ">, Style> = {
  "+": "green",
  "-": "red",
  "~": "yellow",
  "!": "red",
};

const actionMarks: Record<Change["action"], ChangeMark> = {
  create: "+",
  update: "~",
  delete: "-",
  none: " ",
  unreadable: "!",
};

function renderChange(change: Change, style: TextStyle): string {
  const mark = paintMark(actionMarks[change.action], style);
  const place = style.paint("dim", `${printable(change.file)}:${change.line}`);
  const blocker = blockerText(change);
  const block = blocker === "" ? "" : style.paint("red", `  ${blocker}`);
  const cause = causeTexts[change.cause] === "" ? "" : `  ${causeTexts[change.cause]}`;
  const head = `${mark} ${style.paint("bold", `${actionTexts[change.action]} ${printable(change.bucket)}`)} (${printable(change.region)})  ${place}${cause}${block}`;
  if (change.action === "unreadable") return [head, ...renderProblem(change.problem)].join("\n");
  if (!isWriting(change)) return [head, ...renderHazards(change.hazards, style)].join("\n");
  return [
    head,
    ...differenceLines(change.difference).map((line) => renderDifferenceLine(line, style)),
    ...renderAccess(change.access, style, change.names),
    ...renderPublicAccess(change.publicAccess),
    ...renderHazards(change.hazards, style),
  ].join("\n");
}

function renderProblem({ message, help }: ReadProblem): readonly string[] {
  return [`    ${printable(message)}`, ...(help === undefined ? [] : [`    help: ${printable(help)}`])];
}

function renderDifferenceLine(line: DifferenceLine, style: TextStyle): string {
  const mark = paintMark(line.mark, style);
  if (line.kind === "statement") {
    const { place } = line;
    const at = place === null ? "" : style.paint("dim", `  ${printable(place.file)}:${place.line}`);
    return `    ${mark} Statement${at}`;
  }
  const [name = "", ...nested] = line.path;
  const label = (line.isFirst ? printable(name) : "").padEnd(10);
  return `      ${mark} ${label} ${printable([...nested, line.member].join(" "))}`;
}

/** Renders weakened guards, which come first so that reviewers see them. */
function renderLoosened({ base }: Plan, style: TextStyle): string[] {
  if (base === undefined || base.loosened.length === 0) return [];
  const lines = base.loosened.map(({ message, file, line }) => {
    const place = style.paint("dim", `${printable(file)}:${line}`);
    return `    ${paintMark("!", style)} ${printable(message)}  ${place}`;
  });
  return [[`${loosenedTitle}:`, ...lines].join("\n")];
}

function renderAbandoned({ base }: Plan, style: TextStyle): readonly string[] {
  if (base === undefined || base.abandoned.length === 0) return [];
  const lines = base.abandoned.map(({ bucket, region, file }) => {
    const was = style.paint("dim", `was in ${printable(file)}`);
    return `    ${paintMark("!", style)} ${printable(bucket)} (${printable(region)})  ${was}`;
  });
  return [[`${abandonedTitle}:`, ...lines].join("\n")];
}

function renderUnmanaged(buckets: readonly UnmanagedBucket[], style: TextStyle): string {
  const lines = buckets.map(({ bucket, region, problem }) => {
    const what = problem === null ? "has a policy" : printable(problem.message);
    return `    ${paintMark("!", style)} ${printable(bucket)} (${printable(region)})  ${what}`;
  });
  return [`${unmanagedTitle}:`, ...lines].join("\n");
}

function paintMark(mark: ChangeMark, style: TextStyle): string {
  return mark === " " ? mark : style.paint(markStyles[mark], mark);
}
