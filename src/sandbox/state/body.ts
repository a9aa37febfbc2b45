import { createHash } from "node:crypto";
import { combineCrc64, startCrc64 } from "./crc64.ts";

/** Bytes of an object or a part. They never change: an append makes another body that shares the segments. */
export interface Body {
  readonly size: number;
  /** CRC-64 in decimal (OSS docs: x-oss-hash-crc64ecma). */
  readonly crc64: string;
  readonly segments: readonly Segment[];
}

/** Part of a body: a whole file in the folder of bodies, or bytes in memory. */
export type Segment = FileSegment | MemorySegment;

export interface FileSegment {
  readonly file: string;
  readonly size: number;
}

interface MemorySegment {
  readonly bytes: Buffer;
}

/** Body that has just arrived, with the MD5 of all its bytes in upper-case hex, which is its ETag. */
export interface ReceivedBody extends Body {
  readonly md5: string;
}

/** Range of a body; both ends are included and are inside of the body. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** Returns the body without the digest of its arrival, as records keep it. */
export function stored({ size, crc64, segments }: ReceivedBody): Body {
  return { size, crc64, segments };
}

export const emptyBody: Body = { size: 0, crc64: "0", segments: [] };

/** Returns a body of the bytes of two; they share the segments. */
export function followedBy(first: Body, second: Body): Body {
  const crc64 = combineCrc64(BigInt(first.crc64), BigInt(second.crc64), second.size);
  return {
    size: first.size + second.size,
    crc64: String(crc64),
    segments: [...first.segments, ...second.segments],
  };
}

/** Computes size, MD5 and CRC-64 of bytes as they pass. */
export function startDigest(): {
  update(bytes: Uint8Array): void;
  readonly size: number;
  /** Returns the body of the bytes so far, which are stored in these segments. Once only. */
  body(segments: readonly Segment[]): ReceivedBody;
} {
  const md5 = createHash("md5");
  const crc64 = startCrc64();
  let size = 0;
  return {
    update: (bytes) => {
      md5.update(bytes);
      crc64.update(bytes);
      size += bytes.byteLength;
    },
    get size() {
      return size;
    },
    body: (segments) => ({
      size,
      segments,
      crc64: String(crc64.value()),
      md5: md5.digest("hex").toUpperCase(),
    }),
  };
}
