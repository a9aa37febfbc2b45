import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { operators } from "../../../src/policy/conditions.ts";
import { contradict, type KeyTest } from "../../../src/policy/contradiction.ts";
import { parseIpRange } from "../../../src/policy/ip-range.ts";
import { runs } from "../../support/runs.ts";

/** The tests of one key under these operators; an operator stands in a Condition once. */
function testsOf(values: fc.Arbitrary<string>, family: string): fc.Arbitrary<readonly KeyTest[]> {
  const names = operators.filter((operator) => operator.family === family && operator.hasMeaning);
  const lists = fc.uniqueArray(values, { minLength: 1, maxLength: 3 });
  return fc
    .uniqueArray(fc.tuple(fc.constantFrom(...names), lists), {
      minLength: 1,
      maxLength: 4,
      selector: ([operator]) => operator.name,
    })
    .map((pairs) => pairs.map(([operator, list]) => ({ operator, values: list })));
}

/** The plain meaning of an operator, written apart from the code that it judges. */
function holds({ operator, values }: KeyTest, matches: (name: string, value: string) => boolean): boolean {
  const any = values.some((value) => matches(operator.name.replace("Not", ""), value));
  return operator.negated ? !any : any;
}

function likeMatches(pattern: string, text: string): boolean {
  const source = [...pattern].map((mark) => (mark === "*" ? ".*" : mark === "?" ? "." : `[${mark}]`)).join("");
  return new RegExp(`^${source}$`).test(text);
}

describe("what is said to contradict itself is met by no value", () => {
  test("strings", () => {
    const letters = fc.constantFrom("a", "A", "b", "*", "?");
    const values = fc.string({ unit: letters, maxLength: 3 });
    const texts = ["a", "A", "b", "B", "*", "?"];
    const domain = ["", ...texts, ...texts.flatMap((x) => texts.map((y) => x + y))];
    const domain3 = [...domain, ...domain.flatMap((x) => (x.length === 2 ? texts.map((y) => x + y) : []))];
    let found = 0;
    fc.assert(
      fc.property(testsOf(values, "String"), (tests) => {
        const met = domain3.some((text) =>
          tests.every((one) =>
            holds(one, (name, value) => {
              if (name === "StringLike") return likeMatches(value, text);
              if (name === "StringEquals") return value === text;
              return value.toLowerCase() === text.toLowerCase();
            }),
          ),
        );
        const says = contradict(tests);
        if (says) found += 1;
        expect(says && met).toBe(false);
        // With exact values in the Condition, nothing is missed.
        if (tests.some(({ operator }) => operator.name === "StringEquals")) expect(says).toBe(!met);
      }),
      { numRuns: runs(600) },
    );
    expect(found).toBeGreaterThan(runs(15));
  });

  test.each([
    ["Numeric", (step: number) => String(step / 2), (text: string) => Number(text) * 2],
    [
      "Date",
      (step: number) => `2026-01-0${1 + Math.floor(step / 24)}T${String(step % 24).padStart(2, "0")}:00:00+00:00`,
      (text: string) => Date.parse(text) / 3_600_000 - Date.parse("2026-01-01T00:00:00Z") / 3_600_000,
    ],
  ])("%s", (family, write, read) => {
    const values = fc.integer({ min: 0, max: 6 }).map(write);
    // Half steps stand for all that lies between and around the values.
    const domain = Array.from({ length: 18 }, (_, index) => (index - 2) / 2);
    fc.assert(
      fc.property(testsOf(values, family), (tests) => {
        const met = domain.some((point) =>
          tests.every((one) =>
            holds(one, (name, value) => {
              const other = read(value);
              switch (name.replace(family, "")) {
                case "Equals":
                  return point === other;
                case "LessThan":
                  return point < other;
                case "LessThanEquals":
                  return point <= other;
                case "GreaterThan":
                  return point > other;
                default:
                  return point >= other;
              }
            }),
          ),
        );
        expect(contradict(tests)).toBe(!met);
      }),
      { numRuns: runs(600) },
    );
  });

  test("addresses", () => {
    const values = fc.tuple(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 29, max: 32 })).map(([host, bits]) => {
      const size = 2 ** (32 - bits);
      return `10.0.0.${Math.floor(host / size) * size}/${bits}`;
    });
    const domain = Array.from({ length: 9 }, (_, host) => parseIpRange(`10.0.0.${host}`)!.address);
    fc.assert(
      fc.property(testsOf(values, "Ip"), (tests) => {
        const met = domain.some((address) =>
          tests.every((one) =>
            holds(one, (_, value) => {
              const range = parseIpRange(value)!;
              return range.first <= address && address <= range.last;
            }),
          ),
        );
        expect(contradict(tests)).toBe(!met);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("what is in doubt is left aside", () => {
  const of = (name: string, ...values: string[]): KeyTest => ({
    operator: operators.find((operator) => operator.name === name)!,
    values,
  });
  test.each<[string, KeyTest[]]>([
    ["a date without an offset", [of("DateLessThan", "2026-01-01"), of("DateGreaterThan", "2027-01-01T00:00:00Z")]],
    ["a number of many digits", [of("NumericLessThan", "1"), of("NumericGreaterThan", "9007199254740993123")]],
    ["a value that is no number", [of("NumericLessThan", "1"), of("NumericGreaterThan", "x", "5")]],
    ["an address with a wildcard", [of("IpAddress", "10.*.*.1"), of("NotIpAddress", "0.0.0.0/0")]],
    ["host bits", [of("IpAddress", "10.1.2.3/8"), of("NotIpAddress", "10.0.0.0/8")]],
    ["IPv6 beside IPv4", [of("IpAddress", "::1"), of("NotIpAddress", "0.0.0.0/0")]],
    ["an operator without a documented meaning", [of("IpAddressIncludeBorder"), of("IpAddress", "10.0.0.0/8")]],
    ["a question mark beside letters outside of ASCII", [of("StringEquals", "é"), of("StringLike", "??")]],
    ["case outside of ASCII", [of("StringEquals", "É"), of("StringNotEqualsIgnoreCase", "é")]],
    ["an empty list under a negated operator", [of("StringNotLike"), of("StringEquals", "a")]],
    ["more than can be compared quickly", [of("StringEquals", "a".repeat(3000)), of("StringLike", "b".repeat(3000))]],
  ])("%s", (_, tests) => {
    expect(contradict(tests)).toBe(false);
  });
});
