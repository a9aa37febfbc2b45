import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterAll, describe, expect, test } from "vitest";
import { bundleOptions, textWith, type Mutation } from "../support/mutant.ts";
import type * as Product from "./product.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Build {
  readonly product: typeof Product;
  /** The bundle, for a process of its own. */
  readonly file: string;
}

/** A behaviour that a wrong guard changes. */
export interface Probe {
  /** An observation of the product as it is. */
  readonly right: unknown;
  readonly observe: (build: Build) => unknown;
}

export interface Mutant<Name extends string> extends Mutation {
  readonly name: string;
  /** The probe that must see it. */
  readonly probe: Name;
}

/** Declares the tests: each probe holds for the product as it is, and each mutant is seen by its probe. */
export function killed<Name extends string>(
  probes: Readonly<Record<Name, Probe>>,
  mutants: readonly Mutant<Name>[],
): void {
  const folder = mkdtempSync(join(tmpdir(), "oss-policy-mutants-"));
  // Below a folder of this name a module is loaded as it is, and not transformed by the runner of the tests.
  const modules = join(folder, "node_modules");
  mkdirSync(modules);
  symlinkSync(join(root, "node_modules/ali-oss"), join(modules, "ali-oss"));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const names = [...new Set(mutants.map(({ probe }) => probe))];
  test("every probe has a mutant", () => {
    expect(names.sort()).toEqual(Object.keys(probes).sort());
  });
  const original = bundled(join(modules, "original.mjs"));
  describe("the product as it is", () => {
    test.each(names)("%s", async (name) => {
      const { right, observe } = probes[name];
      expect(await observe(await original)).toEqual(right);
    });
  });
  describe("a mutant is seen", () => {
    test.each(mutants.map((mutant, index) => ({ ...mutant, index })))("$name", async (mutant) => {
      const { right, observe } = probes[mutant.probe];
      const changed = await bundled(join(modules, `mutant-${mutant.index}.mjs`), mutant);
      // An observation that throws fails: a crash is no guard.
      expect(await observe(changed)).not.toEqual(right);
    });
  });
}

async function bundled(outfile: string, change?: Mutation): Promise<Build> {
  const text = change === undefined ? "" : textWith(change);
  const result = await build({
    entryPoints: [join(root, "test/mutants/product.ts")],
    outfile,
    ...bundleOptions,
    plugins: [
      {
        name: "mutation",
        setup: ({ onLoad }) => {
          onLoad({ filter: /\.ts$/ }, ({ path }) =>
            change !== undefined && path === join(root, "src", change.file)
              ? { contents: text, loader: "ts" }
              : undefined,
          );
        },
      },
    ],
  });
  expect(result.errors).toEqual([]);
  return { product: (await import(pathToFileURL(outfile).href)) as typeof Product, file: outfile };
}
