import fc from "fast-check";
import { expect, test } from "vitest";
import { LineStarts, SpanInText } from "../../src/desired/span-in-text.ts";
import { applyEdits } from "../../src/edit/apply-edits.ts";

test("edits by lines and columns do what edits by offsets do", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "\n", "\r\n", "中", "😀", " "), maxLength: 30 });
  const cuts = fc.uniqueArray(fc.nat(40), { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(text, cuts, fc.string({ maxLength: 3 }), (source, places, by) => {
      const at = places.map((place) => Math.min(place, source.length)).sort((a, b) => a - b);
      const [a = 0, b = 0, c = source.length, d = source.length] = at;
      const lines = new LineStarts(source);
      const spanOf = (from: number, to: number) => new SpanInText("x", lines, from, to);
      const edits = [
        { span: spanOf(c, d), text: by },
        { span: spanOf(a, b), text: "" },
      ];
      const expected = source.slice(0, a) + source.slice(b, c) + by + source.slice(d);
      expect(applyEdits(source, edits)).toBe(expected);
    }),
  );
});
