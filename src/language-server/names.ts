import { isAccountFile, type Account } from "../desired/account-file.ts";
import { childOf, type Node } from "../desired/node.ts";
import { visibleSets, type StatementSet } from "../desired/statement-set.ts";
import { parseYaml } from "../desired/yaml.ts";
import type { Span } from "../diagnostic.ts";
import type { OpenTree } from "./open-tree.ts";

/** Variable or identity that a file can name. */
export interface KnownName {
  readonly name: string;
  readonly description: string;
  /** Place of its definition; undefined for those that are built in. */
  readonly span?: Span;
}

/** Returns the account that a file belongs to. */
export function accountOf(tree: OpenTree, path: string): Account | undefined {
  const folders = tree.shared.accountFolders;
  const folder = folders.find((candidate) => path.startsWith(candidate));
  return tree.shared.accounts.find((account) => account.folder === folder);
}

/** Returns the statement set that a name in `use` means. */
export function setNamed(tree: OpenTree, path: string, name: string): StatementSet | undefined {
  return visibleSets(path, tree.shared.sets.sets).find((set) => set.name === name);
}

/** Returns the variables and identities that a file can name, the nearest definition first. */
export function namesIn(tree: OpenTree, path: string): readonly KnownName[] {
  const account = accountOf(tree, path);
  const own = isAccountFile(path) ? [] : definedIn(tree, path, "vars");
  const ofAccount =
    account === undefined ? [] : ["vars", "identities"].flatMap((key) => definedIn(tree, account.file, key));
  const builtIn = [
    {
      name: "account",
      description: `the UID of the account${account === undefined ? "" : `: ${account.uid}`}`,
    },
    { name: "bucket", description: "the name of the bucket" },
    { name: "region", description: "the region of the bucket" },
  ];
  return [...own, ...ofAccount, ...builtIn];
}

function definedIn(tree: OpenTree, file: string, key: string): readonly KnownName[] {
  const text = tree.textOf(file);
  const { node } = text === undefined ? { node: undefined } : parseYaml(text, file);
  const values = childOf(node, key);
  if (values?.kind !== "map") return [];
  return values.entries.map(({ name, nameSpan, value }) => ({
    name,
    description: key === "identities" ? `identity: ${shown(value)}` : `variable: ${shown(value)}`,
    span: nameSpan,
  }));
}

const maxShown = 200;

function shown(value: Node): string {
  const text =
    value.kind === "scalar"
      ? String(value.value)
      : value.kind === "list"
        ? value.items.map(shown).join(", ")
        : "";
  return text.length > maxShown ? `${text.slice(0, maxShown)}...` : text;
}
