import type { Decision } from "./request.ts";

/** How access changes: OSS tells Allow, Deny and no match apart, and RAM policies and ACLs act on the last. */
export type AccessEffect = "gains" | "loses" | "newlyBlocked" | "blockLifted";

export function effectOf(before: Decision, after: Decision): AccessEffect {
  if (after === "allow") return "gains";
  if (before === "allow") return "loses";
  return after === "deny" ? "newlyBlocked" : "blockLifted";
}
