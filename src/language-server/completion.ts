import { CompletionItemKind, type CompletionItem } from "vscode-languageserver";
import { visibleSets } from "../desired/statement-set.ts";
import { vocabularyOf } from "../policy/key-values.ts";
import { fileKind } from "../desired/file-kind.ts";
import type { TextCursor } from "./cursor.ts";
import { keysAt, valuesAt, type SchemaChoice } from "./file-schema.ts";
import { accountOf, namesIn } from "./names.ts";
import type { OpenTree } from "./open-tree.ts";

/** Returns what can be written at a place of a file. */
export function completionsAt(tree: OpenTree, path: string, cursor: TextCursor): readonly CompletionItem[] {
  const kind = fileKind(path, tree.shared.top);
  if (!cursor.isAlone) return [];
  if (cursor.isKey) {
    const colon = cursor.hasColon ? "" : ": ";
    return keysAt(kind, cursor.path).map((choice) =>
      item(choice, cursor, CompletionItemKind.Property, colon),
    );
  }
  if (/\$\{[^{}]*$/.test(cursor.typed)) return variableItems(tree, path, cursor);
  return [
    ...valuesAt(kind, cursor.path).map((choice) => item(choice, cursor, CompletionItemKind.EnumMember)),
    ...ownValues(tree, path, cursor).map((choice) => item(choice, cursor, CompletionItemKind.Value)),
  ];
}

/** Returns values that depend on the tree. */
function ownValues(tree: OpenTree, path: string, { path: keys }: TextCursor): readonly SchemaChoice[] {
  const [key = "", above = ""] = [keys.at(-1), keys.at(-2)];
  if (key === "use") return visibleSets(path, tree.shared.sets.sets).map(setChoice);
  if (key === "Principal" || key === "operators" || key === "principal") return principals(tree, path);
  if (key === "Resource") return resources(tree, path);
  if (above === "Bool") return ["true", "false"].map((name) => ({ name, description: "" }));
  const vocabulary = vocabularyOf(key);
  if (vocabulary?.kind === "words") return vocabulary.words.map((name) => ({ name, description: "" }));
  return [];
}

function setChoice({ name, file }: { readonly name: string; readonly file: string }): SchemaChoice {
  return { name, description: `statement set in ${file}` };
}

function principals(tree: OpenTree, path: string): readonly SchemaChoice[] {
  const identities = [...(accountOf(tree, path)?.identities ?? [])];
  return identities.map(([name, who]) => ({ name: `\${${name}}`, description: who }));
}

function resources(tree: OpenTree, path: string): readonly SchemaChoice[] {
  const [own, ...more] = tree.bucketsIn(path);
  const bucket = own === undefined || more.length > 0 ? "${bucket}" : own.bucket;
  return [
    {
      name: `acs:oss:*:\${account}:${bucket}`,
      description: "the bucket: for actions such as oss:ListObjects",
    },
    {
      name: `acs:oss:*:\${account}:${bucket}/*`,
      description: "its objects: for actions such as oss:GetObject",
    },
  ];
}

/** Completes only the variable behind `${`, and leaves the text around it. */
function variableItems(tree: OpenTree, path: string, cursor: TextCursor): readonly CompletionItem[] {
  const start = cursor.range.start.character + cursor.typed.lastIndexOf("${");
  const line = cursor.range.start.line;
  const cut = cursor.range.start.character + cursor.typed.length;
  const rest = /^[A-Za-z0-9_-]*\}?/.exec(cursor.word.slice(cursor.typed.length))?.[0] ?? "";
  const range = { start: { line, character: start }, end: { line, character: cut + rest.length } };
  return namesIn(tree, path).map(({ name, description }) => ({
    label: `\${${name}}`,
    kind: CompletionItemKind.Variable,
    detail: description,
    textEdit: { range, newText: `\${${name}}` },
  }));
}

function item(
  { name, description }: SchemaChoice,
  { range, isQuoted, isBehindColon }: TextCursor,
  kind: CompletionItemKind,
  behind = "",
): CompletionItem {
  const isKey = kind === CompletionItemKind.Property;
  const isPlain = isQuoted || (isKey && /^\w+$/.test(name)) || /^(Allow|Deny|none)$/.test(name);
  const text = isPlain ? name : JSON.stringify(name);
  return {
    label: name,
    kind,
    ...(description === "" ? {} : { detail: description }),
    filterText: name,
    textEdit: { range, newText: isQuoted ? text : `${isBehindColon ? " " : ""}${text}${behind}` },
  };
}
