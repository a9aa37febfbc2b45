import { request } from "node:http";
import { connect } from "node:net";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startSandbox, type Sandbox } from "../../src/sandbox/server.ts";
import { bucketCall, contentOf, md5, objectCall, outcomeOf, putObject } from "../support/objects.ts";
import { exchange, isAlive, signedBytes, statuses } from "../support/raw-socket.ts";
import { seedOf, signed } from "../support/sandbox.ts";
import { withFolder } from "../support/state.ts";

let sandbox: Sandbox;
let port: number;
beforeAll(async () => {
  sandbox = await startSandbox({ seed: seedOf("app") });
  port = sandbox.port;
});
afterAll(() => sandbox.close());

const put = (key: string, headers: Record<string, string>, body: string) =>
  signedBytes({ bucket: "app", method: "PUT", key, body, headers: { connection: "close", ...headers } });

test("a body that is shorter than announced makes no object", async () => {
  await putObject(port, "short", "before");
  const answer = await exchange(port, put("short", { "content-length": "100" }, "only this"));
  expect(statuses(answer).filter((status) => status < 400)).toEqual([]);
  expect(await contentOf(port, "short")).toBe("before");
});

test("of a body that is longer than announced the rest is no part of the object", async () => {
  const answer = await exchange(
    port,
    put("long", { "content-length": "4", connection: "keep-alive" }, "1234 and more\r\n\r\n"),
  );
  expect(statuses(answer).at(-1)).toBe(400);
  // The connection may be cut before the four bytes were stored.
  expect(["1234", "404 NoSuchKey"]).toContain(await contentOf(port, "long"));
});

test.each([
  ["of a wrong size", "zz\r\nabc\r\n0\r\n\r\n"],
  ["without an end", "3\r\nabc\r\n"],
  ["of a huge size", "fffffffffffffffff\r\nabc\r\n"],
])("chunks %s make no object", async (_name, body) => {
  await exchange(port, put("chunked", { "transfer-encoding": "chunked" }, body));
  expect(await contentOf(port, "chunked")).toBe("404 NoSuchKey");
});

test("a chunked body is an object, also an empty one", async () => {
  for (const [body, content] of [
    ["3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "abcde"],
    ["0\r\n\r\n", ""],
  ] as const) {
    expect(statuses(await exchange(port, put("chunks", { "transfer-encoding": "chunked" }, body)))).toEqual([
      200,
    ]);
    expect(await contentOf(port, "chunks")).toBe(content);
  }
});

test("a put without a length is refused", async () => {
  expect(statuses(await exchange(port, put("none", {}, "")))).toEqual([411]);
});

// 5 GiB that are received before they are refused would fill a disk.
test("an object of more than 5 GiB is refused before it arrives", async () => {
  const announced = put("huge", { "content-length": String(5 * 1024 ** 3 + 1) }, "x");
  const socket = connect(port, "127.0.0.1");
  socket.write(announced);
  const answer = await new Promise<string>((resolve) => {
    socket.once("data", (chunk: Buffer) => resolve(chunk.toString()));
  });
  socket.destroy();
  expect(answer).toContain("EntityTooLarge");
});

test("a client that waits for 100 Continue gets it", async () => {
  const { path = "/", headers = {} } = signed({ bucket: "app", method: "PUT", key: "continued" });
  const status = await new Promise((resolve, reject) => {
    const call = {
      host: "127.0.0.1",
      port,
      method: "PUT",
      path,
      headers: { ...headers, expect: "100-continue", "content-length": 4 },
    };
    const outgoing = request(call, (response) => resolve(response.resume().statusCode));
    outgoing.on("continue", () => outgoing.end("body")).on("error", reject);
    outgoing.flushHeaders();
  });
  expect([status, await contentOf(port, "continued")]).toEqual([200, "body"]);
});

// What is left of a refused body would be read as the next request of the connection.
test("a refused body leaves its connection usable", async () => {
  const large = "x".repeat(3 * 1024 ** 2);
  const refused = put(
    "refused",
    { "content-length": String(large.length), "x-oss-object-acl": "open", connection: "keep-alive" },
    large,
  );
  const next = put("after", { "content-length": "4" }, "next");
  expect(statuses(await exchange(port, Buffer.concat([refused, next])))).toEqual([400, 200]);
  expect(await contentOf(port, "after")).toBe("next");
});

test("a body that cannot be stored leaves its connection usable", () =>
  withFolder(async (stateDir) => {
    const own = await startSandbox({ seed: seedOf("app"), stateDir });
    rmSync(join(stateDir, "bodies"), { recursive: true });
    const large = "x".repeat(5 * 1024 ** 2);
    const failing = put("a", { "content-length": String(large.length), connection: "keep-alive" }, large);
    const next = signedBytes({
      bucket: "app",
      query: [["bucketInfo", ""]],
      headers: { connection: "close" },
    });
    expect(statuses(await exchange(own.port, Buffer.concat([failing, next])))).toEqual([500, 200]);
    await own.close();
  }));

test("1,000 headers are read, and more than 16 KB of them are refused", async () => {
  const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`a${index}`, "1"]));
  expect((await putObject(port, "many", "x", many)).status).toBe(200);
  const large = Object.fromEntries(
    Array.from({ length: 1_000 }, (_, index) => [`x-oss-meta-${index}`, "12345678"]),
  );
  expect((await putObject(port, "many", "x", large)).status).toBe(431);
  expect(await isAlive(port)).toBe(true);
});

