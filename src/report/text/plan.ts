import type { Cause, Change, Plan, UnmanagedBucket, UnreadableBucket } from "../../plan/plan.ts";
import { isWriting, summarize } from "../../plan/plan.ts";
import { isHolding } from "../../plan/hazard.ts";
import type { ReadProblem } from "../../policy/live.ts";
import { renderAccess, renderHazards, renderOpenness } from "./access.ts";
import { differenceLines, type DifferenceLine, type LineMark } from "../difference-lines.ts";
import { fewNames, printable, type Style, type TextStyle } from "./style.ts";

/** The plan for people: what would be done, in Terraform's symbols, then one line of counts. */
export function renderPlan(plan: Plan, style: TextStyle): string {
  const blocks = renderLoosened(plan, style);
  blocks.push(...groupsOf(plan.changes.filter(isShown)).map((group) => renderGroup(group, style)));
  blocks.push(...renderAbandoned(plan, style));
  if (plan.unmanaged.length > 0) blocks.push(renderUnmanaged(plan.unmanaged, style));
  blocks.push(...baseNote(plan, (text) => `\`${text}\``).map(printable), ...causeNote(plan));
  return [...blocks, `Plan: ${countsText(plan)}.`].join("\n\n") + "\n";
}

/** Says that no cause is known; a plan that puts back what a journal holds needs none. */
export function causeNote({ changes, base, journal }: Plan): readonly string[] {
  if (base !== undefined || journal !== undefined || !changes.some(isWriting)) return [];
  return ["Whether a change is an edit of its file or drift of its bucket is not known without --base."];
}

const mostPaths = 5;

/** Names the commits that a plan compares, in full, and the files that are in none of them. */
export function baseNote({ base: compared }: Plan, code: (text: string) => string): readonly string[] {
  if (compared === undefined) return [];
  const { word, base, revision, uncommitted } = compared;
  const first = uncommitted.slice(0, mostPaths).map(code);
  const more = uncommitted.length > mostPaths ? `, and ${uncommitted.length - mostPaths} more` : "";
  const dirty = uncommitted.length === 0 ? "" : `, with uncommitted changes in ${first.join(", ")}${more}`;
  return [
    `Compared with ${code(word)}, commit ${code(base)}; the files are those of commit ${code(revision)}${dirty}.`,
  ];
}

/** Changes that are shown as one: buckets that cannot be read for the same reason, or one change alone. */
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

/** OSS may name the bucket in its message: apart from that the reason is the same. */
function reasonOf({ bucket, problem: { message, help = "" } }: UnreadableBucket): string {
  return JSON.stringify([message, help].map((text) => text.replaceAll(bucket, "")));
}

function renderGroup([first, ...more]: BucketGroup, style: TextStyle): string {
  if (first.action !== "unreadable" || more.length === 0) return renderChange(first, style);
  const names = [first, ...more].map(({ bucket }) => printable(bucket));
  const head = `${paintMark("!", style)} ${style.paint("bold", `cannot read ${names.length} buckets`)}: ${fewNames(names)}`;
  return [head, ...renderProblem(first.problem)].join("\n");
}

/** Why a bucket changes, as a word behind its name; empty where it goes without saying. */
export const causeTexts: Readonly<Record<Cause, string>> = {
  edit: "edit",
  drift: "drift",
  both: "edit and drift",
  none: "",
  unknown: "",
};

export const loosenedTitle = "Guards that are weaker than at the base, and new consents";
export const unmanagedTitle = "Buckets without a file, which this tool leaves alone";
export const abandonedTitle = "Buckets whose file is gone, and whose policies stay as they are";

/** An unchanged bucket is worth a word only where its state is a hazard. */
export function isShown(change: Change): boolean {
  return change.action !== "none" || change.hazards.length > 0;
}

/** `1 to create, 0 to update, ...`. */
export function countsText(plan: Plan): string {
  const { create, update, delete: deleted, unchanged, unreadable, blocked } = summarize(plan.changes);
  const counts = [
    `${create} to create`,
    `${update} to update`,
    `${deleted} to delete`,
    `${unchanged} unchanged`,
  ];
  if (unreadable > 0) counts.push(`${unreadable} unreadable`);
  if (blocked > 0) counts.push(`${blocked} blocked`);
  const abandoned = plan.base?.abandoned.length ?? 0;
  if (abandoned > 0) counts.push(`${abandoned} abandoned`);
  if (plan.unmanaged.length > 0) counts.push(`${plan.unmanaged.length} without a file`);
  return counts.join(", ");
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

export const actionTexts: Readonly<Record<Change["action"], string>> = {
  create: "create",
  update: "update",
  delete: "delete",
  none: "unchanged",
  unreadable: "cannot read",
};

function renderChange(change: Change, style: TextStyle): string {
  const mark = paintMark(actionMarks[change.action], style);
  const place = style.paint("dim", `${printable(change.file)}:${change.line}`);
  const blocker = blockerText(change);
  const held = blocker === "" ? "" : style.paint("red", `  ${blocker}`);
  const cause = causeTexts[change.cause] === "" ? "" : `  ${causeTexts[change.cause]}`;
  const head = `${mark} ${style.paint("bold", `${actionTexts[change.action]} ${printable(change.bucket)}`)} (${printable(change.region)})  ${place}${cause}${held}`;
  if (change.action === "unreadable") return [head, ...renderProblem(change.problem)].join("\n");
  if (!isWriting(change)) return [head, ...renderHazards(change.hazards, style)].join("\n");
  return [
    head,
    ...differenceLines(change.difference).map((line) => renderDifferenceLine(line, style)),
    ...renderAccess(change.access, style, change.names),
    ...renderOpenness(change.openness),
    ...renderHazards(change.hazards, style),
  ].join("\n");
}

/** What holds a change back; empty where nothing does. */
export function blockerText(change: Change): string {
  if (!isWriting(change) || !change.blocked) return "";
  if (change.limit !== undefined) return "blocked by a limit of its account";
  return `blocked by ${change.hazards.some(isHolding) ? "a hazard" : "an error finding"}`;
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

/** They come first: who weakens what judges a change wants to be seen. */
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
