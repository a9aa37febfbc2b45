import { describe, expect, test } from "vitest";
import { picker } from "../soak/random.ts";
import { accountFile, stranger } from "./account.ts";
import { dangerousEdits } from "./edits.ts";
import { brokenKinds, figuresText, reviewFigures } from "./figures.ts";
import { editedBucket } from "./pull-request.ts";
import { plannedFrom } from "./whole-plan.ts";

/** A few pull requests; the long run has hundreds. */
test("a plan holds up dangerous edits under their own hazards, and no harmless ones", () => {
  const figures = reviewFigures(10, 1_001);
  expect(brokenKinds(figures), figuresText(figures)).toEqual({
    missed: [],
    misnamed: [],
    blocked: [],
    warned: [],
  });
});

describe("a caller to whom the same revision gives a name", () => {
  const edit = dangerousEdits.find(({ kind }) => kind === "an unknown UID")!;
  const edited = [editedBucket("acme", edit, picker(1))];

  test("is unknown until the next base", async () => {
    const named = `${accountFile}  partner: "${stranger}"\n`;
    const { hazards } = await plannedFrom(
      { seed: 1, edited, others: [] },
      { "policies/account.yaml": named },
    );
    expect(hazards.get("acme")).toContain("grants-unknown-principal");
  });
});
