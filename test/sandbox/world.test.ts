import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startSandbox } from "../../src/sandbox/server.ts";
import { element, elements, seedOf, signedCall } from "../support/sandbox.ts";

let stateDir: string;
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), "oss-sandbox-"));
});
afterEach(() => {
  rmSync(stateDir, { recursive: true });
});

test("the folder survives a restart, and the seed does not undo what happened since", async () => {
  const text = '{ "Version":"1",\r\n "Statement":[], "é": "\\u0000" }\n';
  const seed = seedOf("app", "web");
  const first = await startSandbox({ seed, stateDir });
  await signedCall(first.port, { bucket: "app", method: "PUT", query: [["policy", ""]], body: text });
  await signedCall(first.port, { bucket: "extra", method: "PUT", region: "cn-beijing" });
  await signedCall(first.port, { bucket: "web", method: "DELETE" });
  await first.close();

  const second = await startSandbox({ seed: seedOf("app"), stateDir });
  expect(second.policyOf("app")).toBe(text);
  expect(elements(await signedCall(second.port, {}), "Region")).toEqual(["cn-hangzhou", "cn-beijing"]);
  await second.close();
  expect(readdirSync(stateDir).filter((name) => name.endsWith(".json"))).toEqual(["app.json", "extra.json"]);
});

test("a half-written file of a killed run is no state", async () => {
  writeFileSync(join(stateDir, "app.json.tmp"), '{"name":');
  const sandbox = await startSandbox({ stateDir });
  expect(elements(await signedCall(sandbox.port, {}), "Name")).toEqual([]);
  await sandbox.close();
});

test.each([
  ["no JSON", "{"],
  ["another form", '{"name":"app"}'],
  ["another bucket", '{"name":"web","region":"cn-hangzhou","createdAt":"2026-01-02T03:04:05.000Z"}'],
])("a state file with %s stops the start and is named", async (_name, text) => {
  writeFileSync(join(stateDir, "app.json"), text);
  await expect(startSandbox({ stateDir })).rejects.toThrow(/`[^`]*app\.json` does not contain bucket `app`/);
});

test("a port that is taken rejects", async () => {
  const sandbox = await startSandbox();
  await expect(startSandbox({ port: sandbox.port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  await sandbox.close();
});

test("a folder that cannot be written is OSS's internal error, and the old state stays", async () => {
  const sandbox = await startSandbox({ seed: seedOf("app"), stateDir: join(stateDir, "inner") });
  rmSync(join(stateDir, "inner"), { recursive: true });
  const answer = await signedCall(sandbox.port, {
    bucket: "app",
    method: "PUT",
    query: [["policy", ""]],
    body: '{"Version":"1","Statement":[]}',
  });
  expect(answer.status).toBe(500);
  expect(sandbox.policyOf("app")).toBeUndefined();
  await sandbox.close();
});

test("a policy cannot be set on a bucket that is not there", async () => {
  const sandbox = await startSandbox();
  expect(() => {
    sandbox.setPolicy("gone", "x");
  }).toThrow("`gone`");
  await sandbox.close();
});

// A policy that is set anew would open a bucket that Block Public Access keeps closed.
test.each([undefined, '{"Version":"1","Statement":[]}'])(
  "a policy that is set or deleted from outside leaves the rest of its bucket: %s",
  async (text) => {
    const bucket = { name: "app", region: "cn-hangzhou", policy: "old" };
    const seed = {
      ...seedOf(),
      buckets: [{ ...bucket, acl: "public-read", blockPublicAccess: true } as const],
    };
    const sandbox = await startSandbox({ seed });
    const info = { bucket: "app", query: [["bucketInfo", ""]] } as const;
    const before = await signedCall(sandbox.port, info);
    sandbox.setPolicy("app", text);
    expect(sandbox.policyOf("app")).toBe(text);
    const after = await signedCall(sandbox.port, info);
    expect([element(after, "Grant"), element(after, "BlockPublicAccess")]).toEqual(["public-read", "true"]);
    expect(after.text).toBe(before.text);
    await sandbox.close();
  },
);
