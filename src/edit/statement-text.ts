import { quoted } from "../desired/render.ts";
import { isExactNumber, isList, isObject, jsonText, type Json, type JsonObject } from "../policy/json.ts";
import type { NewItem } from "./list-edits.ts";

/** Maximum length of a list on one line. */
const maxWidth = 100;

/** Returns a statement as a list item: fields on lines of their own, lists in brackets if they are short. */
export function statementItem(statement: JsonObject): NewItem {
  const lines = Object.entries(statement).flatMap(([name, value]) => fieldLines(name, value));
  return { lines, flow: flowText(statement, true) };
}

/** Returns a string as a list item. */
export function memberItem(text: string): NewItem {
  return { lines: [quoted(text)], flow: quoted(text) };
}

function fieldLines(name: string, value: Json): readonly string[] {
  const line = `${name}: ${name === "Effect" ? String(value) : flowText(value, false)}`;
  if (line.length <= maxWidth || !isList(value)) return [line];
  return [`${name}:`, ...value.map((member) => `  - ${flowText(member, false)}`)];
}

/** Returns a value on one line, in YAML or as JSON. */
export function flowText(value: Json, isJson: boolean): string {
  if (typeof value === "string") return quoted(value);
  if (isList(value)) return `[${value.map((member) => flowText(member, isJson)).join(", ")}]`;
  if (!isObject(value) || isExactNumber(value)) return jsonText(value);
  const members = Object.entries(value).map(([name, member]) => {
    const key = isJson || !/^[A-Za-z]+$/.test(name) ? quoted(name) : name;
    return `${key}: ${flowText(member, isJson)}`;
  });
  return `{ ${members.join(", ")} }`;
}
