import type { Rule } from "../rule.ts";
import { replacing } from "../texts.ts";

export const doubleWildcard: Rule = {
  code: "double-wildcard",
  severity: "error",
  summary: "two or more asterisks in a row, which OSS refuses in any value",
  explanation: `OSS refuses a policy in which any value holds consecutive asterisks (OSS docs: EC 0030-00000007). The
usual cause is a UID copied from an example, where its last digits are masked. Asterisks with something between
them, such as logs/*/*.gz, are fine.

Mend: write the whole UID where it is masked; elsewhere write one asterisk, which matches any run of
characters already.`,
  // Names of members are left aside: that OSS looks at values alone is inferred.
  check: ({ texts }) =>
    texts
      .filter(({ text, isName }) => !isName && text.includes("**"))
      .map((word) => {
        const { text, span } = word;
        const message = `\`${text}\` holds consecutive asterisks, which OSS refuses`;
        if (isMasked(text)) return { message, span, help: "write the whole UID, which is masked here" };
        const single = text.replaceAll(/\*+/g, "*");
        return { message, span, help: `write \`${single}\``, ...replacing(word, single) };
      }),
};

/** Digits and asterisks between colons: a UID, or the owner in a resource or a role. */
function isMasked(text: string): boolean {
  return text.split(":").some((part) => /^\d+\*{2,}\d*$/.test(part));
}
