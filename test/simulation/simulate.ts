import type { applyPlan } from "../../src/apply/apply.ts";
import type { JournalEntry } from "../../src/apply/journal.ts";
import type { Outcome } from "../../src/apply/outcome.ts";
import type { DesiredBucket } from "../../src/desired/bucket-file.ts";
import { parseDesired } from "../../src/desired/desired.ts";
import { paced } from "../../src/oss/pacing.ts";
import { isWriting, planChange, type Change } from "../../src/plan/plan.ts";
import { openGate } from "../support/gate.ts";
import { chanceOf, Cloud, digestOf, fairWeather, liveOf, Schedule, type Content } from "./cloud.ts";

const names = ["one", "two", "three", "four"];
const outsider = "outside";
const allow = (action: string) =>
  `{"Version":"1","Statement":[{"Effect":"Allow","Principal":["1"],"Action":["${action}"],"Resource":["*"]}]}`;
const bodies = ["oss:GetObject", "oss:PutObject", "oss:ListObjects"].map(allow);
/** What another person writes; nobody's file asks for it. */
const foreign = allow("oss:DeleteObject");

type Pick = <T>(items: readonly [T, ...T[]]) => T;

interface Run {
  readonly by: string;
  readonly changes: readonly Change[];
  readonly journal: { readonly at: number; readonly entry: JournalEntry }[];
  /** Undefined where the run was killed. */
  outcomes: readonly Outcome[] | undefined;
}

/** What a seed broke, in words; it replays with `npm run simulate -- --from SEED --seeds 1`. */
class BrokenPromise extends Error {
  override name = "BrokenPromise";
}

/**
 * One run of apply, or two at once, over a cloud in memory, with faults, other writers and crashes that
 * the seed chooses; then one more in fair weather. Throws where a promise of apply was broken.
 */
export async function simulate(seed: number, apply: typeof applyPlan): Promise<void> {
  const chance = chanceOf(seed);
  const pick: Pick = (items) => items[Math.floor(chance() * items.length)] ?? items[0];
  const schedule = new Schedule();
  const cloud = new Cloud(schedule, chance);
  for (const name of [...names, outsider])
    cloud.put(
      name,
      pick<Content>(["none", ...bodies.map((body) => ({ body })), { body: foreign }]),
      undefined,
    );
  const wishes = () =>
    Object.fromEntries(names.map((name) => [name, pick(["none", bodies[0] ?? "", ...bodies])]));
  const trees = chance() < 0.3 ? [wishes(), wishes()] : [wishes()];
  const runs = trees.map((tree, index): Run => ({
    by: `run ${index}`,
    changes: planned(tree, cloud),
    journal: [],
    outcomes: undefined,
  }));
  cloud.weather = weatherOf(chance);
  if (chance() < 0.4) disturb(cloud, schedule, chance);
  const crashAt = chance() < 0.3 ? 400 * chance() : Infinity;
  const stopAt = chance() < 0.2 ? 300 * chance() : Infinity;
  let finished = 0;
  for (const run of runs)
    void apply(run.changes, storeOf(cloud, run.by, schedule, chance), {
      concurrency: 1 + Math.floor(3 * chance()),
      clock: schedule,
      journal: {
        write: (entry) => void run.journal.push({ at: schedule.now(), entry }),
        close: () => undefined,
      },
      isStopped: () => schedule.now() >= stopAt,
      onOutcome: () => undefined,
    }).then((outcomes) => {
      run.outcomes = outcomes;
      finished += 1;
    });
  await schedule.run(() => finished === runs.length || schedule.now() >= crashAt);
  schedule.clear();
  for (const run of runs) {
    checkRun(run, cloud);
    const late = run.journal.find(({ at, entry }) => entry.entry === "before" && at >= stopAt);
    if (late !== undefined)
      throw new BrokenPromise(`a write to ${late.entry.bucket} was begun after the run was asked to stop`);
  }
  cloud.weather = fairWeather;
  const last = trees.at(-1) ?? {};
  await checkConvergence(planned(last, cloud), last, cloud, schedule, apply);
  if (cloud.history.get(outsider)?.length !== 1)
    throw new BrokenPromise("a bucket outside the plan was written");
}

function weatherOf(chance: () => number): Cloud["weather"] {
  const some = (most: number) => (chance() < 0.5 ? 0 : most * chance());
  return {
    refused: some(0.2),
    lostBefore: some(0.4),
    lostAfter: some(0.4),
    serverError: some(0.3),
    throttled: some(0.3),
    swallowed: some(0.1),
    staleForMs: some(2_000),
  };
}

function storeOf(cloud: Cloud, by: string, clock: Schedule, random: () => number) {
  return paced(cloud.store(by), { concurrency: 4, clock, random, onThrottled: () => undefined });
}

/** Another person writes, or a bucket goes away, in the middle of it. */
function disturb(cloud: Cloud, schedule: Schedule, chance: () => number): void {
  const times = 1 + Math.floor(3 * chance());
  for (let time = 0; time < times; time += 1) {
    const name = names[Math.floor(chance() * names.length)] ?? outsider;
    const isGone = chance() < 0.2;
    schedule.after(500 * chance(), () => {
      if (cloud.content(name) !== "missing")
        cloud.put(name, isGone ? "missing" : { body: foreign }, "somebody");
    });
  }
}

