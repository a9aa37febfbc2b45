/** What a verdict says of changes that need review: accepted dangers, who gains, and what no hazard says. */

import type { KnownAccessChange } from "../access/difference.ts";
import { levelsOf } from "../access/render.ts";
import type { Hazard, HazardCode } from "../plan/hazard.ts";
import { isWildcardRole } from "../plan/known-principals.ts";
import type { NamedAccount } from "../plan/limiting.ts";
import type { WritingChange } from "../plan/plan.ts";
import { gains, liftsDeny, opensToAnonymous, opensToAnyAccount, regionsOf } from "./order.ts";
import { counted, numbered } from "./printable.ts";
import {
  hazardPhrases,
  reasonOf,
  reasonsOf,
  type CountedChanges,
  type ReviewReason,
} from "./review-reasons.ts";

export function needsLook(change: WritingChange): boolean {
  return gains(change) || liftsDeny(change) || change.hazards.some(isAcceptedBlock);
}

function isAcceptedBlock({ severity, accepted }: Hazard): boolean {
  return severity === "block" && accepted !== undefined;
}

export function hazardReason(hazard: Hazard, change: WritingChange): ReviewReason {
  return reasonOf(hazard, letsEveryoneWrite(change));
}

function letsEveryoneWrite(change: WritingChange): boolean {
  return regionsOf(change).some(
    (region) =>
      region.effect === "gains" &&
      region.witness.principal === "anonymous" &&
      levelsOf(region).some((level) => ["write", "delete", "admin"].includes(level)),
  );
}

/** Returns what needs review, each change once, accepted dangers first; then what those give that they do not say. */
export function reviewParts(
  changes: readonly WritingChange[],
  accounts: readonly NamedAccount[],
): readonly string[] {
  const accepted = changes.flatMap((change) => {
    const hazard = change.hazards.find(isAcceptedBlock);
    return hazard === undefined ? [] : [{ change, reason: hazardReason(hazard, change) }];
  });
  const others = changes.filter((change) => needsLook(change) && !change.hazards.some(isAcceptedBlock));
  const gaining = others.filter(gains);
  const lifting = others.filter((change) => !gains(change));
  const all: readonly CountedChanges[] = [
    ...reasonsOf(accepted.map(({ reason }) => reason)).map(({ count, texts: [one, many] }) => ({
      count,
      texts: [`${one} (accepted)`, `${many} (accepted)`] as const,
    })),
    ...gainsOf(gaining, accounts),
    ...removals(lifting),
  ];
  const beside = gainsOf(
    accepted.filter(({ change, reason }) => !saysGain(reason, change)).map(({ change }) => change),
    accounts,
  );
  return [
    ...countedTexts(
      all.filter(({ count }) => count > 0),
      changes.length,
    ),
    ...beside.map(({ count, texts: [one, many] }) => numbered(count, `also ${one}`, `also ${many}`)),
  ];
}

/** Returns how many changes give anonymous callers, or any account, access that what is said of them does not say. */
export function openedTexts(
  said: readonly { readonly change: WritingChange; readonly reason?: ReviewReason }[],
): readonly string[] {
  const silent = said
    .filter(({ change, reason }) => reason === undefined || !saysGain(reason, change))
    .map(({ change }) => change);
  const { anonymous, anyAccount } = byCallers(silent);
  const text = (count: number, who: string) =>
    count === 0 ? [] : [numbered(count, `change gives access to ${who}`, `changes give access to ${who}`)];
  return [
    ...text(anonymous.length, "anonymous callers"),
    ...text(anyAccount.length, "any Alibaba Cloud account"),
  ];
}

const publicCodes = ["public-writes", "grants-public-access"];
const gainCodes: readonly HazardCode[] = [
  "grants-administration",
  "overrides-deny",
  "drops-condition",
  "weakens-condition",
  "grants-unknown-principal",
  "grants-wildcard-principal",
  "reopens-drift",
  "gains-forbidden",
  "widens-access",
];

/** Returns true if what is said of a change already says to whom it gives access, as far as that is grave. */
function saysGain({ code }: ReviewReason, change: WritingChange): boolean {
  if (publicCodes.includes(code)) return true;
  if (opensToAnonymous(change) || opensToAnyAccount(change)) return false;
  return gainCodes.some((one) => one === code);
}

