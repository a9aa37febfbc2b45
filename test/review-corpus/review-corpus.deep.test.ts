import { beforeAll, expect, test } from "vitest";
import { brokenKinds, figuresText, reviewFigures, type KindFigures } from "./figures.ts";
import { pullRequestOf } from "./pull-request.ts";
import { untruths } from "./truth.ts";

const count = 400;
let figures: readonly KindFigures[] = [];
beforeAll(() => {
  figures = reviewFigures(count, 1);
}, 600_000);

test("what the edits of hundreds of pull requests claim is true", () => {
  for (let seed = 1; seed <= count; seed += 1)
    for (const { claim, edit } of pullRequestOf(seed).edited)
      expect([seed, edit.kind, untruths(claim)]).toEqual([seed, edit.kind, []]);
});

test("every dangerous edit is blocked or warned of", () => {
  expect(brokenKinds(figures).missed, figuresText(figures)).toEqual([]);
});

test("every dangerous edit has a hazard of its kind", () => {
  expect(brokenKinds(figures).misnamed).toEqual([]);
});

test("no harmless edit is blocked", () => {
  expect(brokenKinds(figures).blocked).toEqual([]);
});

test("of the harmless edits fewer than 2 in 100 are warned of", () => {
  expect(brokenKinds(figures).warned).toEqual([]);
});
