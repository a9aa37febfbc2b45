import { refusal, type Diagnostic } from "../diagnostic.ts";
import { nearMiss } from "../near-miss.ts";
import { optionSpecs } from "./options.ts";

/** npm has options of these names itself: a variable may come from its own files, or from how the machine is set up. */
const npmKnows = new Set(["json", "yes", "force"]);
/** npm's own words for how it prints: with or without them a run means the same. */
const harmless = new Set(["color", "quiet"]);
/** Options that other verbs take: who writes them means them. */
const otherOptions = ["base", "plan", "accept"];

const ourOptions: ReadonlyMap<string, string> = new Map(
  Object.values(optionSpecs).map(({ flags }) => [/^--(?:no-)?([a-z-]+)/.exec(flags)?.[1] ?? "", flags]),
);

/**
 * npm keeps options before a `--` for itself: `npm run apply --bucket=a` would apply to
 * every bucket. They come in as npm_config_* variables, so one that is, or nearly is, an option of ours is
 * an error. `verbOptions` are the names that the called verb takes.
 */
export function swallowedOptions(
  env: Readonly<Record<string, string | undefined>>,
  [verb = "", ...words]: readonly string[],
  verbOptions: readonly string[],
): readonly Diagnostic[] {
  if (env["npm_lifecycle_event"] === undefined) return [];
  return Object.entries(env).flatMap(([variable, value]) => {
    const written = /^npm_config_(.+)$/.exec(variable)?.[1]?.replaceAll("_", "-");
    if (written === undefined || value === undefined) return [];
    const name = meantOption(written);
    if (name === undefined || harmless.has(name)) return [];
    if (npmKnows.has(name) && (value === "" || !verbOptions.includes(name))) return [];
    const given = `--${written}${optionValue(written, value, words)}`;
    const option = `--${name}${optionValue(name, value, words)}`;
    const message = `npm kept \`${given}\` for itself, so this run would not have seen it`;
    return [refusal("npm-option", message, `write \`--\` before it: \`npm run ${verb} -- ${option}\``)];
  });
}

function meantOption(written: string): string | undefined {
  if (ourOptions.has(written) || otherOptions.includes(written)) return written;
  return nearMiss(
    written,
    [...ourOptions.keys()].filter((name) => !npmKnows.has(name) && !harmless.has(name)),
  );
}

/** npm takes `--bucket a` for a switch and hands on the `a` as a word of its own. */
function optionValue(name: string, value: string, words: readonly string[]): string {
  if (ourOptions.get(name)?.includes("<") !== true) return "";
  const given = value === "true" ? (words[0] ?? "VALUE") : value;
  return ` ${given}`;
}
