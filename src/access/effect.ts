import type { Decision } from "./request.ts";

/** Kind of an access change. OSS distinguishes Allow, Deny and no match; RAM policies and ACLs act on the last. */
export type AccessEffect = "gains" | "loses" | "newlyBlocked" | "blockLifted";

export function effectOf(before: Decision, after: Decision): AccessEffect {
  if (after === "allow") return "gains";
  if (before === "allow") return "loses";
  return after === "deny" ? "newlyBlocked" : "blockLifted";
}
