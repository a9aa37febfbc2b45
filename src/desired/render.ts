import { Document, parseDocument, type ScalarTag, type Tags } from "yaml";
import type { Diagnostic } from "../diagnostic.ts";
import {
  isExactNumber,
  isList,
  isObject,
  type ExactNumber,
  type Json,
  type JsonObject,
} from "../policy/json.ts";
import { escapeVariables } from "./variables.ts";

/** Renders a new bucket file; without `region`, the account's region applies. */
export function renderBucketFile(
  bucket: string,
  region: string | undefined,
  policy: JsonObject | "none",
): string {
  const head = { bucket, ...(region === undefined ? {} : { region }) };
  return `# yaml-language-server: $schema=./schema.json\n${yamlText(head)}${renderPolicy(policy)}`;
}

export function renderAccountFile(account: string, region: string): string {
  return yamlText({ account, region });
}

/**
 * Replaces the policy of a file, and keeps its comments, other keys and line ends. Undefined if it has no
 * plain `policy` key.
 */
export function replacePolicy(written: string, policy: JsonObject | "none"): string | undefined {
  const text = written.replaceAll("\r\n", "\n");
  const document = parseDocument(text, { stringKeys: true });
  const node = document.get("policy", true) as { range?: [number, number, number] | null } | undefined;
  const key = /^policy[ \t]*:/m.exec(text);
  if (key === null || !node?.range || node.range[0] < key.index) return undefined;
  // A comment behind the old value moves to a line of its own, since it may be about the old policy.
  const after = text.slice(node.range[1]).replace(/^[ \t]*\n?/, "");
  return text.slice(0, key.index) + renderPolicy(policy) + after;
}

/** Adds an ignore comment above each line with a finding. */
export function withIgnores(text: string, findings: readonly Diagnostic[], reason: string): string {
  const lines = text.split("\n");
  const places = findings.flatMap(({ code, span }) =>
    span === undefined ? [] : [`${span.start.line} ${code}`],
  );
  const unique = [...new Set(places)].map((place) => place.split(" "));
  const fromBelow = unique.sort(([a], [b]) => Number(b) - Number(a));
  for (const [line, code = ""] of fromBelow) {
    const index = Number(line) - 1;
    const indent = /^\s*/.exec(lines[index] ?? "")?.[0] ?? "";
    lines.splice(index, 0, `${indent}# oss-policy-ignore ${code}: ${reason}`);
  }
  return lines.join("\n");
}

function renderPolicy(policy: JsonObject | "none"): string {
  return yamlText({ policy: policy === "none" ? policy : escaped(policy) });
}

/** Escapes live text, in which `${` is literal. */
function escaped(value: Json): Json {
  if (typeof value === "string") return escapeVariables(value);
  if (isList(value)) return value.map(escaped);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [escapeVariables(name), escaped(member)]),
  );
}

/** Writes numbers with all digits, which JavaScript would round. */
const exactNumbers: ScalarTag = {
  tag: "tag:yaml.org,2002:float",
  default: true,
  identify: isExactNumber,
  test: /(?!)/,
  resolve: (text) => text,
  stringify: ({ value }) => (value as ExactNumber).value,
};

/** Control, bidirectional, unassigned and other invisible characters, which are escaped so that a reviewer sees them. */
const invisible = /[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu;
/** Words that YAML 1.1 or a lenient reader takes for a boolean, null or a number. */
const otherType = /^(?:y|n|yes|no|on|off|true|false|null|nan|inf|infinity|e[-+]?[0-9]+)$/i;

/**
 * Returns whether a text needs quotes: only a text that starts with a letter and has no other type needs none.
 * YAML 1.1 reads 2026-01-01 as a date, 20:30 as a number, and gives `=` and `<<` a meaning that JSON lacks.
 */
function needsQuotes(text: string): boolean {
  return !/^\p{L}/u.test(text) || otherType.test(text) || text.search(invisible) >= 0;
}

const quotedText: ScalarTag = {
  tag: "tag:yaml.org,2002:str",
  default: true,
  identify: (value) => typeof value === "string" && needsQuotes(value),
  test: /(?!)/,
  resolve: (text) => text,
  stringify: ({ value }) => quoted(String(value)),
};

/** Returns a text in double quotes, with every character escaped that a reviewer could not see. */
export function quoted(text: string): string {
  return JSON.stringify(text).replaceAll(invisible, escapeOf);
}

/** Escapes a character; with eight digits beyond the BMP, since readers differ on surrogate pairs. */
function escapeOf(character: string): string {
  const hex = (character.codePointAt(0) ?? 0).toString(16);
  return hex.length > 4 ? `\\U${hex.padStart(8, "0")}` : `\\u${hex.padStart(4, "0")}`;
}

function yamlText(value: JsonObject): string {
  const customTags = (tags: Tags): Tags => [exactNumbers, quotedText, ...tags];
  return new Document(value, { aliasDuplicateObjects: false, customTags }).toString({ lineWidth: 0 });
}
