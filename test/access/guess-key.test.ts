import fc from "fast-check";
import { expect, test } from "vitest";
import { someKeyByGuess } from "../../src/access/describe/guess-key.ts";
import { queriesOf, type PatternWord } from "../../src/access/describe/pattern-words.ts";
import { objectKey } from "../../src/access/text/language.ts";
import { textClasses } from "../../src/access/text/text-classes.ts";
import { runs } from "../support/runs.ts";

const word = fc
  .record({
    text: fc.string({ unit: fc.constantFrom("a", "b", "/", "?", "*"), maxLength: 6 }),
    isLiteral: fc.boolean(),
  })
  .map(({ text, isLiteral }): PatternWord => ({ text, style: { isLiteral, foldsCase: false } }));

function someKey(all: readonly PatternWord[], none: readonly PatternWord[]): boolean {
  const classes = textClasses({
    language: objectKey,
    groups: queriesOf([...all, ...none]),
    isSettled: () => false,
    spend: () => undefined,
  });
  return classes.some(({ truth }) => truth.every((is, at) => is === at < all.length));
}

test("a guess of a key that patterns have in common is never wrong, and mostly decides", () => {
  let [decided, all] = [0, 0];
  fc.assert(
    fc.property(
      fc.array(word, { minLength: 1, maxLength: 3 }),
      fc.array(word, { maxLength: 2 }),
      (some, none) => {
        const guessed = someKeyByGuess(some, none);
        all += 1;
        if (guessed === undefined) return;
        decided += 1;
        expect(guessed).toBe(someKey(some, none));
      },
    ),
    { numRuns: runs(1_000) },
  );
  expect(decided / all).toBeGreaterThan(0.5);
});
