import { describe, expect, test } from "vitest";
import { parseDesired } from "../../src/desired/desired.ts";
import { desiredPolicy } from "../../src/desired/desired-policy.ts";
import { hasErrors } from "../../src/diagnostic.ts";
import { lintBuckets } from "../../src/lint/lint.ts";
import { evaluate } from "../../src/access/evaluate.ts";
import { canonicalPolicy } from "../../src/policy/policy.ts";
import { picker } from "../soak/random.ts";
import { runs } from "../support/runs.ts";
import { backgroundOf } from "./background.ts";
import { dangerousEdits, harmlessEdits } from "./edits.ts";
import { editedBucket, filesOf, pullRequestOf } from "./pull-request.ts";
import { requestsAt } from "./requests.ts";
import { rewritten, spelled } from "./rewriting.ts";
import { sceneOf } from "./scene.ts";
import { documentOf, owner } from "./statements.ts";
import { untruths } from "./truth.ts";

const seeds = Array.from({ length: runs(1, 20) }, (_, index) => index + 1);

describe("the kinds of edits", () => {
  test("are many, and each has its own name", () => {
    const kinds = [...dangerousEdits, ...harmlessEdits].map(({ kind }) => kind);
    expect(new Set(kinds).size).toBe(kinds.length);
    expect(dangerousEdits.length).toBeGreaterThanOrEqual(25);
    expect(harmlessEdits.length).toBeGreaterThanOrEqual(15);
  });

  test.each([...dangerousEdits, ...harmlessEdits].map((edit) => [edit.kind, edit] as const))(
    "%s: the reference evaluator decides what the edit claims, also rewritten",
    (_, edit) => {
      for (const seed of seeds) expect(untruths(editedBucket("acme", edit, picker(seed)).claim)).toEqual([]);
    },
  );

  test("all occur in 200 pull requests", () => {
    const kinds = new Set(
      Array.from({ length: 200 }, (_, seed) => pullRequestOf(seed + 1)).flatMap(({ edited }) =>
        edited.map(({ edit }) => edit.kind),
      ),
    );
    const missing = [...dangerousEdits, ...harmlessEdits].filter(({ kind }) => !kinds.has(kind));
    expect(missing.map(({ kind }) => kind)).toEqual([]);
  });
});

test("a claim that is not true is found", () => {
  const edit = harmlessEdits.find(({ kind }) => kind === "a known caller gains reads")!;
  const { claim } = editedBucket("acme", edit, picker(1));
  expect(untruths({ ...claim, edit: { ...edit, effect: "narrows" } })).not.toEqual([]);
  expect(untruths({ ...claim, gainer: "1" })).not.toEqual([]);
  expect(untruths({ ...claim, after: claim.before })).not.toEqual([]);
});

test("rewriting leaves every decision", () => {
  for (let seed = 1; seed <= runs(10, 1_000); seed += 1) {
    const pick = picker(seed);
    const scene = sceneOf("acme", pick);
    const statements = [...backgroundOf(scene, false, pick), ...editedStatements(seed)];
    const other = rewritten(statements, pick);
    const [plain, written] = [documentOf(statements), spelled(other, pick)].map(canonicalPolicy);
    for (const request of requestsAt([...statements, ...other], 50, pick))
      expect([seed, evaluate(written!, request, { name: "acme", owner }).decision]).toEqual([
        seed,
        evaluate(plain!, request, { name: "acme", owner }).decision,
      ]);
  }
});

function editedStatements(seed: number) {
  const edits = [...dangerousEdits, ...harmlessEdits];
  const { after } = edits[seed % edits.length]!.make(sceneOf("acme", picker(seed)));
  return after === "none" ? [] : after;
}

describe("a pull request", () => {
  test("is the same for the same seed, and another for another", () => {
    const text = (seed: number) => JSON.stringify(filesOf(pullRequestOf(seed)));
    expect(text(7)).toBe(text(7));
    expect(text(7)).not.toBe(text(8));
  });

  test("has files that say what its edits claim", () => {
    for (const seed of seeds) {
      const pullRequest = pullRequestOf(seed);
      const files = Object.entries(filesOf(pullRequest).after).map(([path, text]) => ({ path, text }));
      const policies = new Map(parseDesired(files).buckets.map((one) => [one.bucket, desiredPolicy(one)]));
      for (const { bucket, claim, after } of pullRequest.edited)
        expect(policies.get(bucket)).toEqual(
          after === "none" ? "none" : canonicalPolicy(documentOf(claim.after)),
        );
    }
  });

  test("has files without an error on both sides", () => {
    for (const seed of seeds)
      for (const side of Object.values(filesOf(pullRequestOf(seed)))) {
        const files = Object.entries(side).map(([path, text]) => ({ path, text }));
        const { buckets, diagnostics } = parseDesired(files);
        const findings = [...diagnostics, ...[...lintBuckets(buckets, "2026-06-01").values()].flat()];
        expect(buckets.length).toBeGreaterThanOrEqual(4);
        expect([seed, findings.filter((one) => hasErrors([one])).map(({ message }) => message)]).toEqual([
          seed,
          [],
        ]);
      }
  });
});
