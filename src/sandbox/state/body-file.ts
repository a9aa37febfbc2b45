import { randomBytes } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { FileSegment } from "./body.ts";
import { flushFolder } from "./durable.ts";

/** File of a body that is being written. */
export interface BodyFile {
  write(chunks: readonly Uint8Array[]): Promise<void>;
  /** Closes the file, once it is on disk if it has to survive. */
  keep(): Promise<FileSegment>;
  /** Closes and deletes the file. */
  discard(): Promise<void>;
}

/** Creates a file with a new name in a folder. If it is durable, a power cut does not lose what was kept. */
export async function createBodyFile(folder: string, isDurable: boolean): Promise<BodyFile> {
  const file = newName();
  const path = join(folder, file);
  const handle = await open(path, "wx");
  let size = 0;
  return {
    write: async (chunks) => {
      size += await writeAll(handle, chunks);
    },
    keep: async () => {
      if (isDurable) await handle.sync();
      await handle.close();
      if (isDurable) flushFolder(folder);
      return { file, size };
    },
    discard: async () => {
      await handle.close();
      rmSync(path, { force: true });
    },
  };
}

/** Writes a small body at once, as `createBodyFile` does. */
export function writeBodyFile(folder: string, bytes: Uint8Array, isDurable: boolean): FileSegment {
  const file = newName();
  writeFileSync(join(folder, file), bytes, { flag: "wx", flush: isDurable });
  if (isDurable) flushFolder(folder);
  return { file, size: bytes.byteLength };
}

async function writeAll(handle: FileHandle, chunks: readonly Uint8Array[]): Promise<number> {
  const bytes = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
  for (let at = 0; at < bytes.byteLength;) {
    const { bytesWritten } = await handle.write(bytes, at);
    at += bytesWritten;
  }
  return bytes.byteLength;
}

function newName(): string {
  return randomBytes(16).toString("hex");
}
