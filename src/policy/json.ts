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
  const plain = plainJson(text);
  if (plain !== undefined) return { value: plain };
  try {
    return { value: parse(text, null, exactNumber) as Json };
  } catch (error) {
    if (error instanceof SyntaxError) return { problem: error.message };
    throw error;
  }
}

/**
 * Parses a text with the parser of the language, many times faster than the exact one. Undefined unless it writes the
 * value as the same text again, so that no digit, no second member of a name and no order was lost.
 */
function plainJson(text: string): Json | undefined {
  try {
    const value = JSON.parse(text) as Json;
    const isSame = JSON.stringify(value) === text || `${JSON.stringify(value, undefined, 2)}\n` === text;
    return isSame ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Maximum nesting: far more than a policy has, and less than any later step could fail on. */
const maxDepth = 100;

/** Returns the nesting of brackets; 0 if there are too few to matter. */
function depthOf(text: string): number {
  // Most texts have fewer brackets than levels are allowed.
  if ((text.match(/[[{]/g)?.length ?? 0) <= maxDepth) return 0;
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
  const plain = JSON.stringify(value, undefined, indent);
  // The mark of an exact number, which only its own writer puts as a number.
  if (!plain.includes('"isLosslessNumber"')) return plain;
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
