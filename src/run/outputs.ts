import { fstatSync, lstatSync, readdirSync, readlinkSync, realpathSync, statSync, type Stats } from "node:fs";
import { basename, dirname, join, resolve, sep } from "node:path";
import { outputNames } from "../report/forms.ts";
import type { Options } from "./options.ts";

/** A file that a run reads or writes, by the option that names it. */
interface NamedFile {
  readonly option: string;
  readonly file: string;
}

/**
 * Says why the files that a run would write cannot all be written: two of them are one file, one is a
 * file that the run reads, one would overwrite a policy file, or the journal is no file. It is judged by
 * what a path leads to, not by its spelling. Undefined where nothing is wrong.
 */
export function outputProblem(
  options: Omit<Options, "policies"> & { readonly policies?: string },
  verb: string,
  words: readonly string[],
): string | undefined {
  const journal = named("--journal", options.journal);
  const reports = outputNames.flatMap((name) => named(`--${name}`, options[name]));
  if (journal.some(({ file }) => file === "-"))
    return "--journal names a file, and `-` is none: what is overwritten must be on disk";
  const isRead = verb === "restore";
  const { policies } = options;
  const outputs = [...reports, ...named("--propose", options.propose), ...(isRead ? [] : journal)];
  const inputs = [
    ...named("--seed", options.seed),
    ...named("--plan", options.plan),
    ...named("--events", options.events),
    ...(options.requests ?? []).flatMap((path) => named("--requests", path)),
    ...(isRead ? journal : []),
    ...comparedFiles(verb, words),
  ];
  return (
    pairProblem(outputs, (a, b) => `${a.option} and ${b.option} both write to ${b.file}: name two places`) ??
    crossProblem(outputs, inputs) ??
    outputs.map((output) => overPolicy(output, policies)).find((problem) => problem !== undefined)
  );
}

/** The files of `access diff FILE FILE` and of `merge`. */
function comparedFiles(verb: string, words: readonly string[]): readonly NamedFile[] {
  if (verb === "merge") return words.map((file) => ({ option: "merge", file }));
  const [question, ...files] = words;
  const isRead = verb === "access" && question === "diff" && files.length === 2;
  return isRead ? files.map((file) => ({ option: "access diff", file })) : [];
}

function named(option: string, file: string | undefined): readonly NamedFile[] {
  return file === undefined ? [] : [{ option, file }];
}

function pairProblem(
  files: readonly NamedFile[],
  problem: (a: NamedFile, b: NamedFile) => string,
): string | undefined {
  for (const [index, a] of files.entries()) {
    const b = files.slice(index + 1).find((other) => isSame(a.file, other.file));
    if (b !== undefined) return problem(a, b);
  }
  return undefined;
}

function crossProblem(outputs: readonly NamedFile[], inputs: readonly NamedFile[]): string | undefined {
  for (const input of inputs) {
    // Stdin is `-` as stdout is, and is another place.
    if (input.file === "-") continue;
    const output = outputs.find(({ file }) => isSame(file, input.file));
    if (output !== undefined)
      return `${output.option} would overwrite ${input.file}, which ${input.option} reads: name another place`;
  }
  return undefined;
}

/** A policy file, also one that is not there yet: the next run would take a report for one. */
function overPolicy({ option, file }: NamedFile, policies: string | undefined): string | undefined {
  if (policies === undefined) return undefined;
  const problem = `${option} would write ${file}, which is in the policy files: name a place outside of ${policies}`;
  const root = placeOf(policies);
  const place = placeOf(file);
  if (file !== "-" && /\.ya?ml$/i.test(place) && place.startsWith(`${root}${sep}`)) return problem;
  const stats = statsOf(file);
  const isLinked = stats?.isFile() === true && stats.nlink > 1;
  return isLinked && policyFiles(root).some((path) => isSame(path, file)) ? problem : undefined;
}

/** Far more than a tree has: only where a report has a second name is the tree looked through for it. */
const maxEntries = 20_000;

function policyFiles(root: string): readonly string[] {
  try {
    return readdirSync(root, { recursive: true, encoding: "utf8" })
      .filter((name) => /\.ya?ml$/i.test(name))
      .slice(0, maxEntries)
      .map((name) => join(root, name));
  } catch {
    return [];
  }
}

/** Returns whether two paths lead to one file, now or once both are written. */
function isSame(a: string, b: string): boolean {
  const [first, second] = [statsOf(a), statsOf(b)];
  if (first !== undefined && second !== undefined)
    return first.dev === second.dev && first.ino === second.ino && !isNowhere(a);
  return (a === b || placeOf(a) === placeOf(b)) && !isNowhere(a);
}

/** Any number of reports can be thrown away. */
function isNowhere(file: string): boolean {
  return placeOf(file) === "/dev/null";
}

/** Of what a path leads to; of stdout for `-`. */
function statsOf(file: string): Stats | undefined {
  try {
    return file === "-" ? fstatSync(1) : statSync(file);
  } catch {
    return undefined;
  }
}

const maxLinks = 40;

/** The real path, also of a file that is not there yet, and of one behind a link that leads to none. */
function placeOf(file: string, links = 0): string {
  const path = resolve(file);
  try {
    return realpathSync(path);
  } catch {
    const target = linkTarget(path);
    if (target !== undefined && links < maxLinks) return placeOf(target, links + 1);
    if (dirname(path) === path) return path;
    const folder = placeOf(dirname(path), links);
    const name = basename(path);
    return join(folder, foldsCase(folder) ? name.normalize("NFC").toLowerCase() : name);
  }
}

function linkTarget(path: string): string | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? resolve(dirname(path), readlinkSync(path)) : undefined;
  } catch {
    return undefined;
  }
}

/** Returns whether letters in another case name the same file there, as on macOS and Windows. */
function foldsCase(folder: string): boolean {
  const other = folder === folder.toUpperCase() ? folder.toLowerCase() : folder.toUpperCase();
  const [here, there] = [statsOf(folder), other === folder ? undefined : statsOf(other)];
  return here !== undefined && there !== undefined && here.dev === there.dev && here.ino === there.ino;
}
