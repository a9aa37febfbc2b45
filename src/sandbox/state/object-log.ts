import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  statSync,
  writeSync,
} from "node:fs";
import * as z from "zod";
import { removeFile, replaceFile } from "./durable.ts";
import {
  objectSchema,
  partSchema,
  uploadSchema,
  type SandboxObject,
  type SandboxUpload,
  type UploadedPart,
} from "./object.ts";

/** Change of the objects and uploads of a bucket. */
export type ObjectChange =
  | { readonly put: SandboxObject }
  | { readonly remove: string }
  | { readonly start: SandboxUpload }
  | { readonly part: UploadedPart; readonly upload: string }
  | { readonly end: string };

/** Changes of one bucket, on disk or nowhere. */
export interface ObjectLog {
  load(): Iterable<ObjectChange>;
  /** Adds changes that take effect together. They are on disk when the call returns; a failed call adds nothing. */
  append(changes: readonly ObjectChange[]): void;
  /** Writes the log anew if it is much longer than its content, which the changes of `snapshot` make. */
  compact(entries: () => number, snapshot: () => Iterable<ObjectChange>): void;
  remove(): void;
}

export const noLog: ObjectLog = {
  load: () => [],
  append: () => undefined,
  compact: () => undefined,
  remove: () => undefined,
};

const changesSchema = z.array(
  z.union([
    z.strictObject({ put: objectSchema }),
    z.strictObject({ remove: z.string() }),
    z.strictObject({ start: uploadSchema }),
    z.strictObject({ part: partSchema, upload: z.string() }),
    z.strictObject({ end: z.string() }),
  ]),
);

/** Lines that a log may have beyond one for each entry. */
const slack = 200;

/** Opens the log in a file: a JSON list of changes a line. A line that a kill left half-written is cut off. */
export function openLog(file: string): ObjectLog {
  let lines = 0;
  return {
    load: () => {
      const read = existsSync(file) ? loadLog(file) : [];
      lines = read.length;
      return read.flat();
    },
    append: (changes) => {
      appendLine(file, `${JSON.stringify(changes)}\n`);
      lines += 1;
    },
    compact: (entries, snapshot) => {
      if (lines <= slack || lines <= 2 * entries() + slack) return;
      const text = Array.from(snapshot(), (change) => `${JSON.stringify([change])}\n`);
      replaceFile(file, text.join(""));
      lines = text.length;
    },
    remove: () => {
      removeFile(file);
    },
  };
}

function loadLog(file: string): readonly (readonly ObjectChange[])[] {
  const bytes = readFileSync(file);
  const end = bytes.lastIndexOf("\n") + 1;
  if (end < bytes.length) truncate(file, end);
  const lines = bytes.toString("utf8", 0, end).split("\n").slice(0, -1);
  return lines.map((line, index) => {
    const parsed = changesSchema.safeParse(parseJson(line));
    if (parsed.success) return parsed.data;
    throw new Error(
      `line ${index + 1} of the state file \`${file}\` is not a list of changes; delete the file to start over with the objects of that bucket`,
    );
  });
}

/** Adds a line, or restores the file: the next line must never follow half a line. */
function appendLine(file: string, line: string): void {
  const descriptor = openSync(file, "a");
  const { size } = statSync(file);
  try {
    const bytes = Buffer.from(line);
    for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
    fsyncSync(descriptor);
  } catch (error) {
    ftruncateSync(descriptor, size);
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

function truncate(file: string, size: number): void {
  const descriptor = openSync(file, "r+");
  try {
    ftruncateSync(descriptor, size);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
