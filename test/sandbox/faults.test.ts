import { connect } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openFaults, type FaultEffect } from "../../src/sandbox/faults/faults.ts";
import { startSandbox, type Sandbox } from "../../src/sandbox/server.ts";
import {
  element,
  rawCall,
  seedOf,
  signed,
  signedCall,
  type RawAnswer,
  type SignedCall,
} from "../support/sandbox.ts";

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox({ seed: seedOf("app", "app-logs", "web") });
});
afterEach(() => sandbox.close());

const call = (change: SignedCall): Promise<RawAnswer> => signedCall(sandbox.port, change);
const policy: SignedCall = { bucket: "app", query: [["policy", ""]] };
const body = '{"Version":"1","Statement":[]}';
const put: SignedCall = { ...policy, method: "PUT", body };
const slow: FaultEffect = { kind: "status", status: 503, code: "SlowDown" };

test("a status stands in place of the operation, with code, message, EC and headers", async () => {
  sandbox.addFault({
    effect: { ...slow, message: "a & b", ec: "0026-00000028", headers: { "Retry-After": "1" } },
  });
  const answer = await call(put);
  expect([answer.status, element(answer, "Code"), element(answer, "Message")]).toEqual([
    503,
    "SlowDown",
    "a &amp; b",
  ]);
  expect(answer.headers).toMatchObject({ "x-oss-ec": "0026-00000028", "retry-after": "1" });
  expect(sandbox.policyOf("app")).toBeUndefined();
  expect(sandbox.requests[0]?.status).toBe(503);
});

test("a body of its own replaces the XML, also an empty one", async () => {
  sandbox.addFault({ effect: { ...slow, body: "" }, calls: { from: 1, to: 1 } });
  sandbox.addFault({ effect: { ...slow, status: 200, body: "not xml" }, calls: { from: 2, to: 2 } });
  expect([await call(policy), await call(policy)].map(({ status, text }) => [status, text])).toEqual([
    [503, ""],
    [200, "not xml"],
  ]);
});

test("a status fault answers before the signature is looked at", async () => {
  sandbox.addFault({ effect: slow });
  expect((await rawCall(sandbox.port, {})).status).toBe(503);
});

test("a rule counts only the calls that it matches", async () => {
  sandbox.addFault({ bucket: "app*", operation: "GetBucketPolicy", calls: { from: 2, to: 3 }, effect: slow });
  const statuses: number[] = [];
  const buckets = ["app", "web", "app-logs", "app", "app"];
  for (const bucket of buckets) {
    await call({ bucket, query: [["location", ""]] });
    statuses.push((await call({ ...policy, bucket })).status);
  }
  expect(statuses).toEqual([404, 404, 503, 503, 404]);
});

test.each([
  ["app", "app", true],
  ["app", "app2", false],
  ["a?p", "app", true],
  ["*-logs", "app-logs", true],
  ["a.p", "app", false],
  ["*", undefined, false],
])("glob %s on bucket %s: %s", (glob, bucket, matches) => {
  const faults = openFaults([{ bucket: glob, effect: slow }]);
  expect(faults.next({ operation: "GetBucketPolicy", bucket, past: [] }).effect === slow).toBe(matches);
});

test("delays add up to the first rule that does more; later rules count, but have no effect", () => {
  const faults = openFaults([
    { effect: { kind: "delay", delayMs: 5 } },
    { effect: { kind: "delay", delayMs: 7 } },
    { effect: slow, calls: { from: 1, to: 1 } },
    { effect: { kind: "delay", delayMs: 100 }, calls: { from: 1, to: 1 } },
  ]);
  const listing = { operation: "ListBuckets", bucket: undefined, past: [] } as const;
  expect(faults.next(listing)).toEqual({ delayMs: 12, stale: undefined, effect: slow });
  expect(faults.next(listing)).toEqual({ delayMs: 12, stale: undefined, effect: undefined });
});

test("a delayed call is answered after the delay, and others meanwhile", async () => {
  sandbox.addFault({ operation: "PutBucketPolicy", effect: { kind: "delay", delayMs: 200 } });
  const started = performance.now();
  const delayed = call(put);
  await call(policy);
  expect(sandbox.requests.map(({ operation }) => operation)).toEqual(["GetBucketPolicy"]);
  expect((await delayed).status).toBe(200);
  expect(performance.now() - started).toBeGreaterThan(190);
});

test("a reset before leaves the old state, a reset after the new one; neither gives an answer", async () => {
  sandbox.addFault({ calls: { from: 1, to: 1 }, effect: { kind: "reset", when: "before" } });
  sandbox.addFault({ calls: { from: 2, to: 2 }, effect: { kind: "reset", when: "after" } });
  await expect(call(put)).rejects.toMatchObject({ code: "ECONNRESET" });
  expect(sandbox.policyOf("app")).toBeUndefined();
  await expect(call(put)).rejects.toMatchObject({ code: "ECONNRESET" });
  expect(sandbox.policyOf("app")).toBe(body);
  expect(sandbox.requests.map(({ status }) => status)).toEqual(["reset", "reset"]);
});

test("a reset after the operation does not get past the signature", async () => {
  sandbox.addFault({ effect: { kind: "reset", when: "after" } });
  await expect(call({ ...put, signer: { id: "sandbox", secret: "other" } })).rejects.toThrow();
  expect(sandbox.policyOf("app")).toBeUndefined();
});

test.each([0, 10])("a truncated answer announces its whole length and sends %s bytes", async (bytes) => {
  sandbox.setPolicy("app", body);
  sandbox.addFault({ effect: { kind: "truncate", bytes } });
  await expect(call(policy)).rejects.toMatchObject({ code: "ECONNRESET" });
  const text = await rawText(policy);
  expect(text).toContain(`Content-Length: ${body.length}`);
  expect(text.split("\r\n\r\n")[1]).toBe(body.slice(0, bytes));
});

test("an answer without a body is whole even where it is truncated", async () => {
  sandbox.addFault({ effect: { kind: "truncate", bytes: 3 } });
  expect((await call({ ...policy, method: "DELETE" })).status).toBe(204);
});

test("cleared faults are gone", async () => {
  sandbox.addFault({ effect: slow });
  sandbox.clearFaults();
  expect((await call(put)).status).toBe(200);
});

test("closing cuts calls that wait, and they take no effect", async () => {
  sandbox.addFault({ effect: { kind: "delay", delayMs: 20_000 } });
  const waiting = call(put);
  const failed = expect(waiting).rejects.toThrow();
  await new Promise((resolve) => setTimeout(resolve, 50));
  await sandbox.close();
  await failed;
  expect(sandbox.policyOf("app")).toBeUndefined();
});

/** All that comes over the connection until the server closes it. */
async function rawText(change: SignedCall): Promise<string> {
  const { method, path, headers = {} } = signed(change);
  const socket = connect(sandbox.port, "127.0.0.1");
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
