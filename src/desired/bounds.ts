/** Limits for reading a tree, from disk or from a revision; far above what policies need. */
export const bounds = {
  /** A policy has 16 KB at most. */
  fileBytes: 4_000_000,
  files: 20_000,
  totalBytes: 256_000_000,
  /** Maximum depth of folders. */
  depth: 64,
};

/** Decodes UTF-8; undefined if the bytes are not UTF-8. */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
