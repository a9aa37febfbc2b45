/** Number of the last requests that are kept, at least. */
const fewest = 50_000;

/** Adds a request to a list, which keeps the last 50,000 to 100,000: a sandbox may run for days. */
export function remember<Item>(list: Item[], item: Item): void {
  list.push(item);
  if (list.length > 2 * fewest) list.splice(0, list.length - fewest);
}
