import { compareKeys } from "./key-order.ts";

/** Map whose keys are in byte order. A change, and the search for a place, cost little at 100,000 keys. */
export interface SortedMap<Value> {
  readonly size: number;
  get(key: string): Value | undefined;
  has(key: string): boolean;
  set(key: string, value: Value): void;
  delete(key: string): void;
  /** Returns the entries whose keys are not before this one. The map must not change while they are read. */
  from(key: string): Iterable<readonly [key: string, value: Value]>;
}

/** Limit of a leaf; a longer one is halved. */
const maxLeaf = 512;

/** Makes an empty map: a hash table for the values, and the keys in sorted leaves, as a B+ tree of two levels. */
export function sortedMap<Value>(): SortedMap<Value> {
  const values = new Map<string, Value>();
  const leaves: string[][] = [];
  const insert = (key: string): void => {
    const index = Math.max(upperBound(leaves, (leaf) => compareKeys(leaf[0] ?? "", key)) - 1, 0);
    const leaf = (leaves[index] ??= []);
    leaf.splice(lowerBound(leaf, key), 0, key);
    if (leaf.length > maxLeaf) leaves.splice(index + 1, 0, leaf.splice(maxLeaf / 2));
  };
  const remove = (key: string): void => {
    const index = upperBound(leaves, (leaf) => compareKeys(leaf[0] ?? "", key)) - 1;
    const leaf = leaves[index] ?? [];
    leaf.splice(lowerBound(leaf, key), 1);
    if (leaf.length === 0) leaves.splice(index, 1);
  };
  return {
    get size() {
      return values.size;
    },
    get: (key) => values.get(key),
    has: (key) => values.has(key),
    set: (key, value) => {
      if (!values.has(key)) insert(key);
      values.set(key, value);
    },
    delete: (key) => {
      if (values.delete(key)) remove(key);
    },
    from: function* (key) {
      const first = Math.max(upperBound(leaves, (leaf) => compareKeys(leaf[0] ?? "", key)) - 1, 0);
      for (let index = first; index < leaves.length; index += 1) {
        const leaf = leaves[index] ?? [];
        for (let at = index === first ? lowerBound(leaf, key) : 0; at < leaf.length; at += 1) {
          const each = leaf[at] ?? "";
          yield [each, values.get(each) as Value];
        }
      }
    },
  };
}

/** Returns the number of keys before this one, by binary search. */
function lowerBound(keys: readonly string[], key: string): number {
  return upperBound(keys, (each) => (compareKeys(each, key) < 0 ? -1 : 1));
}

/** Returns the number of items that are not after the place that `compare` looks for, by binary search. */
function upperBound<Item>(items: readonly Item[], compare: (item: Item) => number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(items[middle] as Item) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
