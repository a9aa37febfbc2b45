import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import type { Body } from "../../../src/sandbox/state/body.ts";
import { bytesInMemory, openBodies, type Bodies } from "../../../src/sandbox/state/bodies.ts";
import { startCrc64 } from "../../../src/sandbox/state/crc64.ts";
import { chunks, readAll, withFolder } from "../../support/state.ts";

const mebibyte = 1024 ** 2;

test("a body has the digests of its bytes, whether it is in memory or a file", () =>
  withFolder(async (folder) => {
    for (const bodies of [openBodies(undefined), openBodies(folder)]) {
      for (const bytes of [pattern(0), pattern(5), pattern(mebibyte), pattern(3 * mebibyte + 1)]) {
        const body = await receive(bodies, bytes.subarray(0, 3), bytes.subarray(3));
        const crc = startCrc64();
        crc.update(bytes);
        expect([body.size, body.md5, body.crc64]).toEqual([
          bytes.length,
          createHash("md5").update(bytes).digest("hex").toUpperCase(),
          String(crc.value()),
        ]);
        expect(
          createHash("md5")
            .update(await readAll(bodies.stream(body)))
            .digest("hex")
            .toUpperCase(),
        ).toBe(body.md5);
      }
      bodies.close();
    }
  }));

test("only bodies up to 1 MiB stay in memory, and none with a folder", () =>
  withFolder(async (folder) => {
    const [memory, files] = [openBodies(undefined), openBodies(folder)];
    expect(bytesInMemory(await receive(memory, pattern(mebibyte)))?.byteLength).toBe(mebibyte);
    expect(bytesInMemory(await receive(memory, pattern(mebibyte + 1)))).toBeUndefined();
    expect(bytesInMemory(await receive(files, pattern(1)))).toBeUndefined();
    memory.close();
  }));

test("a range is exact over the borders of segments", () =>
  withFolder(async (folder) => {
    const bodies = openBodies(folder);
    const whole = pattern(3 * mebibyte);
    const cuts = [0, 10, 11, 2 * mebibyte, whole.length];
    const pieces = [];
    for (const [index, cut] of cuts.slice(1).entries())
      pieces.push(await receive(bodies, whole.subarray(cuts[index], cut)));
    const body: Body = {
      size: whole.length,
      crc64: "0",
      segments: pieces.flatMap(({ segments }) => segments),
    };
    for (const [first, last] of [
      [0, 0],
      [9, 10],
      [10, 10],
      [5, 2 * mebibyte],
      [2 * mebibyte, whole.length - 1],
      [0, whole.length - 1],
    ] as const) {
      const read = await readAll(bodies.stream(body, { first, last }));
      expect(read.equals(whole.subarray(first, last + 1))).toBe(true);
    }
  }));

// A limit that is checked at the end would fill the disk first.
test("a body over the limit is refused while it streams, and leaves no file", () =>
  withFolder(async (folder) => {
    const bodies = openBodies(folder);
    let taken = 0;
    const endless = async function* (): AsyncGenerator<Uint8Array> {
      for (; taken < 100; taken += 1) yield await Promise.resolve(pattern(mebibyte));
    };
    expect(await bodies.receive(endless(), 5 * mebibyte)).toBe("too-large");
    expect([taken, readdirSync(folder)]).toEqual([5, []]);
    expect(await bodies.receive(chunks(pattern(5)), 5)).toMatchObject({ size: 5 });
  }));

test("a source that breaks rejects and leaves no file", () =>
  withFolder(async (folder) => {
    const bodies = openBodies(folder);
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(pattern(2 * mebibyte));
      throw new Error("the connection broke");
    };
    await expect(bodies.receive(broken())).rejects.toThrow("the connection broke");
    expect(readdirSync(folder)).toEqual([]);
  }));

test("a reader keeps the bytes until it ends, also if it is cut off", () =>
  withFolder(async (folder) => {
    const bodies = openBodies(folder);
    const bytes = pattern(3 * mebibyte);
    const body = await receive(bodies, bytes);
    const [whole, cut] = [bodies.stream(body), bodies.stream(body)];
    bodies.drop(body);
    expect(readdirSync(folder)).toHaveLength(1);
    cut.destroy();
    expect((await readAll(whole)).equals(bytes)).toBe(true);
    await expect.poll(() => readdirSync(folder)).toEqual([]);
  }));

test("a segment that two bodies share stays until both are dropped", () =>
  withFolder(async (folder) => {
    const bodies = openBodies(folder);
    const body = await receive(bodies, pattern(10));
    const copy = structuredClone(body);
    bodies.hold(copy);
    bodies.drop(body);
    expect(await readAll(bodies.stream(copy))).toEqual(pattern(10));
    bodies.drop(copy);
    await expect.poll(() => readdirSync(folder)).toEqual([]);
  }));

test("the temporary folder goes with the bodies", async () => {
  const bodies = openBodies(undefined);
  const body = await receive(bodies, pattern(2 * mebibyte));
  const path = bodies.stream(body);
  await readAll(path);
  bodies.close();
  await expect(readAll(bodies.stream(body))).rejects.toThrow("ENOENT");
  expect(existsSync("undefined")).toBe(false);
});

async function receive(bodies: Bodies, ...parts: readonly Uint8Array[]) {
  const body = await bodies.receive(chunks(...parts));
  if (body === "too-large") throw new Error(body);
  return body;
}

/** Bytes that repeat at no offset that a reader could confuse. */
function pattern(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let index = 0; index < length; index += 1) bytes[index] = (index * 31 + (index >> 8)) & 0xff;
  return bytes;
}
