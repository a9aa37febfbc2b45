import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { FaultRule } from "../../src/sandbox/faults/faults.ts";
import { contentOf, identities, observe, scratchSandbox, untouched } from "../support/conformance.ts";
import { writeTree } from "../support/run-cli.ts";

async function requestsOfARun(): Promise<number> {
  const sandbox = await scratchSandbox();
  await observe(sandbox);
  return sandbox.requests.length;
}

/** About so many numbers from 1 to a count, evenly, with each of the first and of the last ten. */
function spread(count: number, wanted: number): readonly number[] {
  const step = Math.max(1, Math.floor(count / wanted));
  return Array.from({ length: count }, (_, index) => index + 1).filter(
    (number) => number <= 10 || number > count - 10 || number % step === 0,
  );
}

const reset = (from: number, to: number, when: "before" | "after"): FaultRule => ({
  calls: { from, to },
  effect: { kind: "reset", when },
});

test("a connection that is reset once is no difference, whichever it is", { timeout: 300_000 }, async () => {
  const count = await requestsOfARun();
  const plain = await observe(await scratchSandbox());
  for (const number of spread(count, 10)) {
    const when = number % 2 === 0 ? "before" : "after";
    const sandbox = await scratchSandbox({ faults: [reset(number, number, when)] });
    const { code, json } = await observe(sandbox);
    expect([number, code, json().questions]).toEqual([number, 0, plain.json().questions]);
    expect([number, await contentOf(sandbox)]).toEqual([number, untouched]);
  }
});

// As a kill does, it leaves whatever there was at that moment, and the journal.
test("of a run that lost OSS for good, the next one undoes what it did", { timeout: 300_000 }, async () => {
  const count = await requestsOfARun();
  for (const number of spread(count, 12)) {
    const when = number % 2 === 0 ? "before" : "after";
    const sandbox = await scratchSandbox({ faults: [reset(number, 1_000_000, when)] });
    const lost = await observe(sandbox);
    expect([number, lost.code, lost.stderr + lost.stdout]).toEqual([
      number,
      1,
      expect.stringMatching(/no complete answer|cannot connect/),
    ]);
    sandbox.clearFaults();
    const { code, stdout, stderr } = await observe(sandbox, lost.folder);
    expect([number, code, stdout.slice(-200), stderr.slice(0, 300)]).toEqual([
      number,
      0,
      expect.anything(),
      expect.anything(),
    ]);
    expect([number, await contentOf(sandbox)]).toEqual([number, untouched]);
    expect(existsSync(join(lost.folder, "interpretations.yaml.journal"))).toBe(false);
  }
});

describe("stopping", () => {
  test("a run that is stopped ends early, leaves the bucket as it was, and writes no result", async () => {
    const sandbox = await scratchSandbox();
    let stop = () => {};
    const stopped = new Promise<void>((resolve) => (stop = resolve));
    const timer = setInterval(() => {
      if (sandbox.requests.length > 40) stop();
    }, 1);
    const { code, stdout, folder } = await observe(sandbox, undefined, { stopped });
    clearInterval(timer);
    expect([code, stdout]).toEqual([1, "Exit 1, error: stopped, and the bucket is as it was.\n"]);
    expect(sandbox.requests.length).toBeLessThan((await requestsOfARun()) / 2);
    expect(await contentOf(sandbox)).toEqual(untouched);
    expect(existsSync(join(folder, "interpretations.yaml"))).toBe(false);
    expect(existsSync(join(folder, "interpretations.yaml.journal"))).toBe(false);
  });
});

describe("what is not the run's own stays", () => {
  const left = `{"run":"a","bucket":"scratch","region":"cn-hangzhou","pid":1000000}\n`;
  const lock = { key: "oss-policy-conformance/lock", body: "a" };

  test("a policy that no run put", async () => {
    const policy = '{"Version":"1","Statement":[]}';
    const sandbox = await scratchSandbox({ bucket: { policy, objects: [lock] } });
    const folder = writeTree({ "identities.yaml": identities });
    writeFileSync(join(folder, "interpretations.yaml.journal"), left);
    const { code, stderr } = await observe(sandbox, folder);
    expect([code, stderr]).toEqual([1, expect.stringContaining("a policy that no run put")]);
    expect(sandbox.policyOf("scratch")).toBe(policy);
  });

  test("the lock of a later run, and its objects", async () => {
    const objects = [
      { ...lock, body: "b" },
      { key: "oss-policy-conformance/a/x", body: "1" },
    ];
    const sandbox = await scratchSandbox({ bucket: { objects } });
    const folder = writeTree({ "identities.yaml": identities });
    writeFileSync(join(folder, "interpretations.yaml.journal"), left);
    const { code, stderr } = await observe(sandbox, folder);
    expect([code, stderr]).toEqual([1, expect.stringContaining("another run has the bucket (b)")]);
    expect((await contentOf(sandbox)).keys).toEqual([
      "oss-policy-conformance/a/x",
      "oss-policy-conformance/lock",
    ]);
  });

  test("a run that goes on in another process", async () => {
    const sandbox = await scratchSandbox({ bucket: { objects: [lock] } });
    const folder = writeTree({ "identities.yaml": identities });
    writeFileSync(join(folder, "interpretations.yaml.journal"), left.replace("1000000", "1"));
    const { code, stderr } = await observe(sandbox, folder);
    expect([code, stderr]).toEqual([1, expect.stringContaining("a run is going on (process 1)")]);
    expect(sandbox.requests).toEqual([]);
  });

  test("Block Public Access that was on stays on", async () => {
    const sandbox = await scratchSandbox({ bucket: { blockPublicAccess: true } });
    const { code } = await observe(sandbox);
    expect([code, await contentOf(sandbox)]).toEqual([0, { ...untouched, block: "true" }]);
  });
});
