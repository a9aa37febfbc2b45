import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isIpPattern, networkText, parseIpRange } from "../../../src/policy/ip-range.ts";

describe("the network address of a range", () => {
  test.each([
    ["10.1.2.3/8", "10.0.0.0/8"],
    ["255.255.255.255/0", "0.0.0.0/0"],
    ["203.0.113.129/25", "203.0.113.128/25"],
    ["10.1.2.3", "10.1.2.3/32"],
    ["2001:db8::1/32", "2001:db8::/32"],
    ["2001:DB8:0:1::/63", "2001:db8::/63"],
    ["::ffff:10.0.0.1/112", "::ffff:a00:0/112"],
    ["ffff::/0", "::/0"],
  ])("%s is in %s", (text, network) => {
    expect(networkText(parseIpRange(text)!)).toBe(network);
  });

  test("is its own network address, whatever the range", () => {
    const v4 = fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 }));
    const v6 = fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 }));
    fc.assert(
      fc.property(fc.oneof(v4, v6), ([address, length]) => {
        const range = parseIpRange(`${address}/${length}`)!;
        const network = parseIpRange(networkText(range))!;
        expect(network).toEqual({ ...range, address: range.first });
        expect(range.first <= range.address && range.address <= range.last).toBe(true);
      }),
    );
  });
});

test.each(["", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/08", "010.0.0.1", "10.0.0", "1.2.3.256", "0x7f.0.0.1", "::1%eth0"])(
  "`%s` is no address",
  (text) => {
    expect(parseIpRange(text)).toBeUndefined();
    expect(isIpPattern(text)).toBe(false);
  },
);

test.each([
  ["101.*.*.100", true],
  ["1*.2.3.4", true],
  ["*", false],
  ["10.*", false],
  ["10.0.0.0/*", false],
  ["1.2.3.4", false],
])("whether `%s` is an address with wildcards: %s", (text, isPattern) => {
  expect(isIpPattern(text)).toBe(isPattern);
});
