import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parsePlanDocument, sealedText } from "../../src/plan/saved-plan.ts";
import { exactNumber, jsonText, parseJson, type Json, type JsonObject } from "../../src/policy/json.ts";
import { runs } from "../support/runs.ts";

const { json } = fc.letrec<{ json: Json; object: JsonObject }>((tie) => ({
  json: fc.oneof(
    { depthSize: "small" },
    fc.string({ unit: "binary" }),
    fc.constantFrom<Json>(true, null, 0.5, exactNumber("1.00"), "\n", [], {}),
    fc.array(tie("json"), { maxLength: 3 }),
    tie("object"),
  ),
  object: fc.dictionary(fc.string(), tie("json"), { maxKeys: 3 }),
}));

describe("a document that is written member by member", () => {
  test("is the text of the whole document with two spaces, and is read as unchanged", () => {
    const names = fc.constantFrom("changes", "unmanaged", "summary");
    const members = fc.uniqueArray(fc.tuple(names, fc.array(json, { maxLength: 3 })), {
      selector: ([name]) => name,
    });
    fc.assert(
      fc.property(members, fc.boolean(), (lists, isLong) => {
        const head = { formatVersion: "2.1", tool: { name: "oss-policy", version: "1.0.0" } };
        const own = lists.map(([name, list]) => [name, isLong ? () => list : list] as const);
        const text = [...sealedText({ ...head, ...Object.fromEntries(own) })].join("");
        const read = parseJson(text);
        if ("problem" in read) throw new Error(read.problem);
        const { digest, ...rest } = read.value as JsonObject;
        expect(jsonText(rest)).toBe(jsonText({ ...head, ...Object.fromEntries(lists) }));
        expect(text).toBe(`${jsonText({ ...rest, digest: digest ?? null }, 2)}\n`);
        // It is no plan, but that is found after the digest.
        expect(parsePlanDocument(text, "1.0.0")).toEqual({ problem: "it is not a plan of oss-policy" });
        expect(parsePlanDocument(text.replace('"2.1"', '"2.0"'), "1.0.0")).toEqual({
          problem: "it was changed or cut off after it was written",
        });
      }),
      { numRuns: runs(100) },
    );
  });
});
