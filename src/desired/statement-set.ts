import type { Diagnostic, Span } from "../diagnostic.ts";
import { suggestion } from "../near-miss.ts";
import { folderOf } from "./account-file.ts";
import type { Ignore } from "./ignore.ts";
import { entryOf, stringOf, type ListNode, type Node } from "./node.ts";
import { checkSchema, setSchema } from "./schema.ts";

/** Statements that several buckets share: the file `_sets/NAME.yaml`. */
export interface StatementSet {
  readonly name: string;
  readonly file: string;
  /** The folder that holds `_sets`: the set can be used there and in all folders below. */
  readonly folder: string;
  readonly statements: ListNode;
  /** Where `Statement` stands. */
  readonly span: Span;
  readonly ignores: readonly Ignore[];
}

/** One `use` of a set by a bucket file. */
export interface Use {
  readonly set: StatementSet;
  /** Where the bucket file names it. */
  readonly span: Span;
}

/** Where a path stands that is a `_sets` folder, or below one. */
export interface SetPlace {
  /** The folder that holds `_sets`. */
  readonly folder: string;
  /** What follows `_sets`; empty for the folder itself. */
  readonly rest: string;
}

/** All that stands in the `_sets` folders of a tree. */
export interface Sets {
  readonly sets: readonly StatementSet[];
  /** What gave no set, which has been said: whoever uses it makes no second mistake. */
  readonly broken: readonly SetPlace[];
}

const setPath = /^(|.*?[\\/])_sets(?:[\\/](.*))?$/s;

/** Undefined for what has nothing to do with sets. `top` is the folder of the whole tree, whatever its name. */
export function setPlace(path: string, top: string): SetPlace | undefined {
  const match = setPath.exec(path.startsWith(top) ? path.slice(top.length) : path);
  return match === null
    ? undefined
    : { folder: path.startsWith(top) ? top + (match[1] ?? "") : (match[1] ?? ""), rest: match[2] ?? "" };
}

/** Undefined where the file breaks its schema, which has been said then. */
export function parseSet(
  file: string,
  node: Node,
  { folder, rest }: SetPlace,
  ignores: readonly Ignore[],
  diagnostics: Diagnostic[],
): StatementSet | undefined {
  const problems = checkSchema(setSchema, node);
  diagnostics.push(...problems);
  const entry = entryOf(node, "Statement");
  if (problems.length > 0 || entry?.value.kind !== "list") return undefined;
  return { name: nameOf(rest), file, folder, statements: entry.value, span: entry.nameSpan, ignores };
}

function nameOf(rest: string): string {
  return rest.replace(/\.ya?ml$/i, "");
}

/** A broken file may be meant by its name, or by its way below `_sets`; a broken `_sets` by any name. */
function mayBe({ rest }: SetPlace, name: string): boolean {
  const whole = nameOf(rest).replaceAll("\\", "/");
  return whole === "" || whole === name || whole.endsWith(`/${name}`);
}

/** The first of two sets of one name in one folder is taken, and the second refused. */
export function uniqueSets(
  sets: readonly StatementSet[],
  diagnostics: Diagnostic[],
): readonly StatementSet[] {
  const first = new Map<string, StatementSet>();
  for (const set of sets) {
    const key = `${set.folder}_sets/${set.name}`;
    const other = first.get(key);
    if (other === undefined) first.set(key, set);
    else diagnostics.push(duplicateSet(set, other));
  }
  return [...first.values()];
}

function duplicateSet({ name, span }: StatementSet, other: StatementSet): Diagnostic {
  return {
    code: "duplicate-set",
    severity: "error",
    message: `the statement set \`${name}\` stands in this folder a second time`,
    span,
    help: "keep one of the two files, or rename one",
    related: [{ message: "the first file", span: other.span }],
  };
}

/** The sets that a bucket file names, each the nearest of its name upward. */
export function findUses(
  file: string,
  use: Node | undefined,
  { sets, broken }: Sets,
  diagnostics: Diagnostic[],
): readonly Use[] {
  if (use?.kind !== "list") return [];
  const isVisible = ({ folder }: { readonly folder: string }) => folderOf(file).startsWith(folder);
  const visible = sets.filter(isVisible).sort((a, b) => b.folder.length - a.folder.length);
  const visiblyBroken = broken.filter(isVisible);
  const named = new Set<string>();
  return use.items.flatMap((item) => {
    const name = stringOf(item) ?? "";
    if (named.has(name)) {
      diagnostics.push(usedTwice(name, item.span));
      return [];
    }
    named.add(name);
    const set = visible.find((candidate) => candidate.name === name);
    const isBroken = visiblyBroken.some(
      (place) => mayBe(place, name) && place.folder.length > (set?.folder.length ?? -1),
    );
    if (isBroken) return [];
    if (set !== undefined) return [{ set, span: item.span }];
    diagnostics.push(
      noSuchSet(name, item.span, [...new Set(visible.map((candidate) => candidate.name))].sort()),
    );
    return [];
  });
}

function usedTwice(name: string, span: Span): Diagnostic {
  const message = `\`${name}\` is used twice`;
  return { code: "wrong-value", severity: "error", message, span, help: "name it once" };
}

function noSuchSet(name: string, span: Span, known: readonly string[]): Diagnostic {
  const help =
    known.length === 0
      ? `write it as \`_sets/${name}.yaml\` in this folder or one above it`
      : `write it as \`_sets/${name}.yaml\`; ${suggestion(name, known)}`;
  return {
    code: "no-such-set",
    severity: "error",
    message: `there is no statement set \`${name}\``,
    span,
    help,
    cause: `statement set ${name}`,
  };
}

/** What no bucket uses is never expanded, so no rule sees it. */
export function unusedSet({ span }: StatementSet): Diagnostic {
  return {
    code: "unused-set",
    severity: "warning",
    message: "no bucket file uses this set, so its statements are not checked",
    span,
    help: "name it in the `use` of a bucket file, or remove it",
  };
}
