import { appendFileSync, lstatSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { journalFolder, makeFolders } from "../../apply/journal.ts";
import { refusal, type Diagnostic } from "../../diagnostic.ts";
import { printable } from "../../report/printable.ts";
import { errorCode } from "../../system-error.ts";
import { isLink, leadsOut } from "./leads-out.ts";
import type { NewFile } from "./files.ts";

/** Result for one file. */
export type Written =
  | { readonly kind: "wrote" | "kept" | "added"; readonly line: string }
  | { readonly kind: "problem"; readonly problem: Diagnostic };

/** Writes a file where none of its name exists. */
export function writeNew({ path, text, hint }: NewFile): Written {
  const shown = printable(path);
  if (leadsOut(dirname(path))) return { kind: "problem", problem: ledOut(path) };
  try {
    makeFolders(dirname(path));
    writeFileSync(path, text, { flag: "wx" });
    return { kind: "wrote", line: shown };
  } catch (error) {
    if (errorCode(error) === "EEXIST" && isFile(path))
      return {
        kind: "kept",
        line: hint === undefined || isSame(path, text) ? shown : `${shown} (it differs: ${hint})`,
      };
    return { kind: "problem", problem: cannotWrite(path, error) };
  }
}

/** Keeps journals out of git: adds a line to .gitignore, and changes nothing else in it. */
export function ignoreJournals(): Written {
  const path = ".gitignore";
  const line = `${journalFolder}/`;
  if (isLink(path)) return { kind: "problem", problem: ledOut(path) };
  try {
    const before = existingText(path);
    if (before === undefined) {
      writeFileSync(path, `node_modules/\n${line}\n`, { flag: "wx" });
      return { kind: "wrote", line: path };
    }
    if (isIgnored(before)) return { kind: "kept", line: path };
    const end = before.includes("\r\n") ? "\r\n" : "\n";
    appendFileSync(path, `${before === "" || before.endsWith("\n") ? "" : end}${line}${end}`);
    return { kind: "added", line: `${line} to ${path}` };
  } catch (error) {
    return { kind: "problem", problem: cannotWrite(path, error) };
  }
}

function existingText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

function isIgnored(text: string): boolean {
  const name = journalFolder.replaceAll(".", "\\.");
  return new RegExp(`^/?${name}(?:/(?:\\*\\*?)?)?[ \\t]*\\r?$`, "m").test(text);
}

function isFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === false;
}

function isSame(path: string, text: string): boolean {
  try {
    return readFileSync(path, "utf8") === text;
  } catch {
    return false;
  }
}

function ledOut(path: string): Diagnostic {
  const message = `\`${path}\` is not written, since a link leads from it to another place`;
  return refusal("init", message, "replace the link by what it leads to, or run init where that is");
}

function cannotWrite(path: string, error: unknown): Diagnostic {
  const message = `\`${path}\` cannot be written (${errorCode(error)})`;
  return refusal("init", message, "run init in a folder that can be written");
}
