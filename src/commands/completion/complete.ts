import { isFailed } from "../../result.ts";
import { readDefaults } from "../../run/defaults.ts";
import { parseDefaults } from "../../run/defaults-file.ts";
import type { Io } from "../../run/io.ts";
import { suggest, type CompletedVerb, type Suggestions } from "./suggest.ts";
import { readTreeWords } from "./tree-words.ts";

/**
 * Answers a completion script: `complete SHELL -- WORDS`, where the last word is the one at the cursor. It never
 * fails: names that cannot be read are left out.
 */
export async function complete(
  [shell = "", , ...words]: readonly string[],
  verbs: readonly CompletedVerb[],
  io: Io,
): Promise<number> {
  // Bash hands on what was typed with its quotes.
  const typed = shell === "bash" ? words.map(unquoted) : words;
  try {
    const policies = await policiesOf(typed);
    io.stdout(rendered(suggest(typed, verbs, () => readTreeWords(policies))));
  } catch {
    io.stdout("words\n");
  }
  return 0;
}

function unquoted(word: string): string {
  return word.replaceAll(/\\(.)|["']/gs, (_, escaped: string | undefined) => escaped ?? "");
}

async function policiesOf(typed: readonly string[]): Promise<string> {
  const joined = typed.find((word) => word.startsWith("--policies="))?.slice("--policies=".length);
  const at = typed.indexOf("--policies");
  const given = joined ?? (at < 0 || at > typed.length - 3 ? undefined : typed[at + 1]);
  if (given !== undefined) return given;
  const defaults = await readDefaults(() => Promise.resolve(parseDefaults));
  return (isFailed(defaults) ? undefined : defaults.values.policies) ?? "policies";
}

function rendered(found: Suggestions): string {
  if (found.kind !== "words") return `${found.kind}\n`;
  const lines = found.words.map(({ word, description }) =>
    description === undefined ? word : `${word}\t${description.replaceAll(/\s+/g, " ")}`,
  );
  return ["words", ...lines].map((line) => `${line}\n`).join("");
}
