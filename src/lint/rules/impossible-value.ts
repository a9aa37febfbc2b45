import type { ConditionOperator } from "../../policy/conditions.ts";
import {
  canMatch,
  respelled,
  vocabularyOf,
  type TextComparison,
  type Vocabulary,
} from "../../policy/key-values.ts";
import { comparisonOf, knownTests } from "../condition.ts";
import type { Finding, Rule, Word } from "../rule.ts";
import { quoted, replacing } from "../texts.ts";

export const impossibleValue: Rule = {
  code: "impossible-value",
  severity: "warning",
  summary: "a value that the condition key never has, such as vpce-1 for acs:SourceVpc",
  explanation: `Some keys have a closed set of values (OSS docs: policy syntax, bucket ACL, object ACL, access points). A bucket ACL is
private, public-read or public-read-write; an object ACL may also be default. The origin of an access point is internet
or vpc. acs:SourceVpc is the id of a VPC, not of a switch, of an endpoint or a range. OSS stores any other value, and no
request ever has it: an Allow gives nothing, a Deny blocks nothing, and under a negated operator the value excludes
nothing.

Fix: write a value that the key can have, spelled exactly as documented.`,
  check: ({ statements }) =>
    statements.flatMap(knownTests).flatMap(({ operator, key, test }) => {
      const vocabulary = vocabularyOf(key.name);
      const comparison = comparisonOf(operator);
      if (vocabulary === undefined || comparison === undefined) return [];
      return test.values.flatMap((value) => judge(value, test.key.text, operator, vocabulary, comparison));
    }),
};

function judge(
  value: Word,
  key: string,
  { negated }: ConditionOperator,
  vocabulary: Vocabulary,
  comparison: TextComparison,
): readonly Finding[] {
  const { text, span } = value;
  // wildcard-in-equals and double-wildcard report these.
  if (comparison !== "pattern" && /[*?]/.test(text)) return [];
  if (text.includes("**") || text.includes("${") || canMatch(vocabulary, text, comparison)) return [];
  const effect = negated ? ", so it excludes nothing" : ", so it can never match";
  const message = `\`${key}\` is never ${quoted(text)}${effect}`;
  const word = comparison === "pattern" ? undefined : respelled(vocabulary, text);
  const help = word === undefined ? `write ${describe(vocabulary)}` : `write \`${word}\``;
  return [{ message, span, help, ...(word === undefined ? {} : replacing(value, word)) }];
}

function describe(vocabulary: Vocabulary): string {
  if (vocabulary.kind === "form") return vocabulary.description;
  const words = vocabulary.words.join(", ").replace(/, ([^,]*)$/, " or $1");
  return `the value that is meant: ${words}`;
}
