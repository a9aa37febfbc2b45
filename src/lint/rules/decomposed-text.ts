import { replaceDecomposed } from "../../policy/look-alikes.ts";
import type { Rule } from "../rule.ts";
import { codePoint, replacing } from "../texts.ts";

export const decomposedText: Rule = {
  code: "decomposed-text",
  severity: "warning",
  summary: "a letter that is written as a letter and its mark, as macOS writes file names",
  explanation: `An accented letter is one character (U+00E9) or two, a letter and its mark (U+0065 U+0301). Both look the same, and
OSS compares strings character by character, so a key in one form and a key in the other are two objects. Browsers,
input methods and most tools write one character; names from the disk of a Mac have two.

Fix: write the one character, or silence the finding with its reason if the objects have the other form.`,
  check: ({ texts }) =>
    texts.flatMap((word) => {
      const found: string[] = [];
      const composed = replaceDecomposed(word.text, (letter) => {
        found.push(letter);
        return letter.normalize("NFC");
      });
      const [first] = found;
      if (first === undefined) return [];
      const points = (text: string) => [...text].map(codePoint).join(" ");
      const message = `this text contains ${points(first)} in place of ${points(first.normalize("NFC"))}, which looks the same`;
      return [{ message, span: word.span, help: `write \`${composed}\``, ...replacing(word, composed) }];
    }),
};
