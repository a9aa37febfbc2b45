import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../support/tool-repository.ts";

const read = (name: string) => JSON.parse(readFileSync(join(root, name), "utf8")) as Record<string, object>;

test("packages are bundled, so a user installs none: they belong to devDependencies", () => {
  const manifest = read("package.json");
  for (const kind of ["dependencies", "optionalDependencies", "peerDependencies", "bundleDependencies"])
    expect(manifest, kind).not.toHaveProperty(kind);
});

test("nothing runs when the package is installed, and it may be published", () => {
  const { scripts = {}, ...manifest } = read("package.json");
  for (const name of ["preinstall", "install", "postinstall"]) expect(scripts).not.toHaveProperty(name);
  expect(manifest).not.toHaveProperty("private");
});

test("one package of the build has an install script, the bundler, and a build works without it", () => {
  const packages = Object.entries(read("package-lock.json")["packages"] ?? {}) as [string, object][];
  const having = packages.filter(([, one]) => "hasInstallScript" in one).map(([name]) => name);
  expect(having).toEqual(["node_modules/esbuild"]);
});
