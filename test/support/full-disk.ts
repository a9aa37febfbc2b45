import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import type { CliResult } from "./run-cli.ts";

/** Runs the program where no file can have more than 1,024 bytes: beyond them a write fails half-way, as on a full disk. */
export async function onFullDisk(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CliResult> {
  const script = `ulimit -f 1; exec "$0" dist/cli.js "$@"`;
  const child = spawn("bash", ["-c", script, process.execPath, ...words], {
    env: { ...env, PATH: process.env["PATH"] },
  });
  const ended = new Promise<number>((resolve) => child.on("close", (code) => resolve(code ?? -1)));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr };
}
