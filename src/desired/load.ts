import { errorCode } from "../system-error.ts";
import { type Dirent, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import { compareText, type Diagnostic } from "../diagnostic.ts";
import { bounds, decodeText } from "./bounds.ts";

/** File of the policy tree; reports name it by `path`. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

export interface LoadedTree {
  /** Sorted by path. */
  readonly files: readonly SourceFile[];
  /** Paths of existing files and folders that could not be read; each has a finding. */
  readonly unread: readonly string[];
  /** Folder of the tree, the prefix of all paths. */
  readonly top: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** Path that could not be read, with its finding. */
export interface Unread {
  readonly path: string;
  readonly diagnostic: Diagnostic;
}

/** Files of a tree that are still to be read. */
export interface ListedTree {
  /** Sorted. */
  readonly paths: readonly string[];
  readonly top: string;
  readonly unread: readonly Unread[];
  /** Findings about the tree as a whole. */
  readonly diagnostics: readonly Diagnostic[];
  /** Texts that count in place of what the disk has at their paths. */
  readonly given?: ReadonlyMap<string, string>;
}

/** Puts texts in the place of files, which need not exist: unsaved ones, or one on stdin. */
export function withGiven(listed: ListedTree, given: ReadonlyMap<string, string>): ListedTree {
  if (given.size === 0) return listed;
  const paths = [...new Set([...listed.paths, ...given.keys()])].sort(compareText);
  const unread = listed.unread.filter(({ path }) => !given.has(path));
  const diagnostics = listed.diagnostics.filter(({ code }) => code !== "no-policies");
  return { ...listed, paths, unread, diagnostics, given };
}

/** Finds every .yaml and .yml file below a folder. Reports each that cannot be read, and skips none. */
export function listTree(folder: string): ListedTree {
  const unread: Unread[] = [];
  const top = join(folder, "x").slice(0, -1);
  const root = rootOf(folder, unread);
  const others: string[] = [];
  const paths = root === undefined ? [] : boundedPaths(folder, root, unread, others).sort(compareText);
  const isEmpty = paths.length === 0 && unread.length === 0;
  return {
    paths,
    top,
    unread,
    diagnostics: [...(isEmpty ? [noPolicies(folder)] : []), ...otherFiles(others)],
  };
}

/** Reads all files of a tree. */
export function loadListed({ paths, top, unread, diagnostics, given }: ListedTree): LoadedTree {
  const problems = [...unread];
  const read = sourceReader({ problems, left: { bytes: bounds.totalBytes } }, given);
  const files = paths.flatMap((path) => read(path) ?? []);
  return {
    files,
    unread: problems.map(({ path }) => path),
    top,
    diagnostics: [...problems.map(({ diagnostic }) => diagnostic), ...diagnostics],
  };
}

function noPolicies(folder: string): Diagnostic {
  const message = `\`${folder}\` has no policy files`;
  const help = "write one with `oss-policy import`, or name another folder with --policies";
  return { code: "no-policies", severity: "error", message, help };
}

function rootOf(folder: string, problems: Unread[]): string | undefined {
  try {
    if (statSync(folder).isDirectory()) return realpathSync(folder);
    problems.push(
      unreadable(folder, "is not a folder", "name the folder of the policy files with --policies"),
    );
  } catch (error) {
    const help = "write it with `oss-policy import`, or name another folder with --policies";
    problems.push(unreadable(folder, `cannot be read (${errorCode(error)})`, help, "no-policies"));
  }
  return undefined;
}

function boundedPaths(folder: string, root: string, problems: Unread[], others: string[]): string[] {
  const paths = yamlPaths(folder, root, problems, others);
  if (paths.length <= bounds.files) return paths;
  problems.push(unreadable(folder, `has more than ${bounds.files} policy files`, "split the tree"));
  return [];
}

/** Returns the paths of YAML files, and adds other files to `others`. */
function yamlPaths(folder: string, root: string, problems: Unread[], others: string[], depth = 1): string[] {
  if (depth > bounds.depth) {
    problems.push(unreadable(folder, `is more than ${bounds.depth} folders deep`, "move its files up"));
    return [];
  }
  return entriesOf(folder, problems)
    .filter((entry) => !entry.name.startsWith("."))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return yamlPaths(path, root, problems, others, depth + 1);
      const isYaml = /\.ya?ml$/i.test(entry.name);
      if (entry.isSymbolicLink()) {
        return (isYaml || leadsToFolder(path)) && staysInside(path, root, problems) ? [path] : [];
      }
      if (!isYaml && !isExpected.test(entry.name)) others.push(path);
      if (isYaml && !entry.isFile()) problems.push(unreadable(path, "is not a regular file", "remove it"));
      return isYaml && entry.isFile() ? [path] : [];
    });
}

