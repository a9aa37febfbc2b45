import {
  closeSync,
  createReadStream,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { compareText } from "../diagnostic.ts";
import { errorCode } from "../system-error.ts";

/** Failure to read a log. */
export interface UnreadLog {
  readonly file: string;
  /** End of a sentence about the file. */
  readonly problem: string;
  readonly help?: string;
  /** The file ends too early: what came before was read. */
  readonly isCutOff: boolean;
}

/**
 * Returns the files of a path, in order: the path itself, or all files in a folder whose names match. Links to folders are
 * not followed: two that lead up are endless.
 */
export function filesOf(path: string, names = /^/): readonly string[] | UnreadLog {
  if (path === "-") return [path];
  try {
    if (!statSync(path).isDirectory()) return [path];
    const files = readdirSync(path, { recursive: true, withFileTypes: true })
      .filter(({ name }) => names.test(name))
      .map(({ parentPath, name }) => join(parentPath, name))
      .filter(isFile);
    if (files.length > 0) return files.sort(compareText);
    return { file: path, problem: noFiles, isCutOff: false };
  } catch (error) {
    return { file: path, problem: `cannot be read (${errorCode(error)})`, isCutOff: false };
  }
}

/** Problem of a folder in which no file matches. */
export const noFiles = "is a folder without files";

/** Returns true for a file, also behind a link; false for a link that leads nowhere, or in a circle. */
function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Returns one name for all names of a file. */
export function placeOf(file: string): string {
  return file !== "-" && isFile(file) ? realpathSync(file) : file;
}

/** Returns why a file will not be read, by its first bytes. Stdin, pipes and devices can be read once only, and are not touched. */
export function startProblem(file: string): UnreadLog | undefined {
  if (file === "-" || !isFile(file)) return undefined;
  try {
    const head = Buffer.alloc(headBytes);
    const opened = openSync(file, "r");
    try {
      const length = readSync(opened, head, 0, headBytes, 0);
      const other = otherFormat(head.subarray(0, length));
      return other && { file, ...other, isCutOff: false };
    } finally {
      closeSync(opened);
    }
  } catch (error) {
    return { file, problem: `cannot be read (${errorCode(error)})`, isCutOff: false };
  }
}

/** Bytes that are asked for at once: larger parts are split into lines faster, and cost little memory. */
const partBytes = 256 * 1024;

/**
 * Reads a file, unzipped if it starts as gzip does, whatever it is called. Returns the failure, or undefined; `onPart` has
 * then seen what came before it. `stdin` is read for `-`.
 */
export async function readLog(
  file: string,
  stdin: () => Readable,
  onPart: (part: Buffer) => void,
): Promise<UnreadLog | undefined> {
  try {
    const input = file === "-" ? stdin() : createReadStream(file, { highWaterMark: partBytes });
    for await (const part of unzipped(input)) onPart(part);
    return undefined;
  } catch (error) {
    if (error instanceof OtherFormat) return { file, ...error.format, isCutOff: false };
    if (error instanceof BytesBehind)
      return { file, problem: "has bytes behind its gzip data, which are not read", isCutOff: true };
    const code = errorCode(error);
    const isCutOff = code.startsWith("Z_");
    const problem = isCutOff ? `is not a complete gzip file (${code})` : `cannot be read (${code})`;
    return { file, problem, isCutOff };
  }
}

/** What is wrong with a file in a format that is not read. */
interface Format {
  readonly problem: string;
  readonly help: string;
}

class OtherFormat extends Error {
  readonly format: Format;

  constructor(format: Format) {
    super(format.problem);
    this.format = format;
  }
}

/** More than the bytes by which formats are told apart. */
const headBytes = 10;

/** First bytes of compressed formats in which logs are shipped or kept. */
const compressed: readonly (readonly [name: string, head: string])[] = [
  ["zstd", "\x28\xb5\x2f\xfd"],
  ["xz", "\xfd7zXZ\0"],
  ["bzip2", "BZh"],
  ["lz4", "\x04\x22\x4d\x18"],
  ["snappy", "\xff\x06\0\0sNaPpY"],
  ["zip", "PK\x03\x04"],
  ["Parquet", "PAR1"],
  ["ORC", "ORC"],
  ["7-Zip", "7z\xbc\xaf\x27\x1c"],
  ["compress", "\x1f\x9d"],
];

/** Marks of texts that Windows writes. */
const wideMarks: readonly string[] = ["\xff\xfe", "\xfe\xff"];

/** Returns what is wrong with a file that starts like this; undefined if it may be a log, or gzip. */
function otherFormat(head: Buffer): Format | undefined {
  const start = head.toString("latin1");
  const name = compressed.find(([, bytes]) => start.startsWith(bytes))?.[0];
  if (name !== undefined)
    return {
      problem: `cannot be read (compressed as ${name}; only gzip is read)`,
      help: "decompress it, and name the result, or - for stdin",
    };
  if (wideMarks.some((mark) => start.startsWith(mark)))
    return { problem: "cannot be read (it is UTF-16; only UTF-8 is read)", help: "write it as UTF-8" };
  return undefined;
}

async function* unzipped(input: Readable): AsyncGenerator<Buffer> {
  const parts = input[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const head = await headOf(parts);
  const other = otherFormat(head);
  if (other !== undefined) {
    input.destroy();
    throw new OtherFormat(other);
  }
  const whole = withHead(head, parts);
  if (head.toString("latin1", 0, 2) !== "\x1f\x8b") return yield* whole;
  const gunzip = createGunzip({ chunkSize: partBytes });
  const counted = { bytes: 0 };
  // The reader of the result gets the error, too.
  yield* pipeline(counting(whole, counted), gunzip, () => undefined) as AsyncIterable<Buffer>;
  // A zero byte ends it, as padding does, whatever follows.
  if (gunzip.bytesWritten < counted.bytes) throw new BytesBehind();
}

/** Bytes behind the end of gzip, which are not read. */
class BytesBehind extends Error {}

async function* counting(parts: AsyncIterable<Buffer>, counted: { bytes: number }): AsyncGenerator<Buffer> {
  for await (const part of parts) {
    counted.bytes += part.length;
    yield part;
  }
}

/** Reads until the first bytes are there: a pipe may give them one by one. */
async function headOf(parts: AsyncIterator<Buffer>): Promise<Buffer> {
  let head = Buffer.alloc(0);
  for (let next = await parts.next(); next.done !== true; next = await parts.next()) {
    head = Buffer.concat([head, next.value]);
    if (head.length >= headBytes) break;
  }
  return head;
}

async function* withHead(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield head;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}
