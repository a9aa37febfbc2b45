// `npm run soak -- validate|access|review|shards|watch [--count N] [--seed S]`: a property over as many generated cases as there is time for.
import { parseArgs } from "node:util";
import { brokenKinds, figuresText, reviewFigures } from "../review-corpus/figures.ts";
import { accessText, soakAccess } from "./access.ts";
import { shardFigures, shardsText } from "./shards.ts";
import { soakValidate, type Figures } from "./validate.ts";
import { isSteady, soakWatch, watchText } from "./watch.ts";

/** Each part runs so many cases, prints its figures and returns whether its law held. */
const parts: Readonly<Record<string, (count: number, seed: number) => Promise<boolean>>> = {
  validate: async (count, seed) => {
    const figures = await soakValidate(process.cwd(), count, seed);
    console.log(validateText(figures));
    return figures.broken.length === 0 && figures.single >= 0.95 * figures.injected;
  },
  access: (count, seed) => {
    const start = performance.now();
    const figures = soakAccess(count, seed);
    console.log(`${accessText(figures)}\n${((performance.now() - start) / 1000).toFixed(0)} s`);
    return Promise.resolve(figures.disagreements.length === 0);
  },
  // It has no chance in it, and needs `npm run build`.
  shards: async (count) => {
    const figures = await shardFigures(count, 20, "dist/cli.js", (line) => console.error(line));
    console.log(shardsText(figures));
    return figures.isSame && figures.misplaced.length === 0;
  },
  review: (count, seed) => {
    const figures = reviewFigures(count, seed);
    console.log(figuresText(figures));
    return Promise.resolve(Object.values(brokenKinds(figures)).every((kinds) => kinds.length === 0));
  },
  watch: async (count, seed) => {
    const figures = await soakWatch(count, seed);
    console.log(watchText(figures));
    return isSteady(figures);
  },
};

function validateText({ files, injected, single, silent, slowestMs, broken, several }: Figures): string {
  const share = ((100 * single) / Math.max(1, injected)).toFixed(2);
  return [
    `${files} files, ${broken.length} of them broken, the slowest ${slowestMs.toFixed(0)} ms`,
    `${injected} with one mistake: ${single} (${share} %) with at most one error, ${silent} of these with none`,
    ...[...several].map(
      ([kind, { count, example }]) => `more than one error, ${count} times: ${kind}\n${example}`,
    ),
    ...broken.map((one) => `broken: ${one}`),
  ].join("\n");
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { count: { type: "string" }, seed: { type: "string", default: "1" } },
});
const [name = ""] = positionals;
// A day of `watch` at its default interval.
const usual = name === "watch" ? "144" : "20000";
const [count, seed] = [Number(values.count ?? usual), Number(values.seed)];
const part = parts[name];
if (part === undefined || positionals.length !== 1 || !(count >= 1) || !Number.isSafeInteger(seed)) {
  console.error(`name one of ${Object.keys(parts).join(", ")}, with --count N and --seed S`);
  process.exit(1);
}
process.exitCode = (await part(count, seed)) ? 0 : 1;
