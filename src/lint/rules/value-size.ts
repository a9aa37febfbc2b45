import type { Rule } from "../rule.ts";

/** In bytes (OSS docs: bucket policy). */
const maxBytes = 4095;

export const valueSize: Rule = {
  code: "value-size",
  severity: "error",
  summary: "a string of more than 4095 bytes",
  explanation: `OSS takes at most 4095 bytes in one value of a policy (OSS docs: bucket policy), counted here in
UTF-8, in which most letters outside of English take two or three bytes. With what error OSS refuses a
longer one is not documented.

Mend: shorten the value, or write several.`,
  check: ({ texts }) =>
    texts.flatMap(({ text, span }) => {
      // A UTF-16 unit takes three bytes at most, so that short texts need no count.
      if (text.length * 3 <= maxBytes) return [];
      const bytes = Buffer.byteLength(text);
      if (bytes <= maxBytes) return [];
      const message = `this value has ${bytes} bytes, and OSS takes at most ${maxBytes}`;
      return [{ message, span, help: "shorten it, or write several values" }];
    }),
};
