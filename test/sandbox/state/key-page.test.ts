import fc from "fast-check";
import { expect, test } from "vitest";
import { compareKeys } from "../../../src/sandbox/state/key-order.ts";
import { readPage, type KeyQuery } from "../../../src/sandbox/state/key-page.ts";
import { sortedMap } from "../../../src/sandbox/state/sorted-map.ts";

/** Few characters, so that keys collide; with those around the surrogates, where UTF-16 has another order. */
const keyArbitrary = fc
  .array(fc.constantFrom("a", "b", "/", "/", "\ud7ff", "\ue000", "\uffff", "😀", "\u{10ffff}"), {
    minLength: 1,
    maxLength: 6,
  })
  .map((chars) => chars.join(""));

test("keys are in the order of their UTF-8 bytes", () => {
  fc.assert(
    fc.property(keyArbitrary, keyArbitrary, (a, b) => {
      expect(Math.sign(compareKeys(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});

// Leaves that are halved, emptied or searched from the wrong side lose or repeat keys.
test("a sorted map has what a sorted list of its keys has, from any key on", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 4_000 })), { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 0, max: 4_000 }),
      (steps, from) => {
        const map = sortedMap<number>();
        const plain = new Map<string, number>();
        for (const [isSet, start] of steps) {
          for (let number = start; number < start + 700; number += 1) {
            const key = String(number).padStart(5, "0");
            if (isSet) {
              map.set(key, number);
              plain.set(key, number);
            } else {
              map.delete(key);
              plain.delete(key);
            }
          }
        }
        const first = String(from).padStart(5, "0");
        const expected = [...plain].filter(([key]) => key >= first).sort(([a], [b]) => (a < b ? -1 : 1));
        expect([...map.from(first)]).toEqual(expected);
        expect(map.size).toBe(plain.size);
      },
    ),
    { numRuns: 20 },
  );
});

test("pages one after the other are the listing, each entry once", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(keyArbitrary, { maxLength: 30 }),
      fc.constantFrom("", "a", "a/", "b", "\u{10ffff}"),
      fc.constantFrom("", "/", "a", "b/", "\u{10ffff}"),
      fc.integer({ min: 1, max: 4 }),
      (keys, prefix, delimiter, maxKeys) => {
        const pages = allPages(keys, { prefix, delimiter, maxKeys });
        expect(pages.slice(0, -1).every(({ count }) => count === maxKeys)).toBe(true);
        expect(pages.flatMap(({ items }) => items)).toEqual(expectedKeys(keys, prefix, delimiter));
        expect(pages.flatMap(({ commonPrefixes }) => commonPrefixes)).toEqual(
          expectedPrefixes(keys, prefix, delimiter),
        );
      },
    ),
  );
});

test("a page starts after a key that is not there, and a prefix after the marker is not lost", () => {
  const keys = ["a", "b", "c/1", "c/2", "d"];
  const page = (query: Partial<KeyQuery>) =>
    readPage({ prefix: "", delimiter: "", after: "", maxKeys: 10, ...query }, source(keys, query.after));
  expect(page({ after: "aa" }).items).toEqual(["b", "c/1", "c/2", "d"]);
  expect(page({ after: "a", prefix: "c/" }).items).toEqual(["c/1", "c/2"]);
  expect(page({ after: "z" })).toEqual({ items: [], commonPrefixes: [], next: undefined });
  expect(page({ delimiter: "/", maxKeys: 3 }).next).toEqual({ key: "c/" });
  expect(page({ delimiter: "/", after: "c/" }).items).toEqual(["d"]);
});

// A listing that reads every key of a common prefix would take a second for each page of such a bucket.
test("the keys of a common prefix are not read", () => {
  const map = sortedMap<string>();
  for (let number = 0; number < 100_000; number += 1) map.set(`logs/${number}`, "");
  map.set("readme", "");
  let read = 0;
  const page = readPage({ prefix: "", delimiter: "/", after: "", maxKeys: 100 }, function* (from) {
    for (const entry of map.from(from)) {
      read += 1;
      yield entry;
    }
  });
  expect([page.commonPrefixes, page.items.length, read]).toEqual([["logs/"], 1, 2]);
});

function allPages(keys: readonly string[], query: Omit<KeyQuery, "after">) {
  const pages = [];
  let after: string | undefined = "";
  while (after !== undefined && pages.length < 100) {
    const page: ReturnType<typeof readPage<string>> = readPage({ ...query, after }, source(keys, after));
    pages.push({ ...page, count: page.items.length + page.commonPrefixes.length });
    after = page.next?.key;
  }
  return pages;
}

function source(keys: readonly string[], after = "") {
  const map = sortedMap<string>();
  for (const key of keys) map.set(key, key);
  return (from: string) => [...map.from(from)].filter(([key]) => key !== after);
}

function inOrder(keys: readonly string[]): readonly string[] {
  return [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

function groupOf(key: string, prefix: string, delimiter: string): string | undefined {
  const at = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
  return at === -1 ? undefined : key.slice(0, at + delimiter.length);
}

function expectedKeys(keys: readonly string[], prefix: string, delimiter: string): readonly string[] {
  const under = inOrder(keys).filter((key) => key.startsWith(prefix));
  return under.filter((key) => groupOf(key, prefix, delimiter) === undefined);
}

function expectedPrefixes(keys: readonly string[], prefix: string, delimiter: string): readonly string[] {
  const groups = keys
    .filter((key) => key.startsWith(prefix))
    .flatMap((key) => groupOf(key, prefix, delimiter) ?? []);
  return inOrder([...new Set(groups)]);
}