test("concurrent writes to one key end with one of them, whole", async () => {
  const bodies = Array.from({ length: 24 }, (_, index) =>
    String.fromCharCode(97 + index).repeat(index % 3 === 0 ? 1_500_000 : 1_000),
  );
  const writes = bodies.map((body) => putObject(port, "raced", body));
  const reads = bodies.map(() => objectCall(port, "raced"));
  expect((await Promise.all(writes)).map(({ status }) => status)).toEqual(bodies.map(() => 200));
  for (const answer of [...(await Promise.all(reads)), await objectCall(port, "raced")]) {
    if (answer.status === 404) continue;
    expect([answer.headers["content-md5"], bodies.includes(answer.text)]).toEqual([md5(answer.body), true]);
  }
});

test("a download that is under way keeps the version that it began with", async () =>
  withFolder(async (stateDir) => {
    const own = await startSandbox({ seed: seedOf("app"), stateDir });
    const before = Buffer.alloc(20 * 1024 ** 2, "before");
    await putObject(own.port, "kept", before);
    const { path = "/", headers = {} } = signed({ bucket: "app", key: "kept" });
    const received = await new Promise<Buffer>((resolve, reject) => {
      const call = request({ host: "127.0.0.1", port: own.port, path, headers }, (response) => {
        const chunks: Buffer[] = [];
        const replaced = putObject(own.port, "kept", "after");
        replaced.then(() => response.resume(), reject);
        response.on("data", (chunk: Buffer) => chunks.push(chunk)).pause();
        response.on("end", () => resolve(Buffer.concat(chunks)));
      });
      call.on("error", reject).end();
    });
    expect(received.equals(before)).toBe(true);
    expect(await contentOf(own.port, "kept")).toBe("after");
    await own.close();
    expect(readdirSync(join(stateDir, "bodies"))).toHaveLength(1);
  }));

test("objects survive a restart of the sandbox over one folder", () =>
  withFolder(async (stateDir) => {
    const first = await startSandbox({ seed: seedOf("app"), stateDir });
    await putObject(first.port, "a", "kept", { "x-oss-meta-a": "b", "x-oss-object-acl": "private" });
    await expect(startSandbox({ seed: seedOf("app"), stateDir })).rejects.toThrow("is in use");
    await first.close();
    const second = await startSandbox({ seed: seedOf("app"), stateDir });
    const get = await objectCall(second.port, "a");
    expect([get.text, get.headers["x-oss-meta-a"]]).toEqual(["kept", "b"]);
    await second.close();
  }));

test("a state folder without room is an internal error, and the object of before stays", () =>
  withFolder(async (stateDir) => {
    const own = await startSandbox({ seed: seedOf("app"), stateDir: join(stateDir, "inner") });
    await putObject(own.port, "a", "before");
    rmSync(join(stateDir, "inner", "objects"), { recursive: true });
    expect(outcomeOf(await putObject(own.port, "a", "after"))).toEqual([500, "InternalError"]);
    expect(await contentOf(own.port, "a")).toBe("before");
    await own.close();
  }));

// The object would be in a bucket that does not exist, or in the next one of its name.
test("a bucket that is deleted while a body arrives gets no object", async () => {
  const own = await startSandbox({ seed: seedOf("app") });
  const { path = "/", headers = {} } = signed({ bucket: "app", method: "PUT", key: "late" });
  const status = await new Promise((resolve, reject) => {
    const call = {
      host: "127.0.0.1",
      port: own.port,
      method: "PUT",
      path,
      headers: { ...headers, "content-length": 4 },
    };
    const outgoing = request(call, (response) => resolve(response.resume().statusCode));
    outgoing.on("error", reject).write("ab", () => {
      bucketCall(own.port, [], { method: "DELETE" }).then(() => outgoing.end("cd"), reject);
    });
  });
  await bucketCall(own.port, [], { method: "PUT" });
  expect([status, await contentOf(own.port, "late")]).toEqual([404, "404 NoSuchKey"]);
  await own.close();
});
