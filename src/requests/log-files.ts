import { createReadStream, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { compareText } from "../diagnostic.ts";
import { errorCode } from "../system-error.ts";

/** Failure to read a log, as the end of a sentence about its file. */
export interface UnreadLog {
  readonly file: string;
  readonly problem: string;
  readonly help?: string;
}

/** Returns the files of a path, in order: the path itself, or all files in a folder. Links to folders are not followed. */
export function filesOf(path: string): readonly string[] | UnreadLog {
  if (path === "-") return [path];
  try {
    if (!statSync(path).isDirectory()) return [path];
    const files = readdirSync(path, { recursive: true, withFileTypes: true })
      .map(({ parentPath, name }) => join(parentPath, name))
      .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true);
    return files.length > 0 ? files.sort(compareText) : { file: path, problem: "is a folder without files" };
  } catch (error) {
    return { file: path, problem: `cannot be read (${errorCode(error)})` };
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
    if (error instanceof OtherCompression) return { file, ...error.unread };
    const code = errorCode(error);
    const isGzip = code.startsWith("Z_");
    return { file, problem: isGzip ? `is not a complete gzip file (${code})` : `cannot be read (${code})` };
  }
}

class OtherCompression extends Error {
  readonly unread: Omit<UnreadLog, "file">;

  constructor(name: string) {
    super(name);
    this.unread = {
      problem: `is compressed as ${name}, and only gzip is read`,
      help: "decompress it, and give the text by a file or by `-` for stdin",
    };
  }
}

/** First bytes of formats in which logs are shipped or kept. */
const formats: readonly (readonly [name: string, head: string])[] = [
  ["zstd", "\x28\xb5\x2f\xfd"],
  ["xz", "\xfd7zXZ\0"],
  ["bzip2", "BZh"],
  ["lz4", "\x04\x22\x4d\x18"],
  ["snappy", "\xff\x06\0\0sNaPpY"],
  ["zip", "PK\x03\x04"],
  ["Parquet", "PAR1"],
  ["ORC", "ORC"],
];

async function* unzipped(input: Readable): AsyncGenerator<Buffer> {
  const parts = input[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const head = await headOf(parts);
  const start = head.toString("latin1", 0, 10);
  const other = formats.find(([, bytes]) => start.startsWith(bytes));
  if (other !== undefined) {
    input.destroy();
    throw new OtherCompression(other[0]);
  }
  const whole = withHead(head, parts);
  if (!start.startsWith("\x1f\x8b")) return yield* whole;
  // The reader of the result gets the error, too.
  yield* pipeline(whole, createGunzip({ chunkSize: partBytes }), () => undefined) as AsyncIterable<Buffer>;
}

/** Reads until the first bytes are there: a pipe may give them one by one. */
async function headOf(parts: AsyncIterator<Buffer>): Promise<Buffer> {
  let head = Buffer.alloc(0);
  for (let next = await parts.next(); next.done !== true; next = await parts.next()) {
    head = Buffer.concat([head, next.value]);
    if (head.length >= 10) break;
  }
  return head;
}

async function* withHead(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield head;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}
