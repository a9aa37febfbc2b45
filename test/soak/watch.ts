import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { sandboxKey } from "../../src/sandbox/seed/seed.ts";
import { startSandbox } from "../../src/sandbox/server.ts";
import { picker } from "./random.ts";

/** Memory of the service after one reconcile, in bytes. */
interface Sample {
  readonly resident: number;
  readonly heap: number;
}

export interface WatchFigures {
  readonly reconciles: number;
  readonly seconds: number;
  readonly written: number;
  /** Each once after the warm-up and once at the end. */
  readonly resident: readonly [number, number];
  readonly heap: readonly [number, number];
}

const buckets = 500;
/** Reconciles of a day at the default interval, of which these warm up, and so many are looked at together. */
const warmUp = 24;
const together = 24;

/**
 * Runs `watch --apply` as a process of its own over a sandbox in which one bucket drifts before each reconcile, as
 * fast as it goes: SIGHUP stands for the interval.
 */
export async function soakWatch(reconciles: number, seed: number): Promise<WatchFigures> {
  const pick = picker(seed);
  const folder = mkdtempSync(join(tmpdir(), "oss-policy-soak-"));
  const names = Array.from({ length: buckets }, (_, index) => `bucket-${index}`);
  const account = "1746495857600001";
  const policyOf = (name: string, principal: string) =>
    `{"Version":"1","Statement":[{"Effect":"Allow","Principal":["${principal}"],"Action":["oss:GetObject"],"Resource":["acs:oss:*:${account}:${name}/*"]}]}`;
  mkdirSync(join(folder, "policies"));
  writeFileSync(join(folder, "policies/account.yaml"), `account: "${account}"\nregion: cn-hangzhou\n`);
  for (const name of names)
    writeFileSync(
      join(folder, `policies/${name}.yaml`),
      `bucket: ${name}\npolicy: ${policyOf(name, "202147604049351234")}\n`,
    );
  const seeded = names.map((name) => ({
    name,
    region: "cn-hangzhou",
    policy: policyOf(name, "202147604049351234"),
  }));
  const sandbox = await startSandbox({ seed: { account, keys: [sandboxKey], buckets: seeded, faults: [] } });
  const words = ["watch", "--apply", "--interval", "24h", "--listen", "127.0.0.1:0", "--log", "json"];
  const child = spawn(process.execPath, [resolve("dist/cli.js"), ...words], {
    cwd: folder,
    env: {
      PATH: process.env["PATH"],
      OSS_ENDPOINT: sandbox.url,
      OSS_ACCESS_KEY_ID: sandboxKey.id,
      OSS_ACCESS_KEY_SECRET: sandboxKey.secret,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const log = openLines(child.stdout);
  const start = performance.now();
  const { listen } = JSON.parse(await log.next('"event":"start"')) as { listen: string };
  const samples: Sample[] = [];
  for (let count = 0; count < reconciles; count += 1) {
    await log.next('"event":"reconcile"');
    samples.push(await sampleOf(listen));
    const name = names[pick(buckets)] ?? "";
    sandbox.setPolicy(name, policyOf(name, String(count)));
    child.kill("SIGHUP");
  }
  child.kill("SIGTERM");
  await new Promise((settle) => child.once("close", settle));
  const written = sandbox.requests.filter(({ operation }) => operation === "PutBucketPolicy").length;
  await sandbox.close();
  rmSync(folder, { recursive: true });
  const [first, last] = [samples.slice(warmUp, warmUp + together), samples.slice(-together)];
  return {
    ...{ reconciles, written, seconds: (performance.now() - start) / 1_000 },
    resident: [medianOf(first, "resident"), medianOf(last, "resident")],
    // The least is shortly after a collection of garbage.
    heap: [leastOf(first, "heap"), leastOf(last, "heap")],
  };
}

/** True if the memory at the end is that after the warm-up, but for noise. */
export function isSteady({ heap: [before, after], resident: [first, last] }: WatchFigures): boolean {
  return after < before * 1.15 && last < first * 1.25;
}

export function watchText({ reconciles, seconds, written, resident, heap }: WatchFigures): string {
  const megabytes = (bytes: readonly number[]) =>
    bytes.map((one) => (one / 1_048_576).toFixed(1)).join(" -> ");
  return [
    `${reconciles} reconciles of ${buckets} buckets with ${written} writes in ${seconds.toFixed(0)} s`,
    `memory after the warm-up -> at the end: heap ${megabytes(heap)} MB, resident ${megabytes(resident)} MB`,
  ].join("\n");
}

async function sampleOf(address: string): Promise<Sample> {
  const text = await (await fetch(`http://${address}/metrics`)).text();
  const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]);
  return { resident: value("process_resident_memory_bytes"), heap: value("nodejs_heap_size_used_bytes") };
}

function medianOf(samples: readonly Sample[], key: keyof Sample): number {
  return samples.map((one) => one[key]).sort((a, b) => a - b)[Math.floor(samples.length / 2)] ?? Number.NaN;
}

function leastOf(samples: readonly Sample[], key: keyof Sample): number {
  return Math.min(...samples.map((one) => one[key]));
}

/** Lines of a stream, one after the other. */
function openLines(stream: NodeJS.ReadableStream): { next(words: string): Promise<string> } {
  let text = "";
  stream.on("data", (part: Buffer) => {
    text += part.toString();
  });
  const take = (words: string): string | undefined => {
    for (;;) {
      const end = text.indexOf("\n");
      if (end === -1) return undefined;
      const line = text.slice(0, end);
      text = text.slice(end + 1);
      if (line.includes(words)) return line;
    }
  };
  return {
    next: async (words) => {
      for (;;) {
        const line = take(words);
        if (line !== undefined) return line;
        await new Promise((settle) => setTimeout(settle, 10));
      }
    },
  };
}
