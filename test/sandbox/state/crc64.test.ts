import fc from "fast-check";
import { expect, test } from "vitest";
import { combineCrc64, startCrc64 } from "../../../src/sandbox/state/crc64.ts";

// The check value of CRC-64/XZ. A wrong polynomial, bit order or start value fails here.
test("the CRC of `123456789` is the check value of the standard", () => {
  expect(crc(Buffer.from("123456789"))).toBe(0x995dc9bbdf1939fan);
  expect(String(crc(Buffer.from("123456789")))).toBe("11051210869376104954");
  expect(crc(Buffer.from(""))).toBe(0n);
});

// The tables of eight bytes at once would differ from the plain algorithm at some length or place.
test("it is the CRC of the plain bitwise algorithm, however the bytes are cut", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat({ max: 80 }), (bytes, cut) => {
      const running = startCrc64();
      running.update(bytes.subarray(0, cut));
      running.update(bytes.subarray(cut));
      expect(running.value()).toBe(bitwise(bytes));
    }),
  );
});

test("it goes on from an earlier CRC, and two CRCs combine to that of both texts", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 300 }), (one, other) => {
      const both = crc(Buffer.concat([one, other]));
      const continued = startCrc64(crc(one));
      continued.update(other);
      expect(continued.value()).toBe(both);
      expect(combineCrc64(crc(one), crc(other), other.length)).toBe(both);
    }),
  );
});

function crc(bytes: Uint8Array): bigint {
  const running = startCrc64();
  running.update(bytes);
  return running.value();
}

function bitwise(bytes: Uint8Array): bigint {
  let state = 0xffffffffffffffffn;
  for (const byte of bytes) {
    state ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1)
      state = state & 1n ? (state >> 1n) ^ 0xc96c5795d7870f42n : state >> 1n;
  }
  return state ^ 0xffffffffffffffffn;
}
