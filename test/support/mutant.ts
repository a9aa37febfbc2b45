import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, onTestFinished } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** One text of one file of `src/` that is replaced. */
export interface Mutation {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** Bundles a file of a copy of the product in which one text is replaced, and gives the path of the bundle. */
export async function mutant(
  { file, from, to }: Mutation,
  entry: string,
  entryText?: string,
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "oss-policy-mutant-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  for (const part of ["src", "test/simulation", "test/support", "package.json"])
    cpSync(join(root, part), join(folder, part), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  const path = join(folder, "src", file);
  const text = readFileSync(path, "utf8");
  expect(text.split(from).length, "the text to replace stands there once").toBe(2);
  writeFileSync(path, text.replace(from, to));
  if (entryText !== undefined) writeFileSync(join(folder, entry), entryText);
  const outfile = join(folder, "bundle.mjs");
  await build({
    entryPoints: [join(folder, entry)],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    external: ["ali-oss"],
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: "silent",
  });
  return outfile;
}
