import type { ParsedBucket } from "../desired/bucket-file.ts";
import { maxOfTree } from "../desired/budget.ts";
import { parseOwn, parseShared, type SharedFiles } from "../desired/desired.ts";
import { isBucketFile } from "../desired/file-kind.ts";
import type { SourceFile } from "../desired/load.ts";
import type { Environment } from "../git/environment.ts";
import { findRevision } from "../git/revision.ts";
import { readFiles, topOf } from "../pipeline/revision.ts";
import { isFailed } from "../result.ts";

/** Policy tree at git's HEAD. */
interface TreeAtHead {
  readonly commit: string;
  readonly files: ReadonlyMap<string, SourceFile>;
  readonly shared: SharedFiles;
}

/** Reads files at HEAD. A tree is read once for each commit, and only the files that are asked for are parsed. */
export class Head {
  readonly #env: Environment;
  readonly #trees = new Map<string, TreeAtHead>();

  constructor(env: Environment) {
    this.#env = env;
  }

  /** Returns the buckets of a file at HEAD; undefined if the tree is not in a git repository that can be read. */
  bucketsIn(root: string, path: string): readonly ParsedBucket[] | undefined {
    const tree = this.#treeAt(root);
    if (tree === undefined) return undefined;
    const file = tree.files.get(path);
    return file === undefined ? [] : parseOwn(file, tree.shared, { left: maxOfTree }).value;
  }

  #treeAt(root: string): TreeAtHead | undefined {
    const revision = findRevision("HEAD", root, this.#env);
    if (isFailed(revision)) return undefined;
    const known = this.#trees.get(root);
    if (known?.commit === revision.commit) return known;
    const found = readFiles(revision);
    if (isFailed(found)) return undefined;
    const top = topOf(root);
    const files = new Map(found.files.map((file) => [file.path, file]));
    const shared = found.files.filter(({ path }) => !isBucketFile(path, top));
    const unread = found.unread.map(({ path }) => path);
    const tree = { commit: revision.commit, files, shared: parseShared(shared, { unread, top }) };
    this.#trees.set(root, tree);
    return tree;
  }
}
