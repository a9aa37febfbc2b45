import { isEverything } from "../certain.ts";
import type { Rule } from "../rule.ts";
import { replacing } from "../texts.ts";

export const doubleWildcard: Rule = {
  code: "double-wildcard",
  severity: "error",
  summary: "two or more asterisks in a row, which OSS refuses in any value",
  explanation: `OSS refuses a policy in which any value has consecutive asterisks (OSS docs: EC 0030-00000007). The usual cause is a
UID copied from an example, where its last digits are masked. Asterisks with something between them, such as
logs/*/*.gz, are fine.

Fix: write the whole UID or id where it is masked. Elsewhere write one asterisk, which already matches any run of
characters.`,
  // Names of members are not checked: that OSS looks at values alone is inferred.
  check: (policy) =>
    policy.texts
      .filter(({ text, isName }) => !isName && text.includes("**"))
      .map((word) => {
        const { text, span } = word;
        const message = `\`${text}\` contains consecutive asterisks, which OSS refuses`;
        const isPrincipal = policy.statements.some(({ principals }) =>
          principals.some((one) => one.span === span),
        );
        const masked = maskedPart(text, isPrincipal);
        if (masked !== undefined)
          return { message, span, help: `write the whole ${masked}, which is masked here` };
        const single = text.replaceAll(/\*+/g, "*");
        if (isEverything(single))
          return {
            message,
            span,
            help: `write \`${single}\` only if everything is meant, or what is masked here`,
          };
        return { message, span, help: `write \`${single}\``, ...replacing(word, single) };
      }),
};

/**
 * Returns what a text masks, if it does: a UID, of which only digits are left between colons, or the id of a key or of a
 * VPC. In a principal asterisks alone are a mask as well.
 */
function maskedPart(text: string, isPrincipal: boolean): string | undefined {
  if (/^(?:LTAI|STS\.|TMP\.|vpc-)[A-Za-z0-9]*\*{2,}[A-Za-z0-9]*$/.test(text)) return "id";
  const masked = isPrincipal ? /^\d*\*{2,}\d*$/ : /^\d+\*{2,}\d*$/;
  if (text.split(":").some((part) => masked.test(part))) return "UID";
  return isPrincipal && /(?:^|\/)\*{2,}(?:\/|$)/.test(text) ? "role or session" : undefined;
}
