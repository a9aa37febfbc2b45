import type { Rule } from "../rule.ts";
import { replacing } from "../texts.ts";

export const doubleWildcard: Rule = {
  code: "double-wildcard",
  severity: "error",
  summary: "two or more asterisks in a row, which OSS refuses in any value",
  explanation: `OSS refuses a policy in which any value has consecutive asterisks (OSS docs: EC 0030-00000007). The usual cause is a
UID copied from an example, where its last digits are masked. Asterisks with something between them, such as
logs/*/*.gz, are fine.

Fix: write the whole UID where it is masked. Elsewhere write one asterisk, which already matches any run of characters.`,
  // Names of members are not checked: that OSS looks at values alone is inferred.
  check: ({ texts }) =>
    texts
      .filter(({ text, isName }) => !isName && text.includes("**"))
      .map((word) => {
        const { text, span } = word;
        const message = `\`${text}\` contains consecutive asterisks, which OSS refuses`;
        if (isMasked(text)) return { message, span, help: "write the whole UID, which is masked here" };
        const single = text.replaceAll(/\*+/g, "*");
        return { message, span, help: `write \`${single}\``, ...replacing(word, single) };
      }),
};

/** Reports whether digits and asterisks lie between colons: a UID, or the owner in a resource or a role. */
function isMasked(text: string): boolean {
  return text.split(":").some((part) => /^\d+\*{2,}\d*$/.test(part));
}
