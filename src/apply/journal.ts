import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import * as z from "zod";

/**
 * Write-ahead log of apply, from which overwritten policies are restored: append-only lines of JSON behind a
 * header line. The entry of a write is on disk before the write is sent. It has policies and no secrets.
 */
export interface Journal {
  /** Returns when the entry is on disk; throws if it cannot be written. */
  write(entry: JournalEntry): void;
  close(): void;
}

const digest = z.string().regex(/^(none|sha256:[0-9a-f]{64})$/);

const beforeEntry = z.object({
  entry: z.literal("before"),
  account: z.string(),
  bucket: z.string(),
  region: z.string(),
  action: z.enum(["create", "update", "delete"]),
  /** Previous policy, as OSS sent it; null for no policy. */
  body: z.string().nullable(),
  digests: z.object({ live: digest, desired: digest }),
});

const afterEntry = z.object({
  entry: z.literal("after"),
  bucket: z.string(),
  result: z.string(),
  message: z.string(),
});

const entrySchema = z.discriminatedUnion("entry", [beforeEntry, afterEntry]);

export type BeforeEntry = z.infer<typeof beforeEntry>;
export type JournalEntry = z.infer<typeof entrySchema>;

/** Minor versions add, major versions break. */
const header = { tool: "oss-policy", journal: "1.0" } as const;
const headerSchema = z.object({ tool: z.literal("oss-policy"), journal: z.string() });

/** Default folder of journals. */
export const journalFolder = ".oss-policy";

export interface NewJournal {
  readonly file: string;
  readonly journal: Journal;
}

/** Creates a journal with a free name in a folder. Several runs may do so at the same time. */
export function openNewJournal(folder: string, today: string): NewJournal {
  for (let number = firstFree(folder, today); ; number += 1) {
    const file = join(folder, journalName(today, number));
    try {
      const journal = openJournal(file);
      ignoreInGit(folder);
      return { file, journal };
    } catch (error) {
      // Another run has the name. Any other error would come again with the next one.
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}

/** Adds a .gitignore: journals belong to one machine, and are easily committed. Failure to add it is ignored. */
function ignoreInGit(folder: string): void {
  try {
    writeFileSync(join(folder, ".gitignore"), "*\n", { flag: "wx" });
  } catch {
    return;
  }
}

function journalName(today: string, number: number): string {
  return `journal-${today}-${number}.jsonl`;
}

/** Returns the first number that no journal of the day has, as far as the folder can be listed. */
function firstFree(folder: string, today: string): number {
  const taken = new Set(namesIn(folder));
  let number = 1;
  while (taken.has(journalName(today, number))) number += 1;
  return number;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/**
 * Creates a journal. Throws if the file cannot be created or already exists; none is overwritten. A file that cannot hold
 * its header is removed, so that its name stays free.
 */
export function openJournal(file: string): Journal {
  const made = makeFolders(dirname(file));
  const descriptor = openSync(file, "ax", 0o600);
  try {
    const journal = journalIn(descriptor);
    flushFolders(dirname(file), made === undefined ? dirname(file) : dirname(made));
    return journal;
  } catch (error) {
    closeSync(descriptor);
    unlinkSync(file);
    throw error;
  }
}

/** Writes the header of a journal to an open file. */
function journalIn(descriptor: number): Journal {
  let isWhole = true;
  const append = (line: object) => {
    // A line after half a line could not be parsed.
    if (!isWhole) throw new Error("an earlier line could not be written");
    isWhole = false;
    appendFileSync(descriptor, `${JSON.stringify(line)}\n`);
    fsyncSync(descriptor);
    isWhole = true;
  };
  append(header);
  return { write: append, close: () => closeSync(descriptor) };
}

/**
 * Creates a folder and its missing parents, and returns the topmost that it created. One by one: with
 * `recursive`, Node reports ENOENT on a read-only file system, and never returns below /proc.
 */
export function makeFolders(folder: string): string | undefined {
  if (existsSync(folder)) return undefined;
  const above = dirname(folder) === folder ? undefined : makeFolders(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another run created it at the same time.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  return above ?? folder;
}

/** Flushes folders to disk, so that a power cut loses neither the file nor a folder created for it. */
function flushFolders(folder: string, top: string): void {
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  if (resolve(folder) !== resolve(top)) flushFolders(dirname(folder), top);
}

export interface JournalLine {
  readonly line: number;
  readonly entry: JournalEntry;
}

export interface BrokenLine {
  readonly line: number;
  /** Bucket that the line names, where it is whole that far. */
  readonly bucket?: string;
}

export type ReadJournal =
  | {
      readonly lines: readonly JournalLine[];
      /** Lines that do not parse: a killed run leaves half a line at the end. */
      readonly broken: readonly BrokenLine[];
    }
  | { readonly problem: string; readonly help: string };

/** Parses a journal. Refuses the whole file if it is of another tool or of a newer format. */
export function parseJournal(text: string): ReadJournal {
  const [first = "", ...rest] = text.split("\n");
  const head = headerSchema.safeParse(jsonOrUndefined(first));
  if (!head.success)
    return {
      problem: "it is not a journal of oss-policy",
      help: "name the file that apply wrote with --journal",
    };
  if (!/^1\.\d+$/.test(head.data.journal))
    return {
      problem: `its format ${head.data.journal} is unknown to this version`,
      help: "restore it with the version of oss-policy that wrote it, or a newer one",
    };
  const lines: JournalLine[] = [];
  const broken: BrokenLine[] = [];
  for (const [index, line] of rest.entries()) {
    if (line === "") continue;
    const entry = entrySchema.safeParse(jsonOrUndefined(line));
    if (entry.success) lines.push({ line: index + 2, entry: entry.data });
    else broken.push(brokenLine(line, index + 2));
  }
  return { lines, broken };
}

function brokenLine(text: string, line: number): BrokenLine {
  // A quote inside of a value has a backslash before it, so that no part of a policy looks like this.
  const [, bucket] = /"bucket"\s*:\s*"([^"\\]*)"/.exec(text) ?? [];
  return { line, ...(bucket === undefined ? {} : { bucket }) };
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
