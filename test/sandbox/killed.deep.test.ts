import { spawn, type ChildProcess } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { startSandbox } from "../../src/sandbox/server.ts";
import { bucketCall, objectCall, putObject } from "../support/objects.ts";
import { elements } from "../support/sandbox.ts";
import { withFolder } from "../support/state.ts";

const rounds = 12;

interface Killed {
  readonly acknowledged: Map<string, string>;
  readonly deleted: Set<string>;
  /** Calls that got an answer. */
  answers: number;
}

// A sandbox that acknowledges before the disk has it, or cannot read what a kill left, fails in some round.
test(`a sandbox that is killed ${rounds} times while it writes loses nothing that it acknowledged`, () =>
  withFolder(async (folder) => {
    const known: Killed = { acknowledged: new Map(), deleted: new Set(), answers: 0 };
    for (let round = 0; round < rounds; round += 1) {
      const { child, port } = await serve(folder);
      if (round === 0) await bucketCall(port, [], { method: "PUT" });
      const writing = write(port, round, known);
      await wait(40 + 35 * round);
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await Promise.all([ended, writing]);
      await check(folder, known);
    }
    expect(known.answers).toBeGreaterThan(rounds);
  }));

/** Puts, replaces and deletes objects until a call gets no answer. */
async function write(port: number, round: number, known: Killed): Promise<void> {
  const { acknowledged, deleted } = known;
  const worker = async (number: number): Promise<void> => {
    for (let count = 0; count < 1_000; count += 1) {
      const key = `${number}/${count % 7}`;
      const body = `${round} ${count} ${"x".repeat(count % 3 === 0 ? 1_200_000 : 100)}`;
      // Until the answer is there, both the old and the new content are right.
      acknowledged.delete(key);
      deleted.delete(key);
      try {
        await (count % 5 === 4 ? objectCall(port, key, { method: "DELETE" }) : putObject(port, key, body));
      } catch {
        return;
      }
      known.answers += 1;
      if (count % 5 === 4) deleted.add(key);
      else acknowledged.set(key, body);
    }
  };
  await Promise.all([0, 1, 2, 3].map(worker));
}

/** Opens the folder in this process, and compares it with what was acknowledged. */
async function check(folder: string, { acknowledged, deleted }: Killed): Promise<void> {
  const sandbox = await startSandbox({ stateDir: folder });
  for (const [key, body] of acknowledged)
    expect((await objectCall(sandbox.port, key)).text === body, key).toBe(true);
  const keys = elements(await bucketCall(sandbox.port, [["max-keys", "1000"]]), "Key");
  expect(keys.filter((key) => deleted.has(key))).toEqual([]);
  // Each object is whole, and no body is left that no object has.
  for (const key of keys) {
    const { headers, body } = await objectCall(sandbox.port, key);
    expect(headers["content-length"]).toBe(String(body.length));
  }
  expect(readdirSync(join(folder, "bodies"))).toHaveLength(keys.length);
  await sandbox.close();
}

function serve(folder: string): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  const child = spawn(process.execPath, ["dist/cli.js", "sandbox", "--port", "0", "--state", folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`the sandbox ended with ${code}`)));
    child.stdout.on("data", (chunk: Buffer) => {
      const port = /127\.0\.0\.1:(\d+)/.exec(chunk.toString())?.[1];
      if (port !== undefined) resolve({ child, port: Number(port) });
    });
  });
}
