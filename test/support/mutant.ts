import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type BuildOptions } from "esbuild";
import { expect, onTestFinished } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** One text of one file of `src/` that is replaced. */
export interface Mutation {
  /** Below `src/`. */
  readonly file: string;
  /** A text that occurs once in the file. */
  readonly from: string;
  readonly to: string;
}

/** The options of esbuild for a bundle of the product that Node runs. */
export const bundleOptions: BuildOptions = {
  bundle: true,
  format: "esm",
  platform: "node",
  external: ["ali-oss"],
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
  logLevel: "silent",
};

/** Returns the text of the file with the mutation in it. */
export function textWith({ file, from, to }: Mutation): string {
  const text = readFileSync(join(root, "src", file), "utf8");
  expect(text.split(from).length - 1, `occurrences in src/${file} of the text to replace`).toBe(1);
  return text.replace(from, () => to);
}

/** Bundles a file of a copy of the product in which one text is replaced, and gives the path of the bundle. */
export async function mutant(mutation: Mutation, entry: string, entryText?: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "oss-policy-mutant-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  for (const part of ["src", "test/simulation", "test/support", "package.json"])
    cpSync(join(root, part), join(folder, part), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "src", mutation.file), textWith(mutation));
  if (entryText !== undefined) writeFileSync(join(folder, entry), entryText);
  const outfile = join(folder, "bundle.mjs");
  await build({
    entryPoints: [join(folder, entry)],
    outfile,
    ...bundleOptions,
  });
  return outfile;
}
