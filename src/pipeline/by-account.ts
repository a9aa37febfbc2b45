import pMap from "p-map";

/** Groups items by account, in the order in which the accounts first occur. */
export function groupByAccount<T>(
  items: readonly T[],
  accountOf: (item: T) => string,
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(accountOf(item));
    if (group === undefined) groups.set(accountOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

/**
 * Maps items concurrently, those of each account by themselves: an account that is slow or throttled keeps no other one
 * waiting. The results are in the order of the items.
 */
export async function mapByAccount<T, R>(
  items: readonly T[],
  accountOf: (item: T) => string,
  map: (item: T) => Promise<R>,
  concurrency: number,
): Promise<readonly R[]> {
  const groups = groupByAccount(
    items.map((item, index) => ({ item, index })),
    ({ item }) => accountOf(item),
  );
  const results: R[] = [];
  const mapOne = async ({ item, index }: { readonly item: T; readonly index: number }) => {
    results[index] = await map(item);
  };
  await Promise.all([...groups.values()].map((group) => pMap(group, mapOne, { concurrency })));
  return results;
}
