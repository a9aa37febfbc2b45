import type { applyPlan } from "../../src/apply/apply.ts";
import type { DesiredBucket } from "../../src/desired/bucket-file.ts";
import { parseDesired } from "../../src/desired/desired.ts";
import { withRetries } from "../../src/oss/retry.ts";
import { type Change } from "../../src/plan/plan.ts";
import { planChange } from "../../src/plan/plan-change.ts";
import { liveDigest, type LiveRead } from "../../src/policy/live.ts";
import { limitingOf } from "../../src/plan/limiting.ts";
import { limitPlan } from "../../src/plan/limits.ts";
import { openGate } from "../support/gate.ts";
import { chanceOf, Cloud, digestOf, fairWeather, Schedule, type Content } from "./cloud.ts";
import { BrokenPromise, checkRun, type Limits, type Run } from "./promises.ts";

const names = ["one", "two", "three", "four"];
const outsider = "outside";
const allow = (action: string) =>
  `{"Version":"1","Statement":[{"Effect":"Allow","Principal":["1"],"Action":["${action}"],"Resource":["*"]}]}`;
const bodies = ["oss:GetObject", "oss:PutObject", "oss:ListObjects"].map(allow);
/** What another person writes; nobody's file asks for it. */
const foreign = allow("oss:DeleteObject");
/** The same policy in a spelling that no tool of ours would use. */
const respelt = (body: string) => body.replace('["1"]', ' "1"');

type Pick = <T>(items: readonly [T, ...T[]]) => T;
type Tree = Readonly<Record<string, string>>;
type Apply = typeof applyPlan;

const noLimits: Limits = { change: names.length, delete: names.length };
/** Longer than anything takes: whoever is still at work then never ends. */
const foreverMs = 3_600_000;

/**
 * One run of apply, or two at once, over a cloud in memory, with faults, other writers and crashes that
 * the seed chooses; then one more in fair weather. Throws where a promise of apply was broken.
 */
export async function simulate(seed: number, apply: Apply): Promise<void> {
  const chance = chanceOf(seed);
  const pick: Pick = (items) => items[Math.floor(chance() * items.length)] ?? items[0];
  const schedule = new Schedule();
  const cloud = new Cloud(schedule, chance);
  const bodiesThere = [...bodies, ...bodies.map(respelt), foreign].map((body) => ({ body }));
  for (const name of [...names, outsider])
    cloud.put(name, pick<Content>(["none", ...bodiesThere]), undefined);
  const wishes = () =>
    Object.fromEntries(names.map((name) => [name, pick(["none", bodies[0] ?? "", ...bodies])]));
  const trees = chance() < 0.3 ? [wishes(), wishes()] : [wishes()];
  cloud.weather = weatherOf(chance);
  if (chance() < 0.4) disturb(cloud, schedule, chance);
  const crashAt = chance() < 0.3 ? 600 * chance() : Infinity;
  const stopAt = chance() < 0.2 ? 500 * chance() : Infinity;
  const runs: Run[] = [];
  const work = trees.map(async (tree, index) => {
    const limits = chance() < 0.3 ? { change: pick([0, 1, 2, 3]), delete: pick([0, 1]) } : noLimits;
    const by = `run ${index}`;
    const store = storeOf(cloud, by, schedule, chance);
    const changes = await planned(tree, limits, (name) => store.get({ bucket: name, region: "cn-hangzhou" }));
    const run: Run = { by, changes, limits, journal: [], outcomes: undefined };
    runs.push(run);
    run.outcomes = await apply(changes, store, {
      concurrency: 1 + Math.floor(3 * chance()),
      clock: schedule,
      journal: {
        write: (entry) => void run.journal.push({ at: schedule.now(), entry }),
        close: () => undefined,
      },
      isStopped: () => schedule.now() >= stopAt,
      onOutcome: () => undefined,
    });
  });
  await finish(work, schedule, crashAt);
  schedule.clear();
  for (const run of runs) checkRun(run, cloud, stopAt);
  cloud.weather = fairWeather;
  await checkConvergence(trees.at(-1) ?? {}, cloud, schedule, apply);
  if (cloud.history.get(outsider)?.length !== 1)
    throw new BrokenPromise("a bucket outside the plan was written");
}

/** Lets time pass until all work is done, or the crash comes. Work that throws or never ends is a bug. */
async function finish(work: readonly Promise<void>[], schedule: Schedule, crashAt: number): Promise<void> {
  let left = work.length;
  let thrown: unknown;
  for (const each of work)
    each.then(
      () => (left -= 1),
      (error: unknown) => (thrown ??= error),
    );
  const isCrashed = () => schedule.now() >= crashAt;
  await schedule.run(() => left === 0 || thrown !== undefined || isCrashed() || schedule.now() > foreverMs);
  if (thrown !== undefined) throw new BrokenPromise(`the run threw ${String(thrown)}`);
  if (left > 0 && !isCrashed()) throw new BrokenPromise("the run never ends");
}

