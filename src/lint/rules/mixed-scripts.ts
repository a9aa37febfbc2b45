import type { Finding, Rule, Word } from "../rule.ts";
import { codePoint } from "../texts.ts";

export const mixedScripts: Rule = {
  code: "mixed-scripts",
  severity: "warning",
  summary: "letters of two scripts in one word, such as a Cyrillic letter in an action",
  explanation: `Some Cyrillic and Greek letters look like Latin ones, and OSS compares strings letter by letter. An action or a key with
such a letter is not the one that it looks like, and a review cannot see it. This rule reports words with letters of
more than one of these three scripts. Words of Chinese, Japanese and Korean, which mix scripts, are ordinary.

Fix: type the word again, or silence the finding with its reason if the word is meant.`,
  check: ({ texts }) => texts.flatMap(judge),
};

function judge({ text, span }: Word): readonly Finding[] {
  // Most texts are ASCII and need no check.
  if (!/[^\x00-\x7f]/.test(text)) return [];
  const found = (text.match(/\p{L}[\p{L}\p{M}]*/gu) ?? []).find((word) => scriptsOf(word).length > 1);
  if (found === undefined) return [];
  const ordinary = [undefined, mainScript(found)];
  const odd = [...new Set(found)].filter((letter) => !ordinary.includes(scriptOf(letter))).slice(0, 3);
  const message = `\`${found}\` mixes ${scriptsOf(found).join(" and ")} letters: ${odd.map(describe).join(", ")}`;
  return [{ message, span, help: "type the word again in one script" }];
}

const scripts: readonly (readonly [string, RegExp])[] = [
  ["Latin", /\p{Script=Latin}/u],
  ["Cyrillic", /\p{Script=Cyrillic}/u],
  ["Greek", /\p{Script=Greek}/u],
];

/** Returns the scripts of a word, of those three whose letters look alike. */
function scriptsOf(word: string): readonly string[] {
  return scripts.filter(([, letters]) => letters.test(word)).map(([name]) => name);
}

function scriptOf(letter: string): string | undefined {
  return scriptsOf(letter)[0];
}

/** Returns the script of most letters of a word. */
function mainScript(word: string): string | undefined {
  const own = [...word].map(scriptOf);
  const count = (script: string) => own.filter((other) => other === script).length;
  return [...scriptsOf(word)].sort((a, b) => count(b) - count(a))[0];
}

function describe(letter: string): string {
  return `\`${letter}\` is ${codePoint(letter)}, ${scriptOf(letter) ?? ""}`;
}
