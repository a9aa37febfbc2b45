import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startSandbox, type Sandbox } from "../../src/sandbox/server.ts";
import { contentOf, objectCall, outcomeOf, putObject } from "../support/objects.ts";
import { seedOf } from "../support/sandbox.ts";
import { withFolder } from "../support/state.ts";

const large = Buffer.alloc(3 * 1024 ** 2, "x");

let sandbox: Sandbox;
let port: number;
beforeEach(async () => {
  sandbox = await startSandbox({ seed: seedOf("app") });
  port = sandbox.port;
});
afterEach(() => sandbox.close());

test("a rule about one operation leaves the others alone", async () => {
  const effect = { kind: "status", status: 503, code: "ServiceUnavailable" } as const;
  sandbox.addFault({ operation: "PutObject", calls: { from: 1, to: 1 }, effect });
  expect(outcomeOf(await putObject(port, "a", large))).toEqual([503, "ServiceUnavailable"]);
  expect(await contentOf(port, "a")).toBe("404 NoSuchKey");
  expect((await putObject(port, "a", "x")).status).toBe(200);
});

test("an answer that is lost after the put leaves the object", async () => {
  sandbox.addFault({ operation: "PutObject", effect: { kind: "reset", when: "after" } });
  await expect(putObject(port, "a", "stored")).rejects.toThrow();
  expect(await contentOf(port, "a")).toBe("stored");
});

test.each([10, 2 * 1024 ** 2])(
  "a read that breaks off after %d bytes is an error to the client",
  async (bytes) => {
    await putObject(port, "a", large);
    sandbox.addFault({ operation: "GetObject", effect: { kind: "truncate", bytes } });
    await expect(objectCall(port, "a")).rejects.toThrow();
    sandbox.clearFaults();
    expect((await objectCall(port, "a")).body.equals(large)).toBe(true);
  },
);

// A body that an answer holds and never sends would stay on the disk for as long as the sandbox runs.
test.each([
  { kind: "reset", when: "after" },
  { kind: "truncate", bytes: 10 },
  { kind: "status", status: 500, code: "InternalError", when: "after" },
] as const)("a read that ends with $kind keeps no bytes of a deleted object", (effect) =>
  withFolder(async (stateDir) => {
    const own = await startSandbox({ seed: seedOf("app"), stateDir });
    await putObject(own.port, "a", large);
    own.addFault({ operation: "GetObject", effect });
    await objectCall(own.port, "a").catch(() => undefined);
    await objectCall(own.port, "a", { method: "DELETE" });
    await expect.poll(() => readdirSync(join(stateDir, "bodies"))).toEqual([]);
    await own.close();
  }),
);