function weatherOf(chance: () => number): Cloud["weather"] {
  const some = (most: number) => (chance() < 0.5 ? 0 : most * chance());
  return {
    refused: some(0.2),
    lostBefore: some(0.4),
    lostAfter: some(0.4),
    late: some(0.2),
    serverError: some(0.3),
    throttled: chance() < 0.02 ? 0.95 : some(0.3),
    swallowed: some(0.1),
    staleForMs: some(2_000),
    expiresAt: chance() < 0.1 ? 600 * chance() : Infinity,
  };
}

function storeOf(cloud: Cloud, by: string, clock: Schedule, random: () => number) {
  return withRetries(cloud.store(by), { concurrency: 4, clock, random, onThrottled: () => undefined });
}

/** Another person writes, or a bucket goes away, in the middle of it. */
function disturb(cloud: Cloud, schedule: Schedule, chance: () => number): void {
  const times = 1 + Math.floor(3 * chance());
  for (let time = 0; time < times; time += 1) {
    const name = names[Math.floor(chance() * names.length)] ?? outsider;
    const isGone = chance() < 0.2;
    schedule.after(600 * chance(), () => {
      if (cloud.content(name) !== "missing")
        cloud.put(name, isGone ? "missing" : { body: foreign }, "somebody");
    });
  }
}

/** The plan of a tree, from readings that may fail as any other call. */
async function planned(
  tree: Tree,
  limits: Limits,
  read: (name: string) => Promise<LiveRead>,
): Promise<readonly Change[]> {
  const buckets = Object.entries(tree).map(([name, wish]) => desiredBucket(name, wish, limits));
  const changes = await Promise.all(
    buckets.map(async (bucket) => compare(bucket, await read(bucket.bucket))),
  );
  const accounts = buckets.slice(0, 1).map(({ account }) => account);
  return limitPlan(
    { changes, unmanaged: [], diagnostics: [] },
    limitingOf({ desired: { buckets, accounts }, accepted: [] }),
  ).changes;
}

const parsed = new Map<string, DesiredBucket>();
const compared = new Map<string, Change>();

function compare(bucket: DesiredBucket, reading: LiveRead): Change {
  const { live } = reading;
  const key = `${bucket.bucket} ${wishOf(bucket)} ${live.state} ${liveDigest(live) ?? JSON.stringify(live)}`;
  const change = compared.get(key) ?? planChange({ bucket, reading, findings: [], gate: openGate });
  compared.set(key, change);
  return change;
}

function wishOf({ policy }: DesiredBucket): string {
  return policy.kind === "none" ? "none" : policy.text;
}

function desiredBucket(name: string, wish: string, limits: Limits): DesiredBucket {
  const key = `${name} ${wish} ${JSON.stringify(limits)}`;
  const account = `account: "1746495857600001"
region: cn-hangzhou
limits: { change: { count: ${limits.change} }, delete: { count: ${limits.delete} } }
`;
  const bucket =
    parsed.get(key) ??
    parseDesired([
      { path: "account.yaml", text: account },
      { path: `${name}.yaml`, text: `bucket: ${name}\npolicy: ${wish}\n` },
    ]).buckets[0];
  if (bucket === undefined) throw new Error(`no bucket in the file of ${name}`);
  parsed.set(key, bucket);
  return bucket;
}

/** Once the faults have ended, one more run brings every bucket that exists to what its file asks for. */
async function checkConvergence(tree: Tree, cloud: Cloud, schedule: Schedule, apply: Apply): Promise<void> {
  const store = storeOf(cloud, "last run", schedule, () => 0.5);
  const work = async () => {
    const changes = await planned(tree, noLimits, (name) =>
      store.get({ bucket: name, region: "cn-hangzhou" }),
    );
    await apply(changes, store, {
      concurrency: 4,
      clock: schedule,
      journal: { write: () => undefined, close: () => undefined },
      isStopped: () => false,
      onOutcome: () => undefined,
    });
  };
  await finish([work()], schedule, Infinity);
  for (const [name, wish] of Object.entries(tree)) {
    const content = cloud.content(name);
    const wanted = digestOf(wish === "none" ? "none" : { body: wish });
    if (content !== "missing" && digestOf(content) !== wanted)
      throw new BrokenPromise(`${name} is not as desired after a run in fair weather`);
  }
}
