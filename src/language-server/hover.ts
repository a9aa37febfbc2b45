import { codeText } from "../codes/index.ts";
import { administrationTexts, readAction, type Action } from "../policy/actions.ts";
import { findConditionKey, findOperator } from "../policy/conditions.ts";
import { vocabularyOf } from "../policy/key-values.ts";
import { fileKind } from "../desired/file-kind.ts";
import { variableAt, type TextCursor } from "./cursor.ts";
import { keyDescription } from "./file-schema.ts";
import { accountOf, namesIn, setNamed } from "./names.ts";
import type { OpenTree } from "./open-tree.ts";

/** Returns what is known about the word at a place of a file, as Markdown; undefined if nothing is. */
export function hoverAt(tree: OpenTree, path: string, cursor: TextCursor): string | undefined {
  const { word, path: keys, isKey } = cursor;
  if (word === "") return undefined;
  const variable = variableText(tree, path, cursor);
  if (variable !== undefined) return variable;
  if (isKey) return keyText(tree, path, cursor);
  if (/^[a-z]+(?:-[a-z]+)+$/.test(word) && keys.at(-1) === "hazard") return explanation(word);
  if (keys.at(-1) === "Action") return actionText(word);
  if (keys.at(-1) === "use") return setText(tree, path, word);
  const named = [...(accountOf(tree, path)?.identities ?? [])].find(([, who]) => who === word);
  return named === undefined ? undefined : `the identity \`${named[0]}\``;
}

function variableText(tree: OpenTree, path: string, cursor: TextCursor): string | undefined {
  const name = variableAt(cursor);
  const known = namesIn(tree, path).find((one) => one.name === name);
  return known === undefined ? undefined : `\`\${${known.name}}\`: ${known.description}`;
}

function keyText(tree: OpenTree, path: string, { word, path: keys }: TextCursor): string | undefined {
  if (keys.at(-1) === "Condition") return operatorText(word);
  if (keys.at(-2) === "Condition") return conditionKeyText(word);
  return keyDescription(fileKind(path, tree.shared.top), [...keys, word]);
}

function operatorText(name: string): string | undefined {
  const operator = findOperator(name);
  if (operator === undefined) return undefined;
  const meaning = operator.negated ? "holds if no value matches" : "holds if any value matches";
  return `\`${name}\` compares ${operator.family} values, and ${operator.hasMeaning ? meaning : "OSS does not document how"}`;
}

function conditionKeyText(name: string): string | undefined {
  const key = findConditionKey(name);
  if (key === undefined) return undefined;
  const lines = [`\`${name}\` (${key.family}): ${key.description}`];
  if (key.note !== undefined) lines.push(key.note);
  const vocabulary = vocabularyOf(name);
  if (vocabulary?.kind === "words")
    lines.push(`values: ${vocabulary.words.map((word) => `\`${word}\``).join(", ")}`);
  if (vocabulary?.kind === "form") lines.push(`value: ${vocabulary.description}`);
  return lines.join("\n\n");
}

const maxActions = 12;

function actionText(word: string): string | undefined {
  const read = readAction(word);
  if (read.kind !== "actions") return undefined;
  if (read.actions.length === 1 && read.actions[0]?.name === word) return describe(read.actions[0]);
  const shown = read.actions.slice(0, maxActions).map((action) => `- ${describe(action)}`);
  const more = read.actions.length - shown.length;
  return [
    `\`${word}\` matches ${read.actions.length} actions:`,
    "",
    ...shown,
    ...(more > 0 ? [`- and ${more} more`] : []),
  ].join("\n");
}

function describe({ name, access, level, administers, note }: Action): string {
  const reason = administers === undefined ? [] : [administrationTexts[administers]];
  return [
    `\`${name}\`: ${access}, on the ${level} level`,
    ...reason,
    ...(note === undefined ? [] : [note]),
  ].join("; ");
}

function setText(tree: OpenTree, path: string, name: string): string | undefined {
  const set = setNamed(tree, path, name);
  return set && `statement set with ${set.statements.items.length} statements, in \`${set.file}\``;
}

function explanation(code: string): string | undefined {
  const text = codeText(code);
  return text && `**${text.code}** (${text.severity}): ${text.summary}\n\n${text.explanation}`;
}
