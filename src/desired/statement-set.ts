import type { Parsed } from "./parsed.ts";
import type { Diagnostic, Span } from "../diagnostic.ts";
import { suggestion } from "../near-miss.ts";
import { folderOf } from "./account-file.ts";
import type { Ignore } from "./ignore.ts";
import { entryOf, stringOf, type ListNode, type Node } from "./node.ts";
import { checkSchema } from "./check-schema.ts";
import { setSchema } from "./schema.ts";

/** Statement set: statements that buckets share, in the file `_sets/NAME.yaml`. */
export interface StatementSet {
  readonly name: string;
  readonly file: string;
  /** Parent folder of `_sets`: the set is visible there and in all folders below. */
  readonly folder: string;
  readonly statements: ListNode;
  /** Place of `Statement`. */
  readonly span: Span;
  readonly ignores: readonly Ignore[];
}

/** Use of a set by a bucket file. */
export interface Use {
  readonly set: StatementSet;
  /** Place of its name in the bucket file. */
  readonly span: Span;
}

/** Position of a path that is a `_sets` folder, or below one. */
export interface SetPlace {
  /** Parent folder of `_sets`. */
  readonly folder: string;
  /** Rest of the path behind `_sets`; empty for the folder itself. */
  readonly rest: string;
}

/** Content of the `_sets` folders of a tree. */
export interface Sets {
  readonly sets: readonly StatementSet[];
  /** Files without a valid set, which are already reported; a `use` of one is no second mistake. */
  readonly broken: readonly SetPlace[];
}

const setPath = /^(|.*?[\\/])_sets(?:[\\/](.*))?$/s;

/** Returns the position below `_sets`; undefined for other paths. A `_sets` in `top`, the tree's folder, does not count. */
export function setPlace(path: string, top: string): SetPlace | undefined {
  const match = setPath.exec(path.startsWith(top) ? path.slice(top.length) : path);
  return match === null
    ? undefined
    : { folder: path.startsWith(top) ? top + (match[1] ?? "") : (match[1] ?? ""), rest: match[2] ?? "" };
}

/** Parses a statement set. Returns none if it breaks its schema, which is then reported. */
export function parseSet(
  file: string,
  node: Node,
  { folder, rest }: SetPlace,
  ignores: readonly Ignore[],
): Parsed<readonly StatementSet[]> {
  const problems = checkSchema(setSchema, node);
  const entry = entryOf(node, "Statement");
  if (problems.length > 0 || entry?.value.kind !== "list") return { value: [], diagnostics: problems };
  const set = { name: nameOf(rest), file, folder, statements: entry.value, span: entry.nameSpan, ignores };
  return { value: [set], diagnostics: [] };
}

function nameOf(rest: string): string {
  return rest.replace(/\.ya?ml$/i, "");
}

/** Returns whether a broken file may be the set of a name. A broken `_sets` folder may be any set. */
function mayBe({ rest }: SetPlace, name: string): boolean {
  const whole = nameOf(rest).replaceAll("\\", "/");
  return whole === "" || whole === name || whole.endsWith(`/${name}`);
}

/** Keeps the first of two sets with one name in one folder, and refuses the second. */
export function uniqueSets(sets: readonly StatementSet[]): Parsed<readonly StatementSet[]> {
  const first = new Map<string, StatementSet>();
  const diagnostics: Diagnostic[] = [];
  for (const set of sets) {
    const key = `${set.folder}_sets/${set.name}`;
    const other = first.get(key);
    if (other === undefined) first.set(key, set);
    else diagnostics.push(duplicateSet(set, other));
  }
  return { value: [...first.values()], diagnostics };
}

function duplicateSet({ name, span }: StatementSet, other: StatementSet): Diagnostic {
  return {
    code: "duplicate-set",
    severity: "error",
    message: `the statement set \`${name}\` is in this folder twice`,
    span,
    help: "keep one of the two files, or rename one",
    related: [{ message: "the first file", span: other.span }],
  };
}

/** Returns the sets that a file can use, those of the nearest folder first. */
export function visibleSets(file: string, sets: readonly StatementSet[]): readonly StatementSet[] {
  return sets
    .filter(({ folder }) => folderOf(file).startsWith(folder))
    .sort((a, b) => b.folder.length - a.folder.length);
}

/** Finds the sets that a bucket file names, each the nearest of its name upward. */
export function findUses(
  file: string,
  use: Node | undefined,
  { sets, broken }: Sets,
): Parsed<readonly Use[]> {
  if (use?.kind !== "list") return { value: [], diagnostics: [] };
  const diagnostics: Diagnostic[] = [];
  const isVisible = ({ folder }: { readonly folder: string }) => folderOf(file).startsWith(folder);
  const visible = visibleSets(file, sets);
  const visiblyBroken = broken.filter(isVisible);
  const named = new Set<string>();
  const uses = use.items.flatMap((item) => {
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
  return { value: uses, diagnostics };
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

/** Warns of an unused set: it is never expanded, so no rule checks it. */
export function unusedSet({ span }: StatementSet): Diagnostic {
  return {
    code: "unused-set",
    severity: "warning",
    message: "no bucket file uses this set, so its statements are not checked",
    span,
    help: "name it in the `use` of a bucket file, or remove it",
  };
}
