import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { policyOf } from "./bucket-policy.ts";
import { bucketName, bucketTree } from "./bucket-tree.ts";
import { editedPolicy } from "./edited-policy.ts";
import { cli, measuredProcess, median, row, timedProcess, withFiles, type Row } from "./measure.ts";

const delayMs = 20;
const rounds = 5;
const built = (file: string) => fileURLToPath(new URL(file, import.meta.url));

interface Wire {
  readonly env: Readonly<Record<string, string>>;
  readonly names: readonly string[];
  readonly folder: string;
}

interface PlanCase {
  readonly buckets: number;
  /** Pairs of policies that differ; 0 where every bucket is as its file asks. */
  readonly pairs?: number;
}

/** A server with many buckets and a tree of their files, for as long as `use` runs. */
async function withWire({ buckets, pairs = 0 }: PlanCase, use: (wire: Wire) => Promise<void>): Promise<void> {
  const names = Array.from({ length: buckets }, (_, index) => bucketName(index));
  const desired = pairs === 0 ? policyOf : (name: string) => editedPolicy(name, pairs, "desired");
  await withFiles(bucketTree(names, desired), async (folder) => {
    const words = [built("oss-server.js"), buckets, delayMs, pairs].map(String);
    await withServer(words, async (url) => {
      const env = { OSS_ENDPOINT: url, OSS_ACCESS_KEY_ID: "bench", OSS_ACCESS_KEY_SECRET: "bench" };
      await use({ env, names, folder });
    });
  });
}

/** A server in a process of its own, which prints its port. */
async function withServer(words: readonly string[], use: (url: string) => Promise<void>): Promise<void> {
  const server = spawn(process.execPath, words);
  try {
    const port = await new Promise<string>((resolve, reject) => {
      let text = "";
      server.stdout.on("data", (part: Buffer) => {
        text += part.toString();
        const found = /(?:port |127\.0\.0\.1:)(\d+)\D/.exec(text)?.[1];
        if (found !== undefined) resolve(found);
      });
      server.on("close", () => reject(new Error("the server ended")));
    });
    await use(`http://127.0.0.1:${port}`);
  } finally {
    server.kill();
  }
}

interface Pairs {
  readonly bareMs: number;
  readonly planMs: number;
  readonly peakMb: number;
}

/** The bare loop and the plan in turn; medians. */
async function pairsOf({ env, names, folder }: Wire, concurrency: number, wanted: string): Promise<Pairs> {
  const bare: number[] = [];
  const plan: number[] = [];
  const peak: number[] = [];
  const words = ["plan", "--policies", join(folder, "policies"), "--concurrency", String(concurrency)];
  for (let round = 0; round < rounds; round += 1) {
    const count = String(names.length);
    bare.push((await timedProcess([built("bare-loop.js"), String(concurrency), count], env)).ms);
    const { ms, text, peakMb } = await measuredProcess([cli, ...words], env);
    if (!text.includes(wanted)) throw new Error(text.slice(-2_000));
    plan.push(ms);
    peak.push(peakMb);
  }
  return { bareMs: median(bare), planMs: median(plan), peakMb: median(peak) };
}

const times = (ms: number, yardstickMs: number) => `${(ms / yardstickMs).toFixed(2)} times`;
const seconds = (ms: number) => `${(ms / 1_000).toFixed(2)} s`;

/** A plan of many buckets against a loop that sends the same signed requests and does nothing else. */
export async function planSpeed(): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const [buckets, concurrency, wanted] of [
    [1_000, 16, 1.15],
    [2_000, 16, 1.15],
    [10_000, 32, 1.15],
    [10_000, 128, 2.5],
  ] as const) {
    await withWire({ buckets }, async (wire) => {
      const { bareMs, planMs, peakMb } = await pairsOf(wire, concurrency, `${buckets} unchanged`);
      const work = `plan, ${buckets.toLocaleString("en")} buckets, ${delayMs} ms a call, C = ${concurrency}`;
      rows.push({
        work,
        yardstick: `bare keep-alive loop, ${seconds(bareMs)}`,
        figure: times(planMs, bareMs),
        wanted: `at most ${wanted}`,
      });
      if (buckets >= 10_000)
        rows.push({
          work: "  its peak memory",
          yardstick: `${(((peakMb - (await emptyPeakMb())) * 1_024) / buckets).toFixed(1)} KB a bucket over --version`,
          figure: `${peakMb.toFixed(0)} MB`,
          wanted: "under 250 MB, at most 5 KB a bucket",
        });
    });
  }
  return rows;
}

async function emptyPeakMb(): Promise<number> {
  return (await measuredProcess([cli, "--version"])).peakMb;
}

/** A plan where every bucket is changed: what it takes beside the wire. */
export async function changedSpeed(): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const [pairs, wanted] of [
    [20, "0.6 s"],
    [500, "2 s"],
  ] as const) {
    await withWire({ buckets: 500, pairs }, async (wire) => {
      const { bareMs, planMs } = await pairsOf(wire, 16, "500 to update");
      rows.push({
        work: `plan, 500 of 500 buckets changed, ${pairs} distinct pairs`,
        yardstick: `beside a bare loop of ${seconds(bareMs)}`,
        figure: seconds(planMs - bareMs),
        wanted,
      });
    });
  }
  return rows;
}

const perSecond = 200;

/** A plan of many buckets where OSS takes only so many calls a second; each plan finds every bucket. */
export async function throttleSpeed(): Promise<void> {
  const names = Array.from({ length: 1_000 }, (_, index) => bucketName(index));
  const seed = {
    buckets: names.map((name) => ({ name, region: "cn-hangzhou", policy: JSON.stringify(policyOf(name)) })),
    faults: [{ operation: "GetBucketPolicy", effect: { kind: "throttle", perSecond } }],
  };
  const tree = { ...bucketTree(names, policyOf), "seed.yaml": JSON.stringify(seed) };
  await withFiles(tree, async (folder) => {
    const words = [cli, "sandbox", "--port", "0", "--seed", join(folder, "seed.yaml")];
    await withServer(words, async (url) => {
      const env = { OSS_ENDPOINT: url, OSS_ACCESS_KEY_ID: "sandbox", OSS_ACCESS_KEY_SECRET: "sandbox" };
      const took: number[] = [];
      for (let round = 0; round < 3; round += 1) {
        const { ms, text } = await timedProcess([cli, "plan", "--policies", join(folder, "policies")], env);
        if (!text.includes(`${names.length} unchanged`)) throw new Error(text);
        took.push(ms);
        await new Promise((resolve) => setTimeout(resolve, 1_500));
      }
      const limit = (names.length / perSecond) * 1_000;
      console.log(`a plan of ${names.length} buckets at ${perSecond} calls a second, 16 at once`);
      row("what the limit allows", limit);
      for (const ms of took.sort((a, b) => a - b)) row("oss-policy plan, all buckets read", ms, limit);
    });
  });
}
