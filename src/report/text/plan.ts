import {
  abandonedTitle,
  actionTexts,
  baseNote,
  causeNote,
  causeTexts,
  countsText,
  isShown,
  loosenedTitle,
  shardNote,
  unmanagedTitle,
} from "../vocabulary.ts";
import { fewNames, printable } from "../printable.ts";
import { bucketsOf, groupsOf, type ChangeGroup } from "../groups.ts";
import { eventsNote, lastChangeLead, lastChangeText } from "../last-change.ts";
import { requestLines, requestsNote } from "../requests.ts";
import { riskLabel, toneOf } from "../review.ts";
import { accountVerdicts, verdictOf } from "../verdict.ts";
import type { Change, Plan, UnmanagedBucket, WritingChange } from "../../plan/plan.ts";
import { isWriting } from "../../plan/plan.ts";
import type { ReadProblem } from "../../policy/live.ts";
import { paintTone, renderAccess, renderPublicAccess } from "./access.ts";
import { differenceLines, type DifferenceLine, type LineMark } from "../difference-lines.ts";
import { renderHazards } from "./hazards.ts";
import { type Style, type TextStyle } from "./style.ts";
import { renderVerdict } from "./verdict.ts";

/** Renders a plan for people: the verdict, weaker guards, the changes in Terraform's symbols, and the counts. */
export function renderPlan(plan: Plan, style: TextStyle): string {
  const context = { isErrored: false };
  const blocks = [
    [verdictOf(plan, context), ...accountVerdicts(plan, context)]
      .map((verdict) => renderVerdict(verdict, style))
      .join("\n"),
    ...renderLoosened(plan, style),
    ...groupsOf(plan.changes.filter(isShown)).map((group) => renderGroup(group, style)),
    ...renderAbandoned(plan, style),
    ...(plan.unmanaged.length > 0 ? [renderUnmanaged(plan.unmanaged, style)] : []),
    ...baseNote(plan, (text) => `\`${text}\``).map(printable),
    ...causeNote(plan),
    ...shardNote(plan),
    ...eventsNote(plan),
    ...requestsNote(plan),
  ];
  return [...blocks, `Plan: ${countsText(plan)}.`].join("\n\n") + "\n";
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

function renderGroup(group: ChangeGroup, style: TextStyle): string {
  const [first] = group;
  const head = renderHead(group, style);
  if (first.action === "unreadable") return [head, ...renderProblem(first.problem)].join("\n");
  return [
    head,
    ...renderBuckets(group),
    ...renderLastChange(group),
    ...(isWriting(first) ? [...renderAccessOf(first, style), ...renderRequests(first, style)] : []),
    ...renderHazards(group, style),
    ...(isWriting(first)
      ? differenceLines(first.difference, first.names).map((line) => renderDifferenceLine(line, style))
      : []),
  ].join("\n");
}

/** Renders the action, the bucket or the count of buckets, the place, the cause and the risk. */
function renderHead(group: ChangeGroup, style: TextStyle): string {
  const [change, ...more] = group;
  const tone = toneOf(change);
  const label = riskLabel(change);
  const mark = paintTone(tone, actionMarks[change.action], style);
  const what = more.length === 0 ? printable(change.bucket) : `${group.length} buckets`;
  const title = `${mark} ${style.paint("bold", `${actionTexts[change.action]} ${what}`)}`;
  const cause = causeTexts[change.cause] === "" ? "" : `  ${causeTexts[change.cause]}`;
  const risk = label === "" ? "" : paintTone(tone, `  ${label}`, style);
  if (more.length > 0 && change.action === "unreadable")
    return `${title}: ${fewNames(bucketsOf(group).map(printable))}`;
  const others = more.length === 0 ? "" : ` and ${more.length} more`;
  const place = style.paint("dim", `${printable(change.file)}:${change.line}${others}`);
  const region = more.length === 0 ? ` (${printable(change.region)})` : "";
  return `${title}${region}  ${place}${cause}${risk}`;
}

/** Maximum of characters in a line of names. */
const maxWidth = 100;

function renderBuckets(group: ChangeGroup): readonly string[] {
  if (group.length === 1) return [];
  const lines: string[] = [];
  for (const name of bucketsOf(group).map(printable)) {
    const last = lines.at(-1);
    if (last === undefined || last.length + name.length > maxWidth) lines.push(`    ${name}`);
    else lines[lines.length - 1] = `${last}, ${name}`;
  }
  return lines;
}

function renderLastChange(group: ChangeGroup): readonly string[] {
  const text = lastChangeText(group);
  return text === undefined ? [] : [`    ${lastChangeLead} ${printable(text)}`];
}

function renderAccessOf(
  { access, publicAccess, names, blocked }: WritingChange,
  style: TextStyle,
): readonly string[] {
  return [...renderAccess(access, style, names, blocked), ...renderPublicAccess(publicAccess)];
}

function renderRequests(change: WritingChange, style: TextStyle): readonly string[] {
  return requestLines(change).flatMap(({ label, text, tone, examples }) => [
    `    ${paintTone(tone, `${label}:`, style)} ${printable(text)}`,
    ...examples.map((example) => style.paint("dim", `      e.g. ${printable(example)}`)),
  ]);
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
