import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { Sandbox } from "../../src/sandbox/server.ts";
import {
  contentOf,
  identities,
  identityEnv,
  observe,
  scratchSandbox,
  untouched,
  wordsFor,
} from "../support/conformance.ts";
import { writeTree } from "../support/run-cli.ts";

const program = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));

function started(sandbox: Sandbox, folder: string): ChildProcess {
  const env = { PATH: process.env["PATH"] ?? "", ...identityEnv };
  return spawn(process.execPath, [program, "conformance", ...wordsFor(sandbox, folder)], {
    env,
    stdio: "pipe",
  });
}

/** Waits until the sandbox has answered so many requests, and the next one waits. */
async function heldAfter(sandbox: Sandbox, count: number): Promise<void> {
  for (let turn = 0; turn < 5_000 && sandbox.requests.length < count; turn += 1) await wait(2);
  expect(sandbox.requests.length).toBe(count);
  await wait(15);
}

/** Sandbox in which the request of a number is held for longer than the test takes. */
const holding = (number: number) =>
  scratchSandbox({
    faults: [{ calls: { from: number, to: number }, effect: { kind: "delay", delayMs: 600_000 } }],
  });

async function requestsOfARun(): Promise<number> {
  const sandbox = await scratchSandbox();
  await observe(sandbox);
  // The wait for a policy that the sandbox never has in force is not worth a kill at each of its requests.
  return sandbox.requests.length;
}

const folderOf = () => writeTree({ "identities.yaml": identities });

/** Each of the first and the last steps, and some of those between. */
function steps(count: number): readonly number[] {
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  return numbers.filter((number) => number <= 30 || number > count - 12 || number % 12 === 0);
}

test(
  "a run that is killed between any two requests is cleaned up by the next",
  { timeout: 900_000 },
  async () => {
    for (const number of steps(await requestsOfARun())) {
      const sandbox = await holding(number);
      const folder = folderOf();
      const child = started(sandbox, folder);
      await heldAfter(sandbox, number - 1);
      child.kill("SIGKILL");
      await once(child, "exit");
      sandbox.clearFaults();
      const { code, stdout } = await observe(sandbox, folder);
      expect([number, code], stdout).toEqual([number, 0]);
      expect([number, await contentOf(sandbox)]).toEqual([number, untouched]);
      expect(existsSync(join(folder, "interpretations.yaml.journal"))).toBe(false);
      await sandbox.close();
    }
  },
);

test.each(["SIGINT", "SIGTERM"] as const)("%s leaves the bucket as it was", async (signal) => {
  const sandbox = await scratchSandbox({
    faults: [{ calls: { from: 60, to: 60 }, effect: { kind: "delay", delayMs: 500 } }],
  });
  const folder = folderOf();
  const child = started(sandbox, folder);
  await heldAfter(sandbox, 59);
  child.kill(signal);
  const [code] = (await once(child, "exit")) as [number | null];
  expect(code).toBe(1);
  expect(await contentOf(sandbox)).toEqual(untouched);
  expect(existsSync(join(folder, "interpretations.yaml.journal"))).toBe(false);
  expect(existsSync(join(folder, "interpretations.yaml"))).toBe(false);
});
