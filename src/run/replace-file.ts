import {
  chmodSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { decodeText } from "../desired/bounds.ts";
import { refusal, type Diagnostic } from "../diagnostic.ts";
import { errorCode } from "../system-error.ts";

/**
 * Replaces the text of a file, if it still is what was read. The new text is written beside the file and renamed, so
 * that a killed process leaves no half file. A link keeps leading there; the mode and a byte order mark stay.
 */
export function replaceFile(path: string, before: string, after: string): Diagnostic | undefined {
  try {
    const file = realpathSync(path);
    const bytes = readFileSync(file);
    if (decodeText(bytes) !== before)
      return refusal("file", `\`${path}\` changed meanwhile, and was not written`, "run it again");
    writeBeside(file, hasMark(bytes) ? `\ufeff${after}` : after);
    return undefined;
  } catch (error) {
    return refusal(
      "file",
      `\`${path}\` cannot be written (${errorCode(error)})`,
      "make the file and its folder writable",
    );
  }
}

/** A folder of its own lets no two runs write the same temporary file. */
function writeBeside(file: string, text: string): void {
  const folder = mkdtempSync(join(dirname(file), ".oss-policy-"));
  try {
    const temporary = join(folder, basename(file));
    writeFileSync(temporary, text, { flush: true });
    // The mode of a new file is masked.
    chmodSync(temporary, statSync(file).mode);
    renameSync(temporary, file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function hasMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}
