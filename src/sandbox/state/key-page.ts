import { afterPrefix, compareKeys } from "./key-order.ts";

/** One page of a listing (OSS docs: ListObjects, ListMultipartUploads). */
export interface KeyQuery {
  readonly prefix: string;
  /** Groups keys that have it after the prefix; empty for no groups. */
  readonly delimiter: string;
  /** Key, or common prefix, after which the page starts; empty for the start. */
  readonly after: string;
  /** Number of entries, common prefixes included. */
  readonly maxKeys: number;
}

export interface KeyPage<Item> {
  readonly items: readonly Item[];
  readonly commonPrefixes: readonly string[];
  /** Last entry, if more follow; an item, or a common prefix without one. */
  readonly next: { readonly key: string; readonly item?: Item } | undefined;
}

/** Entries from a key on, in byte order. */
export type EntriesFrom<Item> = (key: string) => Iterable<readonly [key: string, item: Item]>;

/** Reads a page. The keys of a common prefix are skipped, not read, so its cost depends on the page alone. */
export function readPage<Item>(query: KeyQuery, entriesFrom: EntriesFrom<Item>): KeyPage<Item> {
  const items: Item[] = [];
  const commonPrefixes: string[] = [];
  let last: { key: string; item?: Item } = { key: query.after };
  for (const entry of grouped(query, entriesFrom)) {
    if (items.length + commonPrefixes.length === query.maxKeys) return { items, commonPrefixes, next: last };
    if (entry.item === undefined) commonPrefixes.push(entry.key);
    else items.push(entry.item);
    last = entry;
  }
  return { items, commonPrefixes, next: undefined };
}

function* grouped<Item>(
  { prefix, delimiter, after }: KeyQuery,
  entriesFrom: EntriesFrom<Item>,
): Generator<{ readonly key: string; readonly item?: Item }> {
  let from: string | undefined = compareKeys(prefix, after) < 0 ? after : prefix;
  while (from !== undefined) {
    const start: string = from;
    from = undefined;
    for (const [key, item] of entriesFrom(start)) {
      if (!key.startsWith(prefix)) return;
      const at = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
      if (at === -1) {
        yield { key, item };
        continue;
      }
      const common = key.slice(0, at + delimiter.length);
      if (common !== after) yield { key: common };
      from = afterPrefix(common);
      break;
    }
  }
}
