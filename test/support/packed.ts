import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./tool-repository.ts";

/** The environment of whoever runs the tests, without credentials and npm's own settings. */
export const cleanEnvironment: Readonly<Record<string, string | undefined>> = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_|OSS_|ALIBABA_|CI$|FORCE_COLOR)/i.test(name)),
);

let tarball: string | undefined;

/** Packs what `npm publish` would send, from the dist/ that was built. Returns the path, the same for all tests of a process. */
export function packedTool(): string {
  tarball ??= pack();
  return tarball;
}

function pack(): string {
  const folder = mkdtempSync(join(tmpdir(), "oss-policy-packed-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  npm(root, "pack", "--ignore-scripts", "--pack-destination", folder);
  const [name = ""] = readdirSync(folder);
  return join(folder, name);
}

/** Installs the packed tool in a folder, as a user does it, with an empty cache and without a registry. */
export function installTool(folder: string, ...words: readonly string[]): void {
  npm(folder, "install", "--offline", "--no-audit", "--no-fund", ...words, packedTool());
}

function npm(folder: string, ...words: readonly string[]): void {
  const cache = mkdtempSync(join(tmpdir(), "oss-policy-npm-"));
  const env = { ...cleanEnvironment, npm_config_cache: cache };
  const { status, stdout, stderr } = spawnSync("npm", words, { cwd: folder, env, encoding: "utf8" });
  rmSync(cache, { recursive: true, force: true });
  if (status !== 0) throw new Error(`npm ${words.join(" ")}\n${stdout}${stderr}`);
}
