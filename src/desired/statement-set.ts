import type { Diagnostic, Span } from "../diagnostic.ts";
import { suggestion } from "../near-miss.ts";
import { folderOf } from "./account-file.ts";
import type { Ignore } from "./ignore.ts";
import { childOf, stringOf, type ListNode, type Node } from "./node.ts";
import { checkSchema, setSchema } from "./schema.ts";

/** Statements that several buckets share: the file `_sets/NAME.yaml`. */
export interface StatementSet {
  readonly name: string;
  readonly file: string;
  /** The folder that holds `_sets`: the set can be used there and in all folders below. */
  readonly folder: string;
  readonly statements: ListNode;
  readonly ignores: readonly Ignore[];
}

/** One `use` of a set by a bucket file. */
export interface Use {
  readonly set: StatementSet;
  /** Where the bucket file names it. */
  readonly span: Span;
}

const setFile = /(?:^|[\\/])_sets[\\/]([^\\/]+)\.ya?ml$/;

export function isSetFile(path: string): boolean {
  return setFile.test(path);
}

/** Undefined where the file breaks its schema, which has been said then. */
export function parseSet(
  file: string,
  node: Node,
  ignores: readonly Ignore[],
  diagnostics: Diagnostic[],
): StatementSet | undefined {
  const problems = checkSchema(setSchema, node);
  diagnostics.push(...problems);
  const statements = childOf(node, "Statement");
  if (problems.length > 0 || statements?.kind !== "list") return undefined;
  const name = setFile.exec(file)?.[1] ?? "";
  return { name, file, folder: folderOf(folderOf(file).slice(0, -1)), statements, ignores };
}

/** The sets that a bucket file names, each the nearest of its name upward. */
export function findUses(
  file: string,
  use: Node | undefined,
  sets: readonly StatementSet[],
  diagnostics: Diagnostic[],
): readonly Use[] {
  if (use?.kind !== "list") return [];
  const visible = sets
    .filter(({ folder }) => folderOf(file).startsWith(folder))
    .sort((a, b) => b.folder.length - a.folder.length);
  const named = new Set<string>();
  return use.items.flatMap((item) => {
    const name = stringOf(item) ?? "";
    if (named.has(name)) {
      const message = `\`${name}\` is used twice`;
      diagnostics.push({
        code: "wrong-value",
        severity: "error",
        message,
        span: item.span,
        help: "name it once",
      });
      return [];
    }
    named.add(name);
    const set = visible.find((candidate) => candidate.name === name);
    if (set !== undefined) return [{ set, span: item.span }];
    diagnostics.push(
      noSuchSet(name, item.span, [...new Set(visible.map((candidate) => candidate.name))].sort()),
    );
    return [];
  });
}

function noSuchSet(name: string, span: Span, known: readonly string[]): Diagnostic {
  const help =
    known.length === 0
      ? `write it as \`_sets/${name}.yaml\` in this folder or one above it`
      : `${suggestion(name, known)}, or write \`_sets/${name}.yaml\``;
  return {
    code: "no-such-set",
    severity: "error",
    message: `there is no statement set \`${name}\``,
    span,
    help,
  };
}