/** Changes that give access, by the widest callers. */
interface ByCallers {
  readonly anonymous: readonly WritingChange[];
  readonly anyAccount: readonly WritingChange[];
  readonly known: readonly WritingChange[];
}

function byCallers(changes: readonly WritingChange[]): ByCallers {
  const rest = changes.filter((change) => gains(change) && !opensToAnonymous(change));
  return {
    anonymous: changes.filter(opensToAnonymous),
    anyAccount: rest.filter(opensToAnyAccount),
    known: rest.filter((change) => !opensToAnyAccount(change)),
  };
}

function gainsOf(
  changes: readonly WritingChange[],
  accounts: readonly NamedAccount[],
): readonly CountedChanges[] {
  const { anonymous, anyAccount, known } = byCallers(changes);
  const elsewhere = known.filter((change) => otherAccountsIn(change, accounts).length > 0);
  const own = known.filter((change) => !elsewhere.includes(change));
  const to = (some: readonly WritingChange[], who: () => string): readonly CountedChanges[] =>
    some.length === 0
      ? []
      : [{ count: some.length, texts: [`gives access to ${who()}`, `give access to ${who()}`] }];
  return [
    ...to(anonymous, () => "anonymous callers"),
    ...to(anyAccount, () => "any Alibaba Cloud account"),
    ...to(elsewhere, () => otherAccountsText(elsewhere.flatMap((one) => otherAccountsIn(one, accounts)))),
    ...to(own, () => callersText(own)),
  ];
}

const gained = (change: WritingChange): readonly KnownAccessChange[] =>
  regionsOf(change).filter(({ effect }) => effect === "gains");

/** Returns what gains access and is of another account than the bucket: `roles of production`, or `production`. */
function otherAccountsIn(change: WritingChange, accounts: readonly NamedAccount[]): readonly OtherAccount[] {
  const words = gained(change).flatMap(({ principals }) => principals.flatMap(({ all }) => all));
  return words.flatMap((word) => {
    const role = word.kind === "role" ? /^arn:sts::(\d+):/.exec(word.pattern)?.[1] : undefined;
    const uid = word.kind === "UID" ? word.uid : role;
    const account = accounts.find((one) => one.uid === uid);
    if (uid === undefined || uid === change.account || (account === undefined && role === undefined))
      return [];
    return [{ name: account?.name ?? uid, isRole: role !== undefined }];
  });
}

/** Account other than that of the bucket, or a role of it. */
interface OtherAccount {
  readonly name: string;
  readonly isRole: boolean;
}

function otherAccountsText(found: readonly OtherAccount[]): string {
  const names = [...new Set(found.map(({ name }) => name))];
  const [first = "", ...more] = names;
  const what = found.every(({ isRole }) => isRole) ? "roles of " : "";
  const tail = more.length === 0 ? "" : ` and ${more.length} more`;
  return `${what}${more.length === 0 ? "another Alibaba Cloud account" : "other Alibaba Cloud accounts"} (${first}${tail})`;
}

/** Returns what changes do that give nothing, and take a Deny or the whole policy away. */
function removals(changes: readonly WritingChange[]): readonly CountedChanges[] {
  const whole = changes.filter(({ action }) => action === "delete").length;
  return [
    { count: whole, texts: hazardPhrases["removes-policy"] },
    { count: changes.length - whole, texts: hazardPhrases["removes-deny"] },
  ];
}

/** Says how many changes do what, out of all where not all do the same. */
function countedTexts(parts: readonly CountedChanges[], total: number): readonly string[] {
  return parts.map(({ count, texts }, index) => {
    const [one, many] = texts;
    if (parts.length === 1) return numbered(count, `change ${one}`, `changes ${many}`);
    const what = count === 1 ? one : many;
    return index === 0 ? `${count} of ${counted(total, "change")} ${what}` : `${count} more ${what}`;
  });
}

function callersText(changes: readonly WritingChange[]): string {
  const terms = changes.flatMap(gained).flatMap(({ principals }) => principals);
  const named = terms.filter((term) => !isWildcardRole(term));
  const callers = new Set(named.map((term) => JSON.stringify(term))).size;
  const patterns = named.length < terms.length ? ["roles by a pattern"] : [];
  const who = [...(callers > 0 ? [counted(callers, "caller")] : []), ...patterns].join(" and ");
  return `${who}, ${callers === 1 && patterns.length === 0 ? "which is not" : "none of them"} public`;
}
