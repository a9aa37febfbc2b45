import { closeSync, openSync, readSync, statSync } from "node:fs";
import { errorCode } from "../system-error.ts";

/** Reads a regular file up to a size. Links are followed: Kubernetes replaces tokens by them. */
export function readSmallFile(
  path: string,
  maxBytes: number,
): { readonly text: string } | { readonly problem: string } {
  try {
    // Opening a pipe would wait for its writer.
    if (!statSync(path).isFile()) return { problem: "is not a regular file" };
    const file = openSync(path, "r");
    try {
      const buffer = Buffer.alloc(maxBytes + 1);
      const size = readUpTo(file, buffer);
      if (size > maxBytes) return { problem: `is larger than the limit of ${maxBytes} bytes` };
      return { text: buffer.toString("utf8", 0, size) };
    } finally {
      closeSync(file);
    }
  } catch (error) {
    return { problem: `cannot be read (${errorCode(error)})` };
  }
}

function readUpTo(file: number, buffer: Buffer): number {
  for (let size = 0; ;) {
    const count = readSync(file, buffer, size, buffer.length - size, null);
    size += count;
    if (count === 0 || size === buffer.length) return size;
  }
}
