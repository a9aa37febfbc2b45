import type { Values } from "../../src/access/engine/nodes.ts";
import type { AtomField, Field } from "../../src/access/engine/fields.ts";
import type { Path } from "./paths.ts";
import type { Request } from "../../src/access/request.ts";
import { findAction } from "../../src/policy/actions.ts";
import { parseIpRange } from "../../src/policy/ip-range.ts";

/** Whether a path speaks of a request, found without the engine's own automaton; each value is looked at once. */
export function contains({ steps }: Path, request: Request): boolean {
  return steps.every(({ field, values }) => {
    const value = field.name === "action" ? levelled(request) : valueOf(field.name, request);
    const known = seen.get(values) ?? new Map<string | undefined, boolean>();
    const truth = known.get(value) ?? holds(field, values, value);
    seen.set(values, known.set(value, truth));
    return truth;
  });
}

const seen = new WeakMap<Values, Map<string | undefined, boolean>>();

function valueOf(name: string, { principal, action, resource, context }: Request): string | undefined {
  if (name === "principal") return principal;
  if (name === "action") return action;
  return name === "resource" ? resource || undefined : context.get(name);
}

/** An action that the catalogue does not know may be on the bucket and on objects. */
function levelled({ action, resource }: Request): string {
  return findAction(action) === undefined ? `${action} on ${resource === "" ? "bucket" : "object"}` : action;
}

function holds(field: Field, values: Values, value: string | undefined): boolean {
  if (values.kind === "atoms") {
    const index = field.kind === "atoms" ? atomOf(field, value) : -1;
    return index >= 0 && ((values.mask >> BigInt(index)) & 1n) === 1n;
  }
  if (value === undefined) return values.absent;
  const truth = values.groups.map(({ key }) => {
    const [patterns, style, prefix] = JSON.parse(key) as [
      string[],
      { isLiteral: boolean; foldsCase: boolean },
      string,
    ];
    return patterns.some((one) => toRegExp(one, style).test(prefix + value));
  });
  return values.classes.some((one) => one.truth.join() === truth.join());
}

function toRegExp(
  pattern: string,
  { isLiteral, foldsCase }: { isLiteral: boolean; foldsCase: boolean },
): RegExp {
  const source = pattern.replaceAll(/[\\^$.*+?()[\]{}|/]/g, (sign) => {
    if (!isLiteral && sign === "*") return ".*";
    return !isLiteral && sign === "?" ? "." : `\\${sign}`;
  });
  return new RegExp(`^${source}$`, foldsCase ? "isu" : "su");
}

/** One principal of each kind that the policies tell apart; all of the world's where no path tells them. */
export function askingIn(paths: readonly Path[]): readonly string[] | undefined {
  const field = paths[0]?.steps.find((step) => step.field.name === "principal")?.field;
  return field?.kind === "atoms" ? field.atoms.flatMap(({ sample = [] }) => sample) : undefined;
}

/** Addresses stand for all up to the next; all else for itself, where the policies name it. */
function atomOf({ name, atoms, patterns }: AtomField, value: string | undefined): number {
  const samples = atoms.map(({ sample }) => sample);
  const [, action, level] = /^(.*) on (bucket|object)$/.exec(value ?? "") ?? [];
  if (name === "action" && action !== undefined)
    return atoms.findIndex(
      ({ sample = "", ...atom }) =>
        findAction(sample) === undefined && atom.level === level && isLike(sample, action, patterns),
    );
  if (name !== "acs:SourceIp" || value === undefined) return samples.indexOf(value);
  const point = (text: string) => {
    const range = parseIpRange(text);
    return range === undefined ? -1n : range.first + (range.version === 6 ? 1n << 64n : 0n);
  };
  const below = samples.map((text) =>
    text !== undefined && point(text) <= point(value) ? point(text) : -1n,
  );
  return below.indexOf(below.reduce((most, one) => (one > most ? one : most), -1n));
}

/** Whether the same words match two actions, with letter case and without. */
function isLike(one: string, other: string, words: readonly string[]): boolean {
  return words.every((word) =>
    [false, true].every((foldsCase) => {
      const pattern = toRegExp(word, { isLiteral: false, foldsCase });
      return pattern.test(one) === pattern.test(other);
    }),
  );
}
