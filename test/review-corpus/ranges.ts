import ipaddr from "ipaddr.js";

/** Returns the two halves of a range of IPv4 addresses; an address and a range of IPv6 stay whole. */
export function split(range: string): readonly string[] {
  const [address = "", length] = range.split("/");
  if (length === undefined || address.includes(":") || Number(length) >= 32) return [range];
  const half = Number(length) + 1;
  const upper = ipaddr.IPv4.parse(address).toByteArray();
  const at = Math.floor((half - 1) / 8);
  upper[at] = (upper[at] ?? 0) + 2 ** (7 - ((half - 1) % 8));
  return [`${address}/${half}`, `${upper.join(".")}/${half}`];
}

/** Returns the first and the last address of a range. */
export function endsOf(range: string): readonly string[] {
  if (!range.includes("/")) return [range];
  const [first, length] = ipaddr.parseCIDR(range);
  const last = first
    .toByteArray()
    .map((byte, at) => byte | (0xff >> Math.min(8, Math.max(0, length - at * 8))));
  return [first.toString(), ipaddr.fromByteArray(last).toString()];
}
