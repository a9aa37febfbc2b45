import { LosslessNumber, parse, stringify } from "lossless-json";

/**
 * Number whose text a JavaScript number would not preserve, such as an 18-digit UID. It keeps its digits, which
 * `JSON.parse` would round.
 */
export type ExactNumber = LosslessNumber;

export type Scalar = null | boolean | number | string | ExactNumber;
export type Json = Scalar | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

export type ParsedJson = { readonly value: Json } | { readonly problem: string };

/** Parses strict JSON with exact numbers. A name with two different values in one object is a problem. */
export function parseJson(text: string): ParsedJson {
  // The parser below assigns members, so this name would vanish into the prototype.
  if (/(?<!\\)"__proto__"\s*:/.test(text)) return { problem: "the name `__proto__` is not supported" };
  if (depthOf(text) > maxDepth) return { problem: "nested too deeply" };
  try {
    return { value: parse(text, null, exactNumber) as Json };
  } catch (error) {
    if (error instanceof SyntaxError) return { problem: error.message };
    throw error;
  }
}

/** Maximum nesting: far more than a policy has, and less than any later step could fail on. */
const maxDepth = 100;

function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const character of text.replaceAll(/"(?:[^"\\]|\\.)*"/gs, "")) {
    if (character === "[" || character === "{") deepest = Math.max(deepest, (depth += 1));
    else if (character === "]" || character === "}") depth -= 1;
  }
  return deepest;
}

/** Returns JSON text with all digits as parsed. */
export function jsonText(value: Json, indent?: number): string {
  return stringify(value, undefined, indent) ?? "null";
}

/** Returns JSON text that is the same for equal values: members sorted by name, no spaces. */
export function stableText(value: Json): string {
  if (isList(value)) return `[${value.map(stableText).join(",")}]`;
  if (!isObject(value)) return jsonText(value);
  const members = Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${stableText(value[name] ?? null)}`);
  return `{${members.join(",")}}`;
}

/** Returns a plain number if it keeps the text, otherwise an exact one. */
export function exactNumber(text: string): number | ExactNumber {
  const value = Number(text);
  return String(value) === text ? value : new LosslessNumber(text);
}

export function isExactNumber(value: unknown): value is ExactNumber {
  return value instanceof LosslessNumber;
}

export function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isExactNumber(value);
}
