import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** dist/cli.js, seen from dist/bench, where the benchmarks are built to. */
export const cli = fileURLToPath(new URL("../cli.js", import.meta.url));

/** A folder with these files for as long as `use` runs. */
export async function withFiles<T>(
  files: Readonly<Record<string, string>>,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "oss-policy-bench-"));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A line of the table that `npm run bench` ends with. */
export interface Row {
  readonly work: string;
  readonly yardstick: string;
  readonly figure: string;
  readonly wanted: string;
}

/** Prints the peak of the memory when the process ends; threads belong to it. */
const peakAtEnd = `data:text/javascript,${encodeURIComponent(`
import { writeSync } from "node:fs";
import { isMainThread } from "node:worker_threads";
if (isMainThread) process.on("exit", () => writeSync(2, "\\npeak " + process.resourceUsage().maxRSS + " KB\\n"));
`).replaceAll("'", "%27")}`;

/** As `timedProcess`, with the peak of its memory. */
export async function measuredProcess(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
  place: Place = {},
): Promise<{ ms: number; text: string; peakMb: number }> {
  const { ms, text } = await timedProcess(["--import", peakAtEnd, ...words], env, place);
  return { ms, text, peakMb: Number(/^peak (\d+) KB$/m.exec(text)?.[1]) / 1_024 };
}

export function median(figures: readonly number[]): number {
  return [...figures].sort((a, b) => a - b)[Math.floor(figures.length / 2)] ?? 0;
}

interface Place {
  readonly cwd?: string;
  /** Exit codes that are no error. */
  readonly codes?: readonly number[];
}

/** Wall time of a whole process, in milliseconds, and what it printed; any exit code but 0 is an error. */
export async function timedProcess(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
  { cwd, codes = [0] }: Place = {},
): Promise<{ ms: number; text: string }> {
  const start = performance.now();
  const child = spawn(process.execPath, words, { cwd, env: { PATH: process.env.PATH, CI: "true", ...env } });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (part: Buffer) => (text += part.toString()));
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  if (code === null || !codes.includes(code))
    throw new Error(`exit ${code ?? "by signal"} of ${words.join(" ")}:\n${text}`);
  return { ms: performance.now() - start, text };
}

/** Several commands in turn, so that a slow moment of the machine meets them all; the median of each. */
export async function medians(
  commands: readonly (() => Promise<number>)[],
  rounds: number,
): Promise<number[]> {
  const times = commands.map((): number[] => []);
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, command] of commands.entries()) {
      const ms = await command();
      if (round > 0) times[index]?.push(ms);
    }
  }
  return times.map(median);
}

export function row(label: string, ms: number, yardstickMs?: number): void {
  const ratio = yardstickMs === undefined ? "" : `  ${(ms / yardstickMs).toFixed(2)} times`;
  console.log(`  ${label.padEnd(44)} ${ms.toFixed(0).padStart(6)} ms${ratio}`);
}
