import type { Rule } from "../rule.ts";

/** Limit in bytes (OSS docs: bucket policy). */
const maxBytes = 4095;

export const valueSize: Rule = {
  code: "value-size",
  severity: "error",
  summary: "a string of more than 4095 bytes",
  explanation: `OSS accepts at most 4095 bytes in one value of a policy (OSS docs: bucket policy). This rule counts them in UTF-8, in
which most letters outside of English take two or three bytes. The error with which OSS refuses a longer value is not
documented.

Fix: shorten the value, or write several.`,
  check: ({ texts }) =>
    texts.flatMap(({ text, span }) => {
      // A UTF-16 unit takes three bytes at most, so that short texts need no count.
      if (text.length * 3 <= maxBytes) return [];
      const bytes = Buffer.byteLength(text);
      if (bytes <= maxBytes) return [];
      const message = `this value has ${bytes} bytes, and OSS accepts at most ${maxBytes}`;
      return [{ message, span, help: "shorten it, or write several values" }];
    }),
};
