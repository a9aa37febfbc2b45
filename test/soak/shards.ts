/** Plans many buckets in shards, each in a process of its own, and merges them. */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { policyOf } from "../bench/bucket-policy.ts";
import { bucketName } from "../bench/bucket-tree.ts";
import { measuredProcess, withFiles } from "../bench/measure.ts";
import { ossListener } from "../bench/oss-listener.ts";

export interface ShardFigures {
  readonly buckets: number;
  /** Buckets, peak memory and time of each shard. */
  readonly shards: readonly ProcessFigures[];
  /** Buckets that are not in exactly one shard. */
  readonly misplaced: readonly string[];
  readonly merge: ProcessFigures;
  /** One process for all buckets. */
  readonly whole: ProcessFigures;
  /** The merged plan has the same bytes. */
  readonly isSame: boolean;
}

interface ProcessFigures {
  readonly buckets: number;
  readonly peakMb: number;
  readonly ms: number;
}

/** Buckets of one file: a tree has at most 20,000 files. */
const bucketsOfFile = 10;
/** One file of so many asks for another policy than is live. */
const changedEvery = 50;
const processesAtOnce = 2;

/**
 * Makes the plans of all shards, their merge and the plan of one process. `cli` is the built command. Each figure is told
 * as soon as it is there.
 */
export async function shardFigures(
  count: number,
  shards: number,
  cli: string,
  onLine: (line: string) => void = () => undefined,
): Promise<ShardFigures> {
  const server = ossListener(count, 0, 0);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const env = {
      OSS_ENDPOINT: `http://127.0.0.1:${port}`,
      OSS_ACCESS_KEY_ID: "bench",
      OSS_ACCESS_KEY_SECRET: "bench",
    };
    return await withFiles({}, (folder) => figuresIn(folder, { count, shards, cli, env, onLine }));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

interface Simulation {
  readonly count: number;
  readonly shards: number;
  readonly cli: string;
  readonly env: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
}

async function figuresIn(
  folder: string,
  { count, shards, cli, env, onLine }: Simulation,
): Promise<ShardFigures> {
  const policies = join(folder, "policies");
  writeTree(policies, count);
  const words = ["plan", "--policies", policies, "--quiet"];
  const measured = async (what: string, more: readonly string[], file: string): Promise<ProcessFigures> => {
    const { ms, peakMb } = await measuredProcess([cli, ...more, "--json", file], env);
    const found = { buckets: bucketsIn(file).length, peakMb, ms };
    onLine(lineOf(what, found));
    return found;
  };
  const fileOf = (index: number) => join(folder, `shard-${index}.json`);
  const figures: ProcessFigures[] = [];
  const left = Array.from({ length: shards }, (_, at) => at + 1);
  const work = async () => {
    for (let index = left.shift(); index !== undefined; index = left.shift())
      figures[index - 1] = await measured(
        `shard ${index}`,
        [...words, "--shard", `${index}/${shards}`],
        fileOf(index),
      );
  };
  await Promise.all(Array.from({ length: processesAtOnce }, work));
  const files = figures.map((_, at) => fileOf(at + 1));
  const [merged, one] = [join(folder, "merged.json"), join(folder, "one.json")];
  const misplaced = misplacedIn(files, count);
  onLine(misplacedText(misplaced));
  const merge = await measured("merge", ["merge", ...files, "--quiet"], merged);
  const whole = await measured("one process", words, one);
  const isSame = readFileSync(merged).equals(readFileSync(one));
  return { buckets: count, shards: figures, misplaced, merge, whole, isSame };
}

function writeTree(policies: string, count: number): void {
  mkdirSync(policies);
  const account = 'account: "1746495857600001"\nregion: cn-hangzhou\n';
  writeFileSync(join(policies, "account.yaml"), account);
  for (let first = 0; first < count; first += bucketsOfFile) {
    const buckets = Array.from({ length: Math.min(bucketsOfFile, count - first) }, (_, at) =>
      bucketName(first + at),
    );
    const policy = policyOf("${bucket}");
    const isChanged = (first / bucketsOfFile) % changedEvery === 0;
    const [allow] = policy.Statement;
    if (isChanged) allow?.Action.push("oss:PutObject");
    writeFileSync(join(policies, `${bucketName(first)}.yaml`), JSON.stringify({ buckets, policy }));
  }
}

/** Names of the buckets of a plan. The text is not parsed, since a plan of many buckets has hundreds of megabytes. */
function bucketsIn(file: string): readonly string[] {
  return [...readFileSync(file, "utf8").matchAll(/^ {6}"bucket": "(bench-\d+)",$/gm)].map(
    ([, name = ""]) => name,
  );
}

function misplacedIn(files: readonly string[], count: number): readonly string[] {
  const times = new Map<string, number>();
  for (const name of files.flatMap(bucketsIn)) times.set(name, (times.get(name) ?? 0) + 1);
  const all = Array.from({ length: count }, (_, index) => bucketName(index));
  return [...new Set([...all, ...times.keys()])].filter((name) => times.get(name) !== 1);
}

export function shardsText({ buckets, shards, misplaced, merge, whole, isSame }: ShardFigures): string {
  return [
    `${buckets} buckets in ${shards.length} shards, ${processesAtOnce} processes at once`,
    ...shards.map((one, at) => lineOf(`shard ${at + 1}`, one)),
    lineOf("merge", merge),
    lineOf("one process", whole),
    misplacedText(misplaced),
    `  the merged plan is ${isSame ? "" : "not "}the plan of one process, to the byte`,
  ].join("\n");
}

function lineOf(what: string, { buckets: own, peakMb, ms }: ProcessFigures): string {
  return `  ${what.padEnd(12)} ${String(own).padStart(7)} buckets ${peakMb.toFixed(0).padStart(6)} MB ${(ms / 1_000).toFixed(1).padStart(7)} s`;
}

function misplacedText({ length }: readonly string[]): string {
  return `  ${length} buckets are not in exactly one shard`;
}
