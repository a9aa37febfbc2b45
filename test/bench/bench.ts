// `npm run bench [-- NAME ...]`: each benchmark prints figures beside the yardstick of the same run,
// since the speed of a shared machine means little by itself. Nothing here asserts anything.
import { accessSpeed } from "./access-speed.ts";
import { coldStart } from "./cold-start.ts";
import { hazardSpeed } from "./hazard-speed.ts";
import { planSpeed, throttleSpeed } from "./plan-speed.ts";
import { reportSpeed } from "./report-speed.ts";
import { tlsSpeed } from "./tls-speed.ts";
import { validateSpeed } from "./validate-speed.ts";

const benchmarks = {
  access: accessSpeed,
  "cold-start": coldStart,
  hazards: hazardSpeed,
  plan: planSpeed,
  report: reportSpeed,
  throttle: throttleSpeed,
  tls: tlsSpeed,
  validate: validateSpeed,
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in benchmarks));
if (unknown.length > 0) {
  console.error(`no benchmark \`${unknown.join("`, `")}\`; there are ${Object.keys(benchmarks).join(", ")}`);
  process.exit(1);
}
for (const [name, run] of Object.entries(benchmarks)) {
  if (asked.length === 0 || asked.includes(name)) await run();
}
