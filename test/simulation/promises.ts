import type { JournalEntry } from "../../src/apply/journal.ts";
import type { Outcome } from "../../src/apply/outcome.ts";
import { isWriting, type Change } from "../../src/plan/plan.ts";
import { digestOf, type Call, type Cloud } from "./cloud.ts";

/** One run of apply in the simulation, and what is known of it. */
export interface Run {
  readonly by: string;
  readonly changes: readonly Change[];
  readonly limits: Limits;
  readonly journal: { readonly at: number; readonly entry: JournalEntry }[];
  /** Undefined where the run was killed. */
  outcomes: readonly Outcome[] | undefined;
}

/** How many buckets a run may change, and how many of these it may leave without a policy. */
export interface Limits {
  readonly change: number;
  readonly delete: number;
}

/** What a seed broke, in words; it replays with `npm run simulate -- --from SEED --seeds 1`. */
export class BrokenPromise extends Error {
  override name = "BrokenPromise";
}

/** What must hold of a run whatever happened, and of a run that was killed as far as it came. */
export function checkRun(run: Run, cloud: Cloud, stopAt: number): void {
  const planned = new Set(run.changes.map(({ bucket }) => bucket));
  const stray = writesOf(run, cloud).find(({ bucket }) => !planned.has(bucket));
  if (stray !== undefined) throw new BrokenPromise(`${stray.bucket} is not in the plan, and was written`);
  checkLimits(run, cloud);
  for (const change of run.changes) {
    checkWrites(run, change, cloud);
    checkKept(run, change, cloud);
    if (run.outcomes !== undefined) checkOutcome(run, change, run.outcomes, cloud);
  }
  const late = run.journal.find(({ at, entry }) => entry.entry === "before" && at >= stopAt);
  if (late !== undefined)
    throw new BrokenPromise(`a write to ${late.entry.bucket} was begun after the run was asked to stop`);
}

function writesOf(run: Run, { calls }: Cloud): readonly Call[] {
  return calls.filter(({ by, kind }) => by === run.by && kind !== "get");
}

function checkLimits(run: Run, cloud: Cloud): void {
  const written = new Set(writesOf(run, cloud).map(({ bucket }) => bucket));
  const actions = run.changes.filter(({ bucket }) => written.has(bucket)).map(({ action }) => action);
  const deletes = actions.filter((action) => action === "delete").length;
  const changes = deletes + actions.filter((action) => action === "update").length;
  if (deletes > run.limits.delete || changes > run.limits.change)
    throw new BrokenPromise(`more buckets were written than the limits of the account allow`);
}

/** As apply and its pacing promise: a write rests on what was read so long ago, at most. */
const freshForMs = 2_100;

/** A write follows a fresh read that showed the predecessor, and a line in the journal with what stood there. */
function checkWrites(run: Run, change: Change, cloud: Cloud): void {
  const { bucket } = change;
  const calls = cloud.calls.filter((call) => call.by === run.by && call.bucket === bucket);
  for (const [index, call] of calls.entries()) {
    if (call.kind === "get") continue;
    if (!isWriting(change)) throw new BrokenPromise(`${bucket} needs no write, and was written`);
    const read = calls.slice(0, index).findLast(({ kind }) => kind === "get");
    const shown = shownBy(read);
    if (shown !== change.digests.live)
      throw new BrokenPromise(`${bucket} was written after a read that showed ${shown}`);
    if (call.at - (read?.at ?? -Infinity) > freshForMs)
      throw new BrokenPromise(`${bucket} was written long after it was read`);
    if (calls[index - 1]?.answer === "unknown")
      throw new BrokenPromise(`${bucket} was written again with no look at what the lost write did`);
    const line = run.journal.find(
      ({ at, entry }) => at <= call.at && entry.entry === "before" && entry.bucket === bucket,
    );
    if (line === undefined) throw new BrokenPromise(`${bucket} was written with nothing in the journal`);
  }
}

function shownBy(read: Call | undefined): string {
  const told = read?.told;
  return told?.state === "policy" ? digestOf({ body: told.body }) : (told?.state ?? "nothing");
}

/** The journal has what stood there to the byte, so that a restore brings it back. */
function checkKept(run: Run, change: Change, cloud: Cloud): void {
  const history = cloud.history.get(change.bucket) ?? [];
  for (const { at, entry } of run.journal) {
    if (entry.entry !== "before" || entry.bucket !== change.bucket) continue;
    const stood = history.filter((moment) => moment.at <= at).map(({ content }) => content);
    const isKept = stood.some((content) =>
      entry.body === null ? content === "none" : typeof content === "object" && content.body === entry.body,
    );
    if (!isKept) throw new BrokenPromise(`the journal has of ${change.bucket} what never stood there`);
    const kept = digestOf(entry.body === null ? "none" : { body: entry.body });
    if (!isWriting(change) || kept !== change.digests.live)
      throw new BrokenPromise(`the journal has of ${change.bucket} what the plan does not replace`);
  }
}

function checkOutcome(run: Run, change: Change, outcomes: readonly Outcome[], cloud: Cloud): void {
  const { bucket } = change;
  const outcome = outcomes.find((each) => each.bucket === bucket);
  if (outcome === undefined) throw new BrokenPromise(`${bucket} has no outcome`);
  const writes = writesOf(run, cloud).filter((call) => call.bucket === bucket);
  const effective = writes.filter(({ answer }) => answer === "done" || answer === "unknown");
  const isUntouched = ["blocked", "not attempted"].includes(outcome.result);
  if (isUntouched ? writes.length > 0 : outcome.result === "unchanged" && effective.length > 0)
    throw new BrokenPromise(`${bucket} is ${outcome.result}, and was written`);
  if (isWriting(change)) checkTold(run, change, outcome, writes[0]?.at ?? Infinity, cloud);
}

type WritingChange = Extract<Change, { readonly action: "create" | "update" | "delete" }>;

/**
 * Applied was live after the write; failed is as before or as desired, where nobody else wrote. Where OSS
 * answers reads with what stood some time ago, a write that it says is done and never does cannot be
 * told from one that was overwritten by now: what was live within that time before the write counts too.
 */
function checkTold(
  run: Run,
  change: WritingChange,
  { result }: Outcome,
  writtenAt: number,
  cloud: Cloud,
): void {
  const history = cloud.history.get(change.bucket) ?? [];
  const { desired, live } = change.digests;
  if (result === "applied") {
    const from = writtenAt - cloud.weather.staleForMs;
    const after = history.filter(
      ({ at }, index) => at >= from || (history[index + 1]?.at ?? Infinity) >= from,
    );
    if (!after.some(({ content }) => digestOf(content) === desired))
      throw new BrokenPromise(`${change.bucket} is told as applied, and never was`);
  }
  if (result === "failed") {
    const isAlone = history.every(({ by }) => by === undefined || by === run.by);
    const now = digestOf(cloud.content(change.bucket));
    if (isAlone && now !== desired && now !== live)
      throw new BrokenPromise(`${change.bucket} is told as failed, and is neither as before nor as desired`);
  }
}