/** Names of files that belong beside policies: editor schema, documents, code owners. */
const isExpected = /^schema\.json$|\.md$|^(?:license|codeowners|owners)$/i;

const maxNamed = 3;

/** Notes files that are not read, since a policy in one looks as if it were in force. */
function otherFiles(paths: readonly string[]): readonly Diagnostic[] {
  if (paths.length === 0) return [];
  const names = [...paths].sort(compareText).slice(0, maxNamed);
  const rest = paths.length - names.length;
  const listed = `${names.map((name) => `\`${name}\``).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
  const message = `${paths.length === 1 ? "a file is" : `${paths.length} files are`} not read, since only .yaml and .yml are: ${listed}`;
  const help = paths.some((path) => /\.json$/i.test(path))
    ? "JSON is YAML: rename a bucket file to .yaml, with the policy as the value of `policy` beside `bucket`"
    : "rename a bucket file to .yaml, and keep other files in another folder";
  return [{ code: "not-read", severity: "note", message, help }];
}

function entriesOf(folder: string, problems: Unread[]): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    problems.push(unreadable(folder, `cannot be read (${errorCode(error)})`, "make the folder readable"));
    return [];
  }
}

function leadsToFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Accepts a link only to a file of the tree, so that the tree contains all that it defines. */
function staysInside(path: string, root: string, problems: Unread[]): boolean {
  try {
    const target = realpathSync(path);
    if (target.startsWith(root + sep) && statSync(target).isFile()) return true;
    problems.push(
      unreadable(path, "is a link to something that is not a file of this tree", "put the file itself here"),
    );
  } catch (error) {
    problems.push(unreadable(path, `is a link that cannot be followed (${errorCode(error)})`, "remove it"));
  }
  return false;
}

/** State of reading a tree: what could not be read, and how many bytes may follow. */
export interface ReadState {
  readonly problems: Unread[];
  readonly left: { bytes: number };
}

/** Returns a function that reads a file, or the text that is given in its place. */
export function sourceReader(
  state: ReadState,
  given: ReadonlyMap<string, string> | undefined,
): (path: string) => SourceFile | undefined {
  return (path) => {
    const text = given?.get(path);
    return text === undefined ? readSource(path, state) : { path, text };
  };
}

/** Reads a file, if its size is within the bounds; otherwise it is one more problem. */
function readSource(path: string, { problems, left }: ReadState): SourceFile | undefined {
  try {
    const { size } = statSync(path);
    left.bytes -= size;
    if (size > bounds.fileBytes || left.bytes < 0) {
      const most = `is larger than ${bounds.fileBytes} bytes`;
      const together = `and the files before it are larger than ${bounds.totalBytes} bytes`;
      const problem = size > bounds.fileBytes ? most : together;
      problems.push(unreadable(path, problem, "an OSS policy has 16 KB at most"));
      return undefined;
    }
    const text = decodeText(readFileSync(path));
    if (text !== undefined) return { path, text };
    problems.push(unreadable(path, "is not UTF-8 text", "save it as UTF-8"));
  } catch (error) {
    problems.push(unreadable(path, `cannot be read (${errorCode(error)})`, "make the file readable"));
  }
  return undefined;
}

function unreadable(path: string, problem: string, help: string, code = "file"): Unread {
  return { path, diagnostic: { code, severity: "error", message: `\`${path}\` ${problem}`, help } };
}
