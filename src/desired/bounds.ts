/** How much of a tree is read, in the working tree as in a revision: far above what policies need. */
export const bounds = {
  /** A policy has 16 KB at most. */
  fileBytes: 4_000_000,
  files: 20_000,
  totalBytes: 256_000_000,
  /** Folders below one another. */
  depth: 64,
};

/** The text of bytes; undefined where they are not UTF-8. */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
