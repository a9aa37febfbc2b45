import { distance } from "fastest-levenshtein";
import type { PrincipalWord } from "../access/describe/describe.ts";
import type { Term } from "../access/describe/set-cover.ts";
import type { Account } from "../desired/account-file.ts";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import { desiredPolicy } from "../desired/desired-policy.ts";
import { compareText, type Diagnostic } from "../diagnostic.ts";
import type { Policy } from "../policy/policy.ts";

import { isWriting, type Change } from "./plan.ts";

/** Principals that someone has reviewed or that already have access: UIDs, and ARNs of role sessions. */
export type KnownPrincipals = ReadonlySet<string>;

/** Returns the identities, operators and owners of accounts, and the principals of their files and of live policies. */
export function knownPrincipals(
  accounts: readonly Account[],
  buckets: readonly DesiredBucket[],
  live: readonly (Policy | "none")[],
): KnownPrincipals {
  return allKnown(principalsInTree(accounts, buckets), principalsIn(live));
}

/** Returns the identities, operators and owners of accounts, and the principals of their files. */
export function principalsInTree(
  accounts: readonly Account[],
  buckets: readonly DesiredBucket[],
): KnownPrincipals {
  return new Set([
    ...accounts.flatMap(({ uid, identities, operators }) => [
      uid,
      ...identities.values(),
      ...operators.map(({ principal }) => principal),
    ]),
    ...principalsIn(buckets.map(desiredPolicy)),
  ]);
}

export function principalsIn(policies: readonly (Policy | "none")[]): readonly string[] {
  return policies
    .flatMap((policy) => (policy === "none" ? [] : policy.statements))
    .flatMap(({ principal }) => principal ?? []);
}

/** Joins the principals of a tree and those of live policies, in an order that does not depend on shards. */
export function allKnown(ofTree: Iterable<string>, live: readonly string[]): KnownPrincipals {
  return new Set([...ofTree, ...[...new Set(live)].sort(compareText)]);
}

/**
 * Returns the known principals by which a change of a bucket is judged: none where its account names no identities, since
 * it cannot be decided there whether a principal is known. The accounts are those of the base, if there is one.
 */
export function knownTo(
  accounts: readonly Account[],
): (bucket: DesiredBucket, known: KnownPrincipals) => { readonly known?: KnownPrincipals } {
  const nameless = new Set(accounts.filter(({ identities }) => identities.size === 0).map(({ uid }) => uid));
  return ({ account }, known) => (nameless.has(account.uid) ? {} : { known });
}

/**
 * Returns a note for each account without identities in which a caller gains access: it cannot be decided
 * there whether a principal is known.
 */
export function namelessNotes(
  accounts: readonly Account[],
  changes: readonly Change[],
): readonly Diagnostic[] {
  return accounts
    .filter(
      ({ uid, identities }) =>
        identities.size === 0 && changes.some((one) => one.account === uid && gains(one)),
    )
    .map(({ uid, file }) => ({
      code: "grants-unknown-principal",
      severity: "note",
      message: `account ${uid} names no identities, so it is not checked whether the principals that gain access are known`,
      help: `name them under \`identities\` in ${file}`,
      account: uid,
    }));
}

function gains(change: Change): boolean {
  return isWriting(change) && change.hazards.some(({ code }) => code === "widens-access");
}

/** Returns true if a UID is known, or the role of a session, by its exact name. */
export function isKnownPrincipal(principal: string, known: KnownPrincipals): boolean {
  if (known.has(principal)) return true;
  const role = roleOf(principal);
  return role !== undefined && [...known].some((other) => roleOf(other) === role);
}

/** Returns the ARN of a role session without its session; undefined for a UID. */
function roleOf(principal: string): string | undefined {
  return /^arn:[^/]*\/[^/]*/.exec(principal)?.[0];
}

/** Returns true if a term stands for callers of every account of Alibaba Cloud, or of accounts by a pattern. */
export function isAnyAccount({ all }: Term<PrincipalWord>): boolean {
  return (
    all.length === 0 ||
    all.some(
      (word) =>
        word.kind === "any UID" ||
        word.kind === "any role session" ||
        (word.kind === "role" && /^arn:sts::[^:]*[*?]/.test(word.pattern)),
    )
  );
}

/** Returns true if a term stands for roles by a pattern: a wildcard in the session alone is one role. */
export function isWildcardRole({ all }: Term<PrincipalWord>): boolean {
  return all.some(
    (word) =>
      word.kind === "any role session" || (word.kind === "role" && /[*?]/.test(roleOf(word.pattern) ?? "")),
  );
}

/**
 * Returns the known principals that a typing error may have meant: one digit missing, inserted or wrong, or
 * two neighbours swapped.
 */
export function nearPrincipals(principal: string, known: KnownPrincipals): readonly string[] {
  return [...known].filter(
    (other) => other !== principal && (distance(principal, other) === 1 || isSwapped(principal, other)),
  );
}

function isSwapped(one: string, other: string): boolean {
  if (one.length !== other.length) return false;
  const at = [...one].findIndex((character, index) => character !== other[index]);
  const swapped = `${one.slice(0, at)}${one.charAt(at + 1)}${one.charAt(at)}${one.slice(at + 2)}`;
  return at >= 0 && swapped === other;
}
