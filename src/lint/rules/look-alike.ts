import { lookAlikesIn, replaceLookAlikes, type LookAlike } from "../../policy/look-alikes.ts";
import { isClosed, isJoined } from "../closed.ts";
import { meantText } from "../meaning.ts";
import type { Finding, PolicyInFile, Rule } from "../rule.ts";
import { codePoint, replacing, type Text } from "../texts.ts";

export const lookAlike: Rule = {
  code: "look-alike",
  severity: "warning",
  summary: "a character that looks like an ASCII one, such as a full-width asterisk",
  explanation: `OSS compares strings character by character. A full-width asterisk or the dash of a word processor is not the ASCII
character that it looks like. As a wildcard it matches only itself, so a Deny protects one object of that very name; an
id with such a dash is the id of nothing. Pasting and input methods insert them, and a review cannot see them.
Punctuation between Chinese, Japanese and Korean letters is ordinary and not reported. In an action, a principal, an
operator or a key no such character is ever right, and the finding is an error.

Fix: type the plain character, or silence the finding with its reason if the character is meant.`,
  check: (policy) => policy.texts.flatMap((text) => judge(text, policy)),
};

function judge(word: Text, policy: PolicyInFile): readonly Finding[] {
  const { text, span } = word;
  const found = lookAlikesIn(text);
  if (found.length === 0) return [];
  if (found.every(({ plain }) => plain === "," || plain === ";") && isJoined(word, policy)) return [];
  const different = [...new Map(found.map((one) => [one.character, one])).values()].slice(0, 3);
  const message = `this text contains ${different.map(describe).join(", ")}`;
  const severity = isClosed(word, policy) ? ("error" as const) : ("warning" as const);
  // A plain wildcard would match more than was written, and only the author knows whether it is meant.
  if (found.some(({ plain }) => plain === "*" || plain === "?")) {
    const help =
      "type the plain wildcard if one is meant, or silence this with its reason if the character is";
    return [{ severity, message, span, help }];
  }
  const plain = replaceLookAlikes(text);
  const help = meantText(text) === plain ? `write \`${plain}\`` : "type the plain characters";
  return [{ severity, message, span, help, ...replacing(word, plain) }];
}

function describe({ character, plain }: LookAlike): string {
  const name = plain === " " ? "a space" : `\`${plain}\``;
  return `${codePoint(character)}, which looks like ${name}`;
}
