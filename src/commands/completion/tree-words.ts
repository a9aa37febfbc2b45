import { isAccountFile } from "../../desired/account-file.ts";
import { parseShared } from "../../desired/desired.ts";
import { isBucketFile } from "../../desired/file-kind.ts";
import { listTree, loadListed, type SourceFile } from "../../desired/load.ts";
import { childOf, stringOf } from "../../desired/node.ts";
import { parseYaml } from "../../desired/yaml.ts";
import type { TreeWords } from "./suggest.ts";

/**
 * Reads the names of a tree for completion: buckets without a parser where their file is of the usual form, since 3,000
 * files are to take a moment. A file with an error gives the names that can be seen in it.
 */
export function readTreeWords(policies: string): TreeWords {
  const { files, top } = loadListed(listTree(policies));
  const own = files.filter(({ path }) => isBucketFile(path, top));
  const { accounts } = parseShared(
    files.filter(({ path }) => isAccountFile(path)),
    { top },
  );
  return {
    buckets: unique(bucketsIn(own)),
    accounts: unique(accounts.flatMap(({ name, uid }) => name ?? uid)),
    identities: unique(accounts.flatMap((account) => [...account.identities.keys()])),
  };
}

/** A word that no shell takes for more than one, or for a command. */
const plainWord = /^[\p{L}\p{M}\p{N}_][\p{L}\p{M}\p{N}_@=:.,+/-]*$/u;

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)].filter((name) => plainWord.test(name)).sort();
}

/** Files without a plain `bucket:` line that are parsed. */
const maxParsed = 100;

function bucketsIn(files: readonly SourceFile[]): readonly string[] {
  const others: SourceFile[] = [];
  const plain = files.flatMap((file) => {
    const [, name] = /^bucket: *["']?([a-z0-9-]+)["']? *(?:#.*)?\r?$/m.exec(file.text) ?? [];
    if (name === undefined) others.push(file);
    return name ?? [];
  });
  return [...plain, ...others.slice(0, maxParsed).flatMap(parsedBuckets)];
}

function parsedBuckets({ path, text }: SourceFile): readonly string[] {
  const { node } = parseYaml(text, path);
  const list = childOf(node, "buckets");
  const items = list?.kind === "list" ? list.items : [];
  return [childOf(node, "bucket"), ...items].flatMap((item) => stringOf(item) ?? []);
}
