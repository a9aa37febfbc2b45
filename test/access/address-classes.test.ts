import fc from "fast-check";
import { expect, test } from "vitest";
import { addressClasses } from "../../src/access/engine/intervals.ts";
import { evaluate } from "../../src/access/evaluate.ts";
import { interpretationsOf } from "../../src/access/interpretations.ts";
import { bucket, policyOf } from "./worlds.ts";

/** Few bytes, so that addresses often are in a range or beside it. */
const byte = fc.constantFrom("0", "1", "127", "128", "255");
const address4 = fc.tuple(byte, byte, byte, byte).map((bytes) => bytes.join("."));
const word = fc.constantFrom("0", "1", "7fff", "8000", "ffff");
const address6 = fc
  .array(word, { minLength: 1, maxLength: 4 })
  .map((words) => ["2001:db8:", ...words].join(":"));
const mapped = address4.map((address) => `::ffff:${address}`);
const range = fc.oneof(
  address4,
  address6,
  fc.tuple(address4, fc.integer({ min: 0, max: 32 })).map(([address, bits]) => `${address}/${bits}`),
  fc.tuple(address6, fc.integer({ min: 0, max: 128 })).map(([address, bits]) => `${address}/${bits}`),
  fc.tuple(byte, byte).map(([first, second]) => `${first}.${second}.*.*`),
);

test("two addresses of one class have the same answers under every interpretation", () => {
  fc.assert(
    fc.property(
      fc.array(range, { minLength: 1, maxLength: 6 }),
      fc.constantFrom("IpAddress", "NotIpAddress"),
      fc.array(fc.oneof(address4, address6, mapped), { minLength: 1, maxLength: 8 }),
      (values, operator, addresses) => {
        const allow = { Effect: "Allow", Principal: ["1"], Action: ["oss:GetObject"], Resource: ["*"] };
        const policy = policyOf([{ ...allow, Condition: { [operator]: { "acs:SourceIp": values } } }]);
        const classOf = addressClasses(policy.statements.flatMap(({ condition }) => condition ?? []));
        const answers = (address: string) =>
          interpretationsOf(["hostBits"]).map((one) => {
            const context = new Map([["acs:SourceIp", address]]);
            const request = { principal: "1", action: "oss:GetObject", resource: "a", context };
            return evaluate(policy, request, bucket, one).decision;
          });
        for (const address of addresses) expect(answers(classOf(address))).toEqual(answers(address));
      },
    ),
    { numRuns: 300 },
  );
});

test("a long list has as many classes as it tells apart", () => {
  const list = Array.from({ length: 500 }, (_, index) => `10.${index >> 8}.${index & 255}.0/24`);
  const classOf = addressClasses([{ operator: "IpAddress", key: "acs:SourceIp", values: list }]);
  const visitors = Array.from({ length: 2_000 }, (_, index) => `203.0.${index >> 8}.${index & 255}`);
  expect(new Set(visitors.map(classOf)).size).toBe(1);
  expect(classOf("10.0.7.9")).toBe(classOf("10.0.7.200"));
  expect(classOf("10.0.7.9")).not.toBe(classOf("10.0.8.9"));
});
