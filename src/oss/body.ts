import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { createUnzip } from "node:zlib";

/** Limit of an unpacked body, in bytes: OSS takes policies of 16 KB, and an error document is smaller. */
export const maxBodyBytes = 1 << 16;
/** Limit of a page of ListBuckets: 1,000 buckets have about 600 KB. */
export const maxListBytes = 8 << 20;

export interface BodyLimits {
  readonly maxBytes: number;
  /** Time limit from the head of the answer to its end. */
  readonly timeoutMs: number;
  /** Name of the server in messages; by default OSS. */
  readonly service?: string;
}

/** Error of an answer that this side stopped reading; the message is the reason. */
export class UnreadableBody extends Error {
  override readonly name = "UnreadableBody";
}

/**
 * Reads the body of an answer. Beyond the limit it cuts the connection, so that an endless answer takes no
 * more memory than a complete one. A packed body counts by its unpacked size.
 */
export async function readBody(response: IncomingMessage, limits: BodyLimits): Promise<Uint8Array> {
  // If reading has ended, nothing else listens, and an error would end the process.
  response.on("error", () => undefined);
  try {
    return await collect(unpacked(response, limits), limits);
  } finally {
    if (!response.complete) response.destroy();
  }
}

/** Collects with listeners: an async iterator costs more than the rest of a short answer. */
function collect(
  stream: Readable,
  { maxBytes, timeoutMs, service = "OSS" }: BodyLimits,
): Promise<Uint8Array> {
  let timer: NodeJS.Timeout | undefined;
  const collected = new Promise<Uint8Array>((resolve, reject) => {
    const giveUp = (reason: string) => {
      reject(new UnreadableBody(reason));
      // Without the error: a response hands it to its request by way of the socket.
      stream.destroy();
    };
    timer = setTimeout(giveUp, timeoutMs, `the answer of ${service} did not end in time`);
    const body = new GrowingBuffer();
    stream.on("data", (chunk: Buffer) => {
      if (body.size + chunk.length > maxBytes)
        giveUp(`the answer of ${service} is larger than the limit of ${sizeText(maxBytes)}`);
      else body.add(chunk);
    });
    stream.once("end", () => resolve(body.bytes()));
    stream.once("error", reject);
    stream.once("close", () => {
      if (!stream.readableEnded) reject(new Error("aborted"));
    });
  });
  return collected.finally(() => clearTimeout(timer));
}

const firstRoom = 4_096;

/** Bytes in one buffer. A list of chunks takes a hundred times the memory of an answer that comes byte by byte. */
class GrowingBuffer {
  size = 0;
  #room = Buffer.allocUnsafe(firstRoom);

  add(chunk: Buffer): void {
    const size = this.size + chunk.length;
    if (size > this.#room.length) {
      const room = Buffer.allocUnsafe(Math.max(size, 2 * this.#room.length));
      this.#room.copy(room, 0, 0, this.size);
      this.#room = room;
    }
    chunk.copy(this.#room, this.size);
    this.size = size;
  }

  bytes(): Uint8Array {
    return this.#room.subarray(0, this.size);
  }
}

function sizeText(bytes: number): string {
  return bytes < 1 << 20 ? `${bytes >> 10} KiB` : `${bytes >> 20} MiB`;
}

/** Returns the unpacked stream. No packing is requested, but a packed answer is unpacked. */
function unpacked(response: IncomingMessage, { service = "OSS" }: BodyLimits): Readable {
  const encoding = (response.headers["content-encoding"] ?? "identity").trim().toLowerCase();
  if (encoding === "identity" || encoding === "") return response;
  if (!/^(x-)?gzip$|^deflate$/.test(encoding))
    throw new UnreadableBody(
      `the answer of ${service} has the unknown encoding \`${encoding.slice(0, 20)}\``,
    );
  const unzip = createUnzip();
  response.on("error", (error) => unzip.destroy(error));
  return response.pipe(unzip);
}
