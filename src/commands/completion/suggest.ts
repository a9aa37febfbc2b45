import { allCodes } from "../../codes/index.ts";
import { hazardCodes } from "../../plan/hazard.ts";
import { actions, isGrantable } from "../../policy/actions.ts";
import { optionSpecs, type OptionName, type OptionSpec } from "../../run/options.ts";
import { completionScripts } from "./scripts.ts";

/** A verb as it is completed. */
export interface CompletedVerb {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly OptionName[];
}

/** Names that the policy files define. */
export interface TreeWords {
  readonly buckets: readonly string[];
  readonly accounts: readonly string[];
  readonly identities: readonly string[];
}

export interface Suggestion {
  readonly word: string;
  readonly description?: string;
}

/** Words, or kind of files, that may be at the cursor. */
export type Suggestions =
  { readonly kind: "words"; readonly words: readonly Suggestion[] } | { readonly kind: "files" | "folders" };

/** Returns what the last of the typed words may become. The tree is read only where its names count. */
export function suggest(
  typed: readonly string[],
  verbs: readonly CompletedVerb[],
  readTree: () => TreeWords,
): Suggestions {
  const current = typed.at(-1) ?? "";
  const before = typed.slice(0, -1);
  const found = suggestionsAt({ before, current, verbs, readTree });
  if (found.kind !== "words") return found;
  return { kind: "words", words: found.words.filter(({ word }) => word.startsWith(current)) };
}

interface Cursor {
  readonly before: readonly string[];
  readonly current: string;
  readonly verbs: readonly CompletedVerb[];
  readonly readTree: () => TreeWords;
}

function suggestionsAt(cursor: Cursor): Suggestions {
  const { before, current, verbs, readTree } = cursor;
  const [first, ...others] = before;
  const verbWords = verbs.map(({ name, summary }) => ({ word: name, description: summary }));
  if (first === undefined)
    return words(current.startsWith("-") ? ["--help", "--version"] : [...verbWords, ...["help", "version"]]);
  if (first === "help") return words(others.length === 0 ? verbWords : []);
  const verb = verbs.find(({ name }) => name === first);
  if (verb === undefined) return words([]);
  const isOver = others.includes("--");
  const found = isOver ? undefined : valueAtCursor(verb, others.at(-1), current);
  if (found !== undefined) return valuesOf(found, readTree);
  if (!isOver && current.startsWith("-")) return optionsLeft(verb, others);
  return positional(verb, positionalsIn(verb, others), readTree);
}

function words(found: readonly (string | Suggestion)[]): Suggestions {
  return { kind: "words", words: found.map((word) => (typeof word === "string" ? { word } : word)) };
}

/** An option whose value is at the cursor. */
interface OptionValue {
  readonly name: OptionName;
  readonly value: string;
  /** Text before the value in its word: `--bucket=`, or nothing. */
  readonly prefix: string;
}

function valueAtCursor(
  verb: CompletedVerb,
  previous: string | undefined,
  current: string,
): OptionValue | undefined {
  const [, joined, value = ""] = /^(--[a-z-]+)=(.*)$/s.exec(current) ?? [];
  const name = optionOf(verb, joined ?? previous);
  if (name === undefined || !takesValue(name)) return undefined;
  return joined === undefined ? { name, value: current, prefix: "" } : { name, value, prefix: `${joined}=` };
}

function optionOf(verb: CompletedVerb, word: string | undefined): OptionName | undefined {
  return verb.options.find((name) => flagOf(name) === word);
}

function flagOf(name: OptionName): string {
  return optionSpecs[name].flags.split(" ")[0] ?? "";
}

function takesValue(name: OptionName): boolean {
  return optionSpecs[name].flags.includes("<");
}

function optionsLeft(verb: CompletedVerb, others: readonly string[]): Suggestions {
  const isLeft = (name: OptionName, { isRepeatable }: OptionSpec) =>
    isRepeatable === true || !others.some((word) => word.split("=")[0] === flagOf(name));
  const left = verb.options.filter((name) => isLeft(name, optionSpecs[name]));
  return words([
    ...left.map((name) => ({ word: flagOf(name), description: optionSpecs[name].description })),
    { word: "--help", description: "display help for command" },
  ]);
}

/** Returns the words that are neither options nor their values. */
function positionalsIn(verb: CompletedVerb, others: readonly string[]): readonly string[] {
  return others.filter((word, index) => {
    if (word.startsWith("-")) return false;
    const name = optionOf(verb, others[index - 1]);
    return name === undefined || !takesValue(name);
  });
}

const shells = Object.keys(completionScripts);

function positional(
  { name }: CompletedVerb,
  given: readonly string[],
  readTree: () => TreeWords,
): Suggestions {
  if (name === "access") return accessWords(given, readTree);
  if (name === "validate" || name === "merge") return { kind: "files" };
  if (name === "grant" || name === "revoke") return editWords(given, readTree);
  if (given.length > 0) return words([]);
  if (name === "explain") return words(codeWords);
  return words(name === "completion" ? shells : []);
}

const codeWords = allCodes.map(({ code, summary }) => ({ word: code, description: summary }));
const actionWords = actions.filter(isGrantable).map(({ name }) => name);

type Place = "principal" | "action" | "resource" | "file";

/** Words that each question of `access` takes, in order. */
const questions: Readonly<Record<string, readonly Place[]>> = {
  "who-can": ["action", "resource"],
  "what-can": ["principal"],
  can: ["principal", "action", "resource"],
  diff: ["file", "file"],
  public: [],
  matrix: [],
  report: [],
  unused: [],
};

function accessWords([question, ...given]: readonly string[], readTree: () => TreeWords): Suggestions {
  if (question === undefined) return words(Object.keys(questions));
  const place = questions[question]?.[given.length];
  if (place === undefined) return words([]);
  if (place === "file") return { kind: "files" };
  if (place === "action") return words(actionWords);
  const { buckets, identities } = readTree();
  return words(place === "resource" ? buckets : [...identities, "anonymous", "owner"]);
}

/** A principal, then actions, then a bucket; which of the two comes next only the user knows. */
function editWords(given: readonly string[], readTree: () => TreeWords): Suggestions {
  const { buckets, identities } = readTree();
  return words(given.length === 0 ? identities : [...actionWords, ...buckets]);
}

function valuesOf({ name, value, prefix }: OptionValue, readTree: () => TreeWords): Suggestions {
  const { flags } = optionSpecs[name];
  if (flags.includes("<file>") || flags.includes("<path>")) return { kind: "files" };
  if (flags.includes("<dir>")) return { kind: "folders" };
  return words(valueWords(name, value, readTree).map((word) => `${prefix}${word}`));
}

function valueWords(name: OptionName, value: string, readTree: () => TreeWords): readonly string[] {
  if (["bucket", "exclude", "replaceUnparseable"].includes(name)) return readTree().buckets;
  if (name === "account") return readTree().accounts;
  if (name === "forbid") return ["gains"];
  if (name === "log") return ["text", "json"];
  if (name !== "accept") return [];
  const [hazard = "", place] = value.split("@");
  if (place === undefined) return [...hazardCodes, "limits"].map((code) => `${code}@`);
  const { accounts, buckets } = readTree();
  const places = ["limits", "new-account"].includes(hazard) ? accounts : buckets;
  return places.map((one) => `${hazard}@${one}`);
}
