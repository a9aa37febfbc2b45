import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { splitRecords } from "../../src/actiontrail/records.ts";
import { runs } from "../support/runs.ts";

/** Splits a text that comes in parts of these sizes, the last one repeated. */
function split(text: string, ...sizes: readonly number[]) {
  const records: string[] = [];
  const places: number[] = [];
  const broken: number[] = [];
  const splitter = splitRecords({
    onRecord: (record, line) => {
      records.push(record);
      places.push(line);
    },
    onBroken: (line) => broken.push(line),
  });
  let at = 0;
  for (let index = 0; at < text.length; index += 1) {
    const size = Math.max(1, sizes[index % Math.max(1, sizes.length)] ?? text.length);
    splitter.push(text.slice(at, at + size));
    at += size;
  }
  splitter.end();
  return { records, places, broken };
}

const values = (records: readonly string[]) => records.map((text) => JSON.parse(text) as unknown);
const objects = fc.array(fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue(), { maxKeys: 4 }), {
  maxLength: 6,
});
const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });

describe("the objects of a text are found", () => {
  const forms: readonly (readonly [string, (all: readonly object[]) => string])[] = [
    ["on a line each", (all) => all.map((one) => `${JSON.stringify(one)}\n`).join("")],
    [
      "on a line each, without a last line break, after a byte order mark",
      (all) => `\ufeff${all.map((one) => JSON.stringify(one)).join("\r\n")}`,
    ],
    ["in an array on one line", (all) => JSON.stringify(all)],
    ["in an array over many lines", (all) => JSON.stringify(all, null, 2)],
    ["over many lines each", (all) => all.map((one) => JSON.stringify(one, null, 4)).join("\n")],
    ["in one array after the other", (all) => all.map((one) => JSON.stringify([one])).join("\n")],
  ];
  test.each(forms)("%s, in parts of any size", (_, render) => {
    const law = fc.property(objects, sizes, (all, parts) => {
      const { records, broken } = split(render(all), ...parts);
      expect(values(records)).toEqual(JSON.parse(JSON.stringify(all)));
      expect(broken).toEqual([]);
    });
    fc.assert(law, { numRuns: runs(100) });
  });
});

describe("what is broken is reported, and costs nothing that is whole", () => {
  test("a line that is cut off anywhere, among whole lines", () => {
    const law = fc.property(
      objects,
      fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }),
      fc.nat(),
      sizes,
      (all, one, cut, parts) => {
        const whole = JSON.stringify(one);
        const line = whole.slice(0, 1 + (cut % (whole.length - 1)));
        const before = all.map((other) => `${JSON.stringify(other)}\n`).join("");
        const { records, broken } = split(`${before}${line}\n${before}`, ...parts);
        expect(values(records)).toEqual(JSON.parse(JSON.stringify([...all, ...all])));
        expect(broken[0]).toBe(all.length + 1);
      },
    );
    fc.assert(law, { numRuns: runs(300) });
  });

  test.each([
    ["no JSON", "hello\n", [], [1]],
    ["a line of text between", '{"a":1}\nhello {"b":2}\n{"c":3}\n', ['{"a":1}', '{"c":3}'], [2]],
    ["brackets that do not match", '{"a":[1}\n{"c":3}\n', ['{"c":3}'], [1]],
    ["a value without a comma before it", '{"a":1 {"b":2}}\n{"c":3}', ['{"b":2}', '{"c":3}'], [1, 1]],
    ["the end of a page that is cut off", '{"Events":[\n{"a":1},\n{"b":', ['{"a":1}'], [1, 3]],
  ])("%s", (_, text, records, broken) => {
    const found = split(text);
    expect([found.records, found.broken]).toEqual([records, broken]);
  });

  test("what is no JSON at all ends, and gives back no record that was not written", () => {
    const law = fc.property(
      fc.string({ unit: fc.constantFrom(...'{}[]",:\\\n a1'.split("")), maxLength: 60 }),
      sizes,
      (text, parts) => {
        const { records } = split(text, ...parts);
        for (const record of records) expect(text).toContain(record);
      },
    );
    fc.assert(law, { numRuns: runs(500) });
  });

  test("a record that never ends is given up, and the next line is read", () => {
    const long = "x".repeat(17 * 1024 * 1024);
    const { records, broken } = split(`{"a":"${long}\n{"b":2}\n`, 1024 * 1024);
    expect([records, broken]).toEqual([['{"b":2}'], [1]]);
  });
});
