/** What changed in a guard since the base: nothing to report where it cannot be weaker. */

import equal from "fast-deep-equal";
import { namedText, type Names } from "../access/render.ts";
import type { Accept, Expectation } from "../desired/guards.ts";

/** Lists of a guardrail that cover more requests the longer they are, and the one that lets more buckets out. */
const growing = ["Principal", "Action", "Resource"] as const;
const listed = [...growing, "except"] as const;

/**
 * Returns what changed in a guardrail as it is written; undefined if it cannot be weaker, because it covers the same
 * requests, or more, of the same buckets, or more.
 */
export function guardrailChange(was: unknown, is: unknown): string | undefined {
  const [old, now] = [fieldsOf(was), fieldsOf(is)];
  const rest = [...new Set([...old.keys(), ...now.keys()])].filter(
    (field) => !listed.some((one) => one === field) && !equal(old.get(field), now.get(field)),
  );
  const lists = listed.map((field) => {
    const [before, after] = [textsOf(old.get(field)), textsOf(now.get(field))];
    const added = after.filter((text) => !before.includes(text));
    const removed = before.filter((text) => !after.includes(text));
    const mayBeWeaker = field === "except" ? added.length > 0 : removed.length > 0 || before.length === 0;
    return { field, added, removed, mayBeWeaker: mayBeWeaker && !equal(before, after) };
  });
  if (rest.length === 0 && !lists.some(({ mayBeWeaker }) => mayBeWeaker)) return undefined;
  const parts = lists.flatMap(({ field, added, removed }) => [
    ...(removed.length > 0 ? [`\`${field}\` no longer has ${quoted(removed)}`] : []),
    ...(added.length > 0 ? [`\`${field}\` now has ${quoted(added)}`] : []),
  ]);
  return [...parts, ...rest.map((field) => `\`${field}\` is changed`)].join("; ");
}

function fieldsOf(json: unknown): ReadonlyMap<string, unknown> {
  return new Map(typeof json === "object" && json !== null ? Object.entries(json) : []);
}

function textsOf(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : value === undefined ? [] : [value]).map(String);
}

function quoted(texts: readonly string[]): string {
  return texts.map((text) => `\`${text}\``).join(", ");
}

/** Returns true if an accept consents to no more than another one did: to the same, until the same day or an earlier one. */
export function isWithinAccept(accept: Accept, old: Accept): boolean {
  if (!isOfSame(accept, old)) return false;
  return old.until === undefined || (accept.until !== undefined && accept.until <= old.until);
}

/** Returns `, and was until DAY` for an accept that the base has with an earlier last day. */
export function earlierEnd(accept: Accept, known: readonly Accept[]): string {
  const ends = known.flatMap((old) => (isOfSame(accept, old) ? (old.until ?? []) : []));
  const last = [...ends].sort().at(-1);
  return last === undefined ? "" : `, and was until ${last}`;
}

function isOfSame(one: Accept, other: Accept): boolean {
  const of = ({ of, region, live }: Accept) => [of, region, live];
  return equal(of(one), of(other));
}

/** Returns true if an expectation asks for all that another one did. */
export function coversExpectation(now: Expectation, old: Expectation): boolean {
  const of = ({ demand, principal, to, context }: Expectation) => [
    demand,
    principal,
    to,
    [...context].sort(),
  ];
  return equal(of(now), of(old)) && old.actions.every((action) => now.actions.includes(action));
}

/** Returns an expectation as a message names it: `cannot alice oss:GetObject on logs/*`. */
export function expectationText(
  { demand, principal, actions, to, context }: Expectation,
  names: Names,
): string {
  const values = [...context].map(([key, value]) => ` with ${key}=${value}`).join("");
  const on = to === undefined ? "on the bucket" : `on ${to}`;
  return `\`${demand} ${namedText(principal, names)} ${actions.join(", ")} ${on}${values}\``;
}
