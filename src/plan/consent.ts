/** Entries of `accept:` in a bucket's file that would lift the hazards that block its change. */

import { acceptableHazards, passingHazards, type AcceptableHazard } from "../desired/guard-schema.ts";
import { blocks, type Hazard } from "./hazard.ts";
import type { Change } from "./plan.ts";

/** Consent that a file can give; `live` is the digest of the live policy that it is valid for. */
export type ConsentEntry =
  { readonly guardrail: string } | { readonly hazard: AcceptableHazard; readonly live?: string };

/**
 * Returns one entry for each blocking hazard that a file can accept; none where another one stays that nothing accepts, or where
 * the change is of a journal, which takes no entry.
 */
export function consentEntries(change: Change): readonly ConsentEntry[] {
  if (change.action === "unreadable" || !/\.ya?ml$/i.test(change.file)) return [];
  // No consent makes OSS take what it refuses, or another account's bucket ours.
  if (change.hazards.some((one) => blocks(one) && ["wrong-owner", "refused-by-oss"].includes(one.code)))
    return [];
  const entries = change.hazards.filter(blocks).flatMap((found) => entryOf(found, change.digests.live));
  return [...new Map(entries.map((entry) => [JSON.stringify(entry), entry])).values()];
}

function entryOf({ code, guardrail }: Hazard, live: string): readonly ConsentEntry[] {
  if (guardrail !== undefined) return [{ guardrail }];
  const passing = passingHazards.find((one) => one === code);
  if (passing !== undefined) return [{ hazard: passing, live }];
  const lasting = acceptableHazards.find((one) => one === code);
  return lasting === undefined ? [] : [{ hazard: lasting }];
}
