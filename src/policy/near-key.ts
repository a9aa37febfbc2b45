import { nearMiss } from "../near-miss.ts";
import { conditionKeyPrefixes, conditionKeys } from "./conditions.ts";

/** Returns the documented condition key that a misspelled one most likely means; the key of a tag is kept. */
export function nearConditionKey(text: string): string | undefined {
  const folded = text.toLowerCase();
  const names = conditionKeys.map(({ name }) => name);
  const spelt = names.find((name) => name.toLowerCase() === folded);
  if (spelt !== undefined) return spelt;
  const [, beginning = "", tag = ""] = /^([^/]*\/)(.+)$/s.exec(text) ?? [];
  const prefixes = conditionKeyPrefixes.map(({ name }) => name);
  const prefix =
    prefixes.find((name) => name.toLowerCase() === beginning.toLowerCase()) ?? nearMiss(beginning, prefixes);
  return tag !== "" && prefix !== undefined ? `${prefix}${tag}` : nearMiss(text, names);
}
