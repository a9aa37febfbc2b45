import { createReadStream, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import {
  startDigest,
  type Body,
  type ByteRange,
  type FileSegment,
  type ReceivedBody,
  type Segment,
} from "./body.ts";
import { createBodyFile, writeBodyFile, type BodyFile } from "./body-file.ts";

/** Largest body of one request (OSS docs: PutObject, AppendObject, UploadPart). */
export const maxBodyBytes = 5 * 1024 ** 3;

/** Limit of a body in memory, and of the bytes that wait before they are written to a file. */
const bufferedBytes = 1024 ** 2;

/** Limit of all bodies in memory; beyond it small bodies are files, too. */
const memoryBytes = 256 * 1024 ** 2;

/**
 * Bodies of objects and parts, counted by holder. A file is deleted when its last holder drops it, so a reader keeps
 * the version that it opened while others replace it.
 */
export interface Bodies {
  /**
   * Stores the bytes of a source. The caller holds the body, and drops it once a record holds it. Ends with
   * `too-large` as soon as there are more than `maxBytes`, and reads no further. Rejects if the source does, or the
   * disk is full; nothing stays then.
   */
  receive(source: AsyncIterable<Uint8Array>, maxBytes?: number): Promise<ReceivedBody | "too-large">;
  /** As `receive`, for bytes that are in memory. */
  store(bytes: Uint8Array): ReceivedBody;
  /** Streams a body or a range of it. The stream must be read to its end or destroyed: it holds the body until then. */
  stream(body: Body, range?: ByteRange): Readable;
  hold(body: Body): void;
  drop(body: Body): void;
  /** Deletes the files in the folder that no body has: what a killed run left half-written. */
  sweep(): void;
  /** Deletes the temporary folder, if there is one. */
  close(): void;
}

/** Opens the bodies in a folder that exists. Without one, small bodies are in memory, others in a temporary folder. */
export function openBodies(folder: string | undefined): Bodies {
  const memory = openMemory();
  const isDurable = folder !== undefined;
  let temporary: string | undefined;
  const place = (): string => folder ?? (temporary ??= mkdtempSync(join(tmpdir(), "oss-policy-sandbox-")));
  const holders = openHolders((segment) => {
    if (isFile(segment)) rmSync(join(place(), segment.file), { force: true });
    else memory.release(segment.bytes.byteLength);
  });
  const fitsMemory = (size: number): boolean => !isDurable && memory.fits(size);
  const held = (body: ReceivedBody): ReceivedBody => {
    holders.hold(body);
    return body;
  };
  const storeSegment = (chunks: readonly Uint8Array[], size: number): Segment => {
    const bytes = Buffer.concat(chunks);
    if (!fitsMemory(size)) return writeBodyFile(place(), bytes, isDurable);
    memory.take(size);
    return { bytes };
  };
  const stream = (body: Body, range?: ByteRange): Readable => {
    holders.hold(body);
    const readable = Readable.from(
      read(body, range, (segment) => join(place(), segment.file)),
      {
        objectMode: false,
      },
    );
    return readable.once("close", () => {
      holders.drop(body);
    });
  };
  return {
    receive: async (source, maxBytes = maxBodyBytes) => {
      const received = await receive(source, maxBytes, {
        storeSegment,
        createFile: () => createBodyFile(place(), isDurable),
      });
      return received === "too-large" ? received : held(received);
    },
    store: (bytes) => {
      const digest = startDigest();
      digest.update(bytes);
      return held(digest.body(bytes.byteLength === 0 ? [] : [storeSegment([bytes], bytes.byteLength)]));
    },
    stream,
    hold: holders.hold,
    drop: holders.drop,
    sweep: () => {
      if (folder === undefined) return;
      for (const file of readdirSync(folder))
        if (!holders.has(file)) rmSync(join(folder, file), { recursive: true, force: true });
    },
    close: () => {
      if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
    },
  };
}

/** Returns the bytes of a body that is in memory; undefined if it has to be streamed. */
export function bytesInMemory({ segments }: Body): Buffer | undefined {
  const [segment, ...others] = segments;
  if (segment === undefined) return Buffer.alloc(0);
  return isFile(segment) || others.length > 0 ? undefined : segment.bytes;
}

interface Sinks {
  storeSegment(chunks: readonly Uint8Array[], size: number): Segment;
  createFile(): Promise<BodyFile>;
}

async function receive(
  source: AsyncIterable<Uint8Array>,
  maxBytes: number,
  { storeSegment, createFile }: Sinks,
): Promise<ReceivedBody | "too-large"> {
  const digest = startDigest();
  let file: BodyFile | undefined;
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  const flush = async (): Promise<void> => {
    file ??= await createFile();
    await file.write(waiting);
    [waiting, waitingBytes] = [[], 0];
  };
  let isKept = false;
  try {
    for await (const chunk of source) {
      if (digest.size + chunk.byteLength > maxBytes) return "too-large";
      digest.update(chunk);
      waiting.push(chunk);
      waitingBytes += chunk.byteLength;
      if (waitingBytes > bufferedBytes) await flush();
    }
    if (file !== undefined && waitingBytes > 0) await flush();
    isKept = true;
  } finally {
    if (!isKept) await file?.discard();
  }
  if (file !== undefined) return digest.body([await file.keep()]);
  return digest.body(waitingBytes === 0 ? [] : [storeSegment(waiting, waitingBytes)]);
}

/** Reads the segments in order, and skips those outside of the range. */
async function* read(
  { size, segments }: Body,
  { first, last }: ByteRange = { first: 0, last: size - 1 },
  pathOf: (segment: FileSegment) => string,
): AsyncGenerator<Uint8Array> {
  let offset = 0;
  for (const segment of segments) {
    const length = sizeOf(segment);
    const [start, end] = [Math.max(first - offset, 0), Math.min(last - offset, length - 1)];
    offset += length;
    if (start > end) continue;
    if (!isFile(segment)) yield segment.bytes.subarray(start, end + 1);
    else
      yield* createReadStream(pathOf(segment), {
        start,
        end,
        highWaterMark: 256 * 1024,
      }) as AsyncIterable<Buffer>;
  }
}

function sizeOf(segment: Segment): number {
  return isFile(segment) ? segment.size : segment.bytes.byteLength;
}

function isFile(segment: Segment): segment is FileSegment {
  return "file" in segment;
}

/** Counts holders of segments: files by their name, since records of a restart share no values. */
function openHolders(onLast: (segment: Segment) => void): Pick<Bodies, "hold" | "drop"> & {
  has(file: string): boolean;
} {
  const counts = new Map<string | Segment, number>();
  const keyOf = (segment: Segment): string | Segment => (isFile(segment) ? segment.file : segment);
  return {
    has: (file) => counts.has(file),
    hold: ({ segments }) => {
      for (const key of segments.map(keyOf)) counts.set(key, (counts.get(key) ?? 0) + 1);
    },
    drop: ({ segments }) => {
      for (const segment of segments) {
        const key = keyOf(segment);
        const left = (counts.get(key) ?? 0) - 1;
        if (left > 0) counts.set(key, left);
        else if (counts.delete(key)) onLast(segment);
      }
    },
  };
}

function openMemory(): {
  fits(size: number): boolean;
  take(size: number): void;
  release(size: number): void;
} {
  let taken = 0;
  return {
    fits: (size) => size <= bufferedBytes && taken + size <= memoryBytes,
    take: (size) => {
      taken += size;
    },
    release: (size) => {
      taken -= size;
    },
  };
}