const parsed = new Map<string, DesiredBucket>();
const compared = new Map<string, Change>();

function planned(tree: Readonly<Record<string, string>>, cloud: Cloud): readonly Change[] {
  return Object.entries(tree).map(([name, wish]) => {
    const content = cloud.content(name);
    const key = `${name} ${wish} ${JSON.stringify(content)}`;
    const change =
      compared.get(key) ??
      planChange({
        bucket: desiredBucket(name, wish),
        reading: { live: liveOf(content), region: "cn-hangzhou" },
        findings: [],
        gate: openGate,
      });
    compared.set(key, change);
    return change;
  });
}

function desiredBucket(name: string, wish: string): DesiredBucket {
  const key = `${name} ${wish}`;
  const bucket =
    parsed.get(key) ??
    parseDesired([
      { path: "account.yaml", text: 'account: "1746495857600001"\nregion: cn-hangzhou\n' },
      { path: `${name}.yaml`, text: `bucket: ${name}\npolicy: ${wish}\n` },
    ]).buckets[0];
  if (bucket === undefined) throw new Error(`no bucket in the file of ${name}`);
  parsed.set(key, bucket);
  return bucket;
}

/** What must hold of a run whatever happened, and of a run that was killed as far as it came. */
function checkRun(run: Run, cloud: Cloud): void {
  for (const change of run.changes) {
    const calls = cloud.calls.filter(({ by, bucket }) => by === run.by && bucket === change.bucket);
    const writes = calls.filter(({ kind }) => kind !== "get");
    checkWrites(run, change, calls, cloud);
    const outcome = run.outcomes?.find(({ bucket }) => bucket === change.bucket);
    if (run.outcomes === undefined) continue;
    if (outcome === undefined) throw new BrokenPromise(`${change.bucket} has no outcome`);
    if (["unchanged", "held back", "not attempted"].includes(outcome.result) && writes.length > 0)
      throw new BrokenPromise(`${change.bucket} is ${outcome.result}, and was written`);
    if (isWriting(change)) checkTold(run, change, outcome, writes[0]?.at ?? Infinity, cloud);
  }
}

type WritingChange = Extract<Change, { readonly action: "create" | "update" | "delete" }>;

/** A write follows a read that showed the predecessor, and a line in the journal with what stood there. */
function checkWrites(run: Run, change: Change, calls: Cloud["calls"], cloud: Cloud): void {
  for (const [index, call] of calls.entries()) {
    if (call.kind === "get") continue;
    if (!isWriting(change)) throw new BrokenPromise(`${change.bucket} needs no write, and was written`);
    const told = calls.slice(0, index).findLast(({ kind }) => kind === "get")?.told;
    const digest =
      told === undefined
        ? "nothing"
        : told.state === "policy" || told.state === "none"
          ? digestOf(told.state === "none" ? "none" : { body: told.body })
          : told.state;
    if (digest !== change.digests.live)
      throw new BrokenPromise(`${change.bucket} was written after a read that showed ${digest}`);
    const line = run.journal.find(
      ({ at, entry }) => at <= call.at && entry.entry === "before" && entry.bucket === change.bucket,
    );
    if (line?.entry.entry !== "before")
      throw new BrokenPromise(`${change.bucket} was written with nothing in the journal`);
    const { body } = line.entry;
    const stood = cloud.history.get(change.bucket) ?? [];
    const kept = body === null ? "none" : { body };
    if (!stood.some(({ at, content }) => at <= call.at && digestOf(content) === digestOf(kept)))
      throw new BrokenPromise(`the journal has of ${change.bucket} what never stood there`);
  }
}

/** Applied was live after the write; failed is as before or as desired, where nobody else wrote. */
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
    const after = history.filter(
      ({ at }, index) => at >= writtenAt || (history[index + 1]?.at ?? Infinity) >= writtenAt,
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

/** Once the faults have ended, one more run brings every bucket that exists to what its file asks for. */
async function checkConvergence(
  changes: readonly Change[],
  tree: Readonly<Record<string, string>>,
  cloud: Cloud,
  schedule: Schedule,
  apply: typeof applyPlan,
): Promise<void> {
  let isDone = false;
  void apply(
    changes,
    storeOf(cloud, "last run", schedule, () => 0.5),
    {
      concurrency: 4,
      clock: schedule,
      journal: { write: () => undefined, close: () => undefined },
      isStopped: () => false,
      onOutcome: () => undefined,
    },
  ).then(() => {
    isDone = true;
  });
  await schedule.run(() => isDone);
  for (const [name, wish] of Object.entries(tree)) {
    const content = cloud.content(name);
    const wanted = digestOf(wish === "none" ? "none" : { body: wish });
    if (content !== "missing" && digestOf(content) !== wanted)
      throw new BrokenPromise(`${name} is not as desired after a run in fair weather`);
  }
}
