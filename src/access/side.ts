import type { Decision } from "./request.ts";

/** What is left to be asked of a policy: the statements still alive, by their class; 0 has nothing left to fail. */
export interface Side {
  readonly allow: readonly number[];
  readonly deny: readonly number[];
}

/** A statement that can no longer matter is dropped, so that equal remains have one form. */
export function tidy({ allow, deny }: Side): Side {
  if (deny.includes(0)) return { allow: [], deny: [0] };
  const denied = new Set(deny);
  const kept = allow.includes(0) ? [0] : [...new Set(allow)].filter((id) => !denied.has(id));
  return { allow: kept.sort((a, b) => a - b), deny: [...denied].sort((a, b) => a - b) };
}

export function sideKey({ allow, deny }: Side): string {
  return `${allow.join()}/${deny.join()}`;
}

export function decided({ allow, deny }: Side): Decision | undefined {
  if (deny.includes(0)) return "deny";
  if (deny.length > 0) return undefined;
  if (allow.length === 0) return "none";
  return allow.includes(0) ? "allow" : undefined;
}

/** How requests can still be decided. */
export function possible({ allow, deny }: Side): readonly Decision[] {
  const isAllowed = allow.includes(0);
  return [
    ...(deny.length > 0 ? ["deny" as const] : []),
    ...(allow.length > 0 && !deny.includes(0) ? ["allow" as const] : []),
    ...(isAllowed || deny.includes(0) ? [] : ["none" as const]),
  ];
}
