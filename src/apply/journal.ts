import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";

/**
 * What apply keeps of what it overwrites: append-only lines of JSON, the first of which says what the
 * file is. A line about a write is on disk before the write is sent, so that whatever happens then can
 * be put back. It holds policies and no secrets.
 */
export interface Journal {
  /** On disk when it returns; throws where that cannot be. */
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
  /** What stood there, as OSS sent it; null for no policy. */
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

/** Where journals are put that nobody named. */
export const journalFolder = ".oss-policy";

export interface NewJournal {
  readonly file: string;
  readonly journal: Journal;
}

/** Begins a journal in a folder of journals, beside those of other runs, also of one that begins now. */
export function openNewJournal(folder: string, today: string): NewJournal {
  for (;;) {
    const file = newJournalName(folder, today);
    try {
      const journal = openJournal(file);
      ignoreInGit(folder);
      return { file, journal };
    } catch (error) {
      if (newJournalName(folder, today) === file) throw error;
    }
  }
}

/** Journals are of one run on one machine, and easily committed. Without the file a run goes on all the same. */
function ignoreInGit(folder: string): void {
  try {
    writeFileSync(join(folder, ".gitignore"), "*\n", { flag: "wx" });
  } catch {
    return;
  }
}

/** A file in a folder of journals: the day, and the first number that is free. */
function newJournalName(folder: string, today: string): string {
  const taken = new Set(namesIn(folder));
  let number = 1;
  while (taken.has(`journal-${today}-${number}.jsonl`)) number += 1;
  return join(folder, `journal-${today}-${number}.jsonl`);
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Begins a journal; throws where the file cannot be made, or is there already: none is overwritten. */
export function openJournal(file: string): Journal {
  const made = makeFolders(dirname(file));
  const descriptor = openSync(file, "ax", 0o600);
  let isWhole = true;
  const append = (line: object) => {
    // Behind half a line nothing could be read again.
    if (!isWhole) throw new Error("an earlier line could not be written");
    isWhole = false;
    appendFileSync(descriptor, `${JSON.stringify(line)}\n`);
    fsyncSync(descriptor);
    isWhole = true;
  };
  append(header);
  flushFolders(dirname(file), made === undefined ? dirname(file) : dirname(made));
  return { write: append, close: () => closeSync(descriptor) };
}

/**
 * Makes a folder and those above it that are missing, and gives the first that it made. One by one: made
 * in one call, Node says ENOENT where a file system is read-only, and does not end below /proc.
 */
export function makeFolders(folder: string): string | undefined {
  if (existsSync(folder)) return undefined;
  const above = dirname(folder) === folder ? undefined : makeFolders(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another run made it at the same time.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  return above ?? folder;
}

/** Without it the file itself, or a folder that was made for it, could be gone after a power cut. */
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

export type ReadJournal =
  | {
      readonly lines: readonly JournalLine[];
      /** The lines that could not be read: a run that was killed leaves half a line at the end. */
      readonly broken: readonly number[];
    }
  | { readonly problem: string; readonly help: string };

/** The entries of a journal. One of another tool or of a newer format is refused as a whole. */
export function parseJournal(text: string): ReadJournal {
  const [first = "", ...rest] = text.split("\n");
  const head = headerSchema.safeParse(jsonOrUndefined(first));
  if (!head.success)
    return {
      problem: "it is no journal of oss-policy",
      help: "name the file that apply wrote with --journal",
    };
  if (!/^1\.\d+$/.test(head.data.journal))
    return {
      problem: `its format ${head.data.journal} is not known to this version`,
      help: "restore it with the version of oss-policy that wrote it, or a newer one",
    };
  const lines: JournalLine[] = [];
  const broken: number[] = [];
  for (const [index, line] of rest.entries()) {
    if (line === "") continue;
    const entry = entrySchema.safeParse(jsonOrUndefined(line));
    if (entry.success) lines.push({ line: index + 2, entry: entry.data });
    else broken.push(index + 2);
  }
  return { lines, broken };
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
