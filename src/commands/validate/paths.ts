import { statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { bounds, decodeText } from "../../desired/bounds.ts";
import { refusal, type Diagnostic } from "../../diagnostic.ts";
import { isWithin, ownFolder, treeRootOf } from "../../pipeline/tree-root.ts";
import { isFailed, type Result } from "../../result.ts";
import type { Io } from "../../run/io.ts";
import type { Options } from "../../run/options.ts";
import { errorCode } from "../../system-error.ts";

/** Part of a policy tree that is checked. Its files are read in the context of the whole tree. */
export interface CheckedPart {
  /** Folder of the tree. */
  readonly root: string;
  /** Texts that count in place of files, by path. */
  readonly given: ReadonlyMap<string, string>;
  /** True if the whole tree is checked. */
  readonly isWhole: boolean;
  readonly covers: (file: string) => boolean;
}

/** Returns the parts that the words of a command line name: the tree of --policies where there is none. */
export async function checkedParts(options: Options, io: Io): Promise<Result<readonly CheckedPart[]>> {
  const { words, policies, stdinPath } = options;
  if (words.includes("-")) return textOnStdin(options, io);
  if (stdinPath !== undefined)
    return { problems: [refusal("no-match", "--stdin-path is for a text on stdin", "add the word `-`")] };
  if (words.length === 0) return [wholeTree(policies)];
  const problems = words.flatMap((word) => pathProblem(word, policies) ?? []);
  return problems.length > 0 ? { problems } : partsOf(words, policies);
}

function wholeTree(root: string): CheckedPart {
  return { root, given: new Map(), isWhole: true, covers: () => true };
}

/** Joins the paths of each tree into one part, so that a tree is read once. */
function partsOf(paths: readonly string[], policies: string): readonly CheckedPart[] {
  const byRoot = new Map<string, string[]>();
  for (const path of paths) {
    const root = rootOf(path, policies) ?? path;
    byRoot.set(root, [...(byRoot.get(root) ?? []), path]);
  }
  return [...byRoot].map(([root, own]) => ({
    root,
    given: new Map(),
    isWhole: own.some((path) => resolve(path) === resolve(root)),
    covers: (file) => own.some((path) => isWithin(file, path)),
  }));
}

function pathProblem(path: string, policies: string): Diagnostic | undefined {
  try {
    if (statSync(path).isDirectory() || isYaml(path))
      return rootOf(path, policies) === undefined ? inNoTree(path) : undefined;
  } catch (error) {
    return refusal(
      "file",
      `\`${path}\` cannot be read (${errorCode(error)})`,
      "name a file or folder that exists",
    );
  }
  const help = /\.json$/i.test(path)
    ? "JSON is YAML: rename a bucket file to .yaml, with the policy as the value of `policy` beside `bucket`"
    : "name files that end in .yaml or .yml";
  return refusal("file", `\`${path}\` is not a policy file`, help);
}

async function textOnStdin(
  { words, policies, stdinPath }: Options,
  io: Io,
): Promise<Result<readonly CheckedPart[]>> {
  const path = stdinPath ?? join(policies, "<stdin>.yaml");
  if (words.length > 1)
    return {
      problems: [
        refusal(
          "no-match",
          "`-` is stdin, and takes no other paths",
          "check the files in a run of their own",
        ),
      ],
    };
  if (!isYaml(path))
    return {
      problems: [
        refusal(
          "no-match",
          `--stdin-path \`${path}\` is not a policy file`,
          "name a path that ends in .yaml",
        ),
      ],
    };
  const text = await readText(io);
  if (isFailed(text)) return text;
  const root = rootOf(path, policies);
  if (root === undefined) return { problems: [inNoTree(path)] };
  const shown = join(root, resolve(path).slice(resolve(root).length));
  return [{ root, given: new Map([[shown, text.text]]), isWhole: false, covers: (file) => file === shown }];
}

async function readText(io: Io): Promise<Result<{ readonly text: string }>> {
  const bytes = await io.readInput(bounds.fileBytes);
  if (bytes === undefined)
    return {
      problems: [
        refusal("file", `stdin is larger than ${bounds.fileBytes} bytes`, "an OSS policy has 16 KB at most"),
      ],
    };
  const text = decodeText(bytes);
  return text === undefined
    ? { problems: [refusal("file", "stdin is not UTF-8 text", "send it as UTF-8")] }
    : { text };
}

/** A folder without an account.yaml above it is a tree of its own; a file without one is in no tree. */
function rootOf(path: string, policies: string): string | undefined {
  return treeRootOf(path, policies, ".") ?? (ownFolder(path) === path ? path : undefined);
}

function inNoTree(path: string): Diagnostic {
  const help = "name its tree with --policies, or write an account.yaml in the uppermost folder of the tree";
  return refusal("file", `\`${path}\` is in no policy tree: no folder above it has an account.yaml`, help);
}

function isYaml(path: string): boolean {
  return /\.ya?ml$/i.test(basename(path));
}
