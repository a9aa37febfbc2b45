// `npm run simulate -- [--seeds N] [--from SEED]`: the simulation over as many seeds as one has time for.
import { parseArgs } from "node:util";
import { applyPlan } from "../../src/apply/apply.ts";
import { simulate } from "./simulate.ts";

const { values } = parseArgs({
  options: { seeds: { type: "string", default: "10000" }, from: { type: "string", default: "1" } },
});
const [from, seeds] = [Number(values.from), Number(values.seeds)];
if (!Number.isSafeInteger(from) || !Number.isSafeInteger(seeds) || seeds < 1) {
  console.error("--from and --seeds are whole numbers");
  process.exit(1);
}
const start = performance.now();
const broken: number[] = [];
for (let seed = from; seed < from + seeds; seed += 1) {
  try {
    await simulate(seed, applyPlan);
  } catch (failure) {
    broken.push(seed);
    console.log(`seed ${seed}: ${String(failure)}`);
  }
}
const seconds = ((performance.now() - start) / 1_000).toFixed(1);
console.log(`${seeds} seeds from ${from} in ${seconds} s, ${broken.length} broken`);
process.exitCode = broken.length === 0 ? 0 : 1;
