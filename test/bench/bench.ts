// `npm run bench [-- NAME ...]`: each figure stands beside the yardstick of the same run, since the speed of a shared
// machine means little by itself. Nothing here asserts anything.
import { execFileSync } from "node:child_process";
import { cpus, loadavg, totalmem } from "node:os";
import { accessSpeed } from "./access-speed.ts";
import { coldStart } from "./cold-start.ts";
import { eventsSpeed } from "./events-speed.ts";
import { hazardSpeed } from "./hazard-speed.ts";
import { heavySpeed } from "./heavy-speed.ts";
import { languageServerSpeed } from "./language-server-speed.ts";
import type { Row } from "./measure.ts";
import { changedSpeed, planSpeed, throttleSpeed } from "./plan-speed.ts";
import { requestsSpeed } from "./requests-speed.ts";
import { reportSpeed } from "./report-speed.ts";
import { sandboxSpeed } from "./sandbox-speed.ts";
import { tlsSpeed } from "./tls-speed.ts";
import { validateSpeed } from "./validate-speed.ts";

/** A benchmark gives rows of the table. */
type Benchmark = () => Promise<readonly Row[]>;

/** One that prints figures of its own instead. */
const printed =
  (run: () => Promise<void>): Benchmark =>
  async () => {
    await run();
    return [];
  };

/** In the order of the table. Those that are not in it run only by name. */
const inTable: Readonly<Record<string, Benchmark>> = {
  plan: planSpeed,
  changed: changedSpeed,
  tls: tlsSpeed,
  validate: validateSpeed,
  access: accessSpeed,
  heavy: heavySpeed,
  "cold-start": coldStart,
  "language-server": languageServerSpeed,
  sandbox: sandboxSpeed,
};
const byName: Readonly<Record<string, Benchmark>> = {
  events: printed(eventsSpeed),
  hazards: printed(hazardSpeed),
  report: printed(reportSpeed),
  requests: requestsSpeed,
  throttle: printed(throttleSpeed),
};
const benchmarks = { ...inTable, ...byName };

function machine(): string {
  const [cpu] = cpus();
  const git = (...words: string[]) => execFileSync("git", words, { encoding: "utf8" }).trim();
  const changed = git("status", "--porcelain") === "" ? "" : " with changes";
  return [
    `${cpus().length} cores of ${cpu?.model ?? "an unknown model"}, ${(totalmem() / 2 ** 30).toFixed(1)} GB, node ${process.version}`,
    `load average ${loadavg()
      .map((load) => load.toFixed(2))
      .join(", ")}`,
    `${new Date().toISOString().slice(0, 10)}, commit ${git("rev-parse", "--short", "HEAD")}${changed}`,
  ].join("\n");
}

function table(rows: readonly Row[]): string {
  const lines = [
    ["work", "yardstick", "figure", "wanted"],
    ["---", "---", "---", "---"],
    ...rows.map(({ work, yardstick, figure, wanted }) => [work, yardstick, figure, wanted]),
  ];
  const widths = [0, 1, 2, 3].map((at) => Math.max(...lines.map((cells) => cells[at]?.length ?? 0)));
  return lines
    .map((cells) => `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`)
    .join("\n");
}

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in benchmarks));
if (unknown.length > 0) {
  console.error(`no benchmark \`${unknown.join("`, `")}\`; there are ${Object.keys(benchmarks).join(", ")}`);
  process.exit(1);
}
console.log(machine());
const rows: Row[] = [];
for (const [name, run] of Object.entries(asked.length === 0 ? inTable : benchmarks))
  if (asked.length === 0 || asked.includes(name)) rows.push(...(await run()));
if (rows.length > 0) console.log(`\n${table(rows)}`);
