import { connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import {
  parseListen,
  plain,
  serveEndpoints,
  type ServedEndpoint,
} from "../../../src/commands/watch/endpoints.ts";
import { rawCall } from "../../support/sandbox.ts";

async function served(): Promise<number> {
  const endpoints = new Map<string, ServedEndpoint>([
    ["/healthz", () => plain(200, "ok")],
    [
      "/broken",
      () => {
        throw new Error("LTAI-secret");
      },
    ],
  ]);
  const server = await serveEndpoints({ host: "127.0.0.1", port: 0 }, endpoints);
  if ("problems" in server) throw new Error("no port");
  onTestFinished(() => server.close());
  return Number(server.address.split(":")[1]);
}

test("only GET and HEAD are answered, only on paths that exist, and an error tells nothing", async () => {
  const port = await served();
  const answerTo = async (method: string, path: string) => {
    const { status, text } = await rawCall(port, { method, path });
    return [status, text] as const;
  };
  expect(await answerTo("GET", "/healthz?x=1")).toEqual([200, "ok\n"]);
  expect(await answerTo("HEAD", "/healthz")).toEqual([200, ""]);
  expect(await answerTo("POST", "/healthz")).toEqual([405, "only GET and HEAD\n"]);
  expect(await answerTo("GET", "/")).toEqual([404, "not found\n"]);
  expect(await answerTo("GET", "/../healthz")).toEqual([404, "not found\n"]);
  expect(await answerTo("GET", "/broken")).toEqual([500, "internal error\n"]);
});

test("a head that is too long is refused, and the server goes on", async () => {
  const port = await served();
  const { status } = await rawCall(port, { path: "/healthz", headers: { "x-long": "a".repeat(20_000) } });
  expect(status).toBe(431);
  const socket = connect(port, "127.0.0.1");
  socket.write("not http at all\r\n\r\n");
  await new Promise((resolve) => socket.once("close", resolve).resume());
  expect((await rawCall(port, { path: "/healthz" })).status).toBe(200);
});

test("requests that are sent without waiting for answers get one answer", async () => {
  let calls = 0;
  const counted: ServedEndpoint = () => {
    calls += 1;
    return plain(200, "ok");
  };
  const server = await serveEndpoints({ host: "127.0.0.1", port: 0 }, new Map([["/", counted]]));
  if ("problems" in server) throw new Error("no port");
  onTestFinished(() => server.close());
  const socket = connect(Number(server.address.split(":")[1]), "127.0.0.1").on("error", () => undefined);
  socket.end("GET / HTTP/1.1\r\nhost: a\r\n\r\n".repeat(100));
  await new Promise((resolve) => socket.once("close", resolve).resume());
  expect(calls).toBe(1);
});

test.each([
  ["127.0.0.1:9464", { host: "127.0.0.1", port: 9464 }],
  [":9464", { port: 9464 }],
  ["0.0.0.0:80", { host: "0.0.0.0", port: 80 }],
  ["[::1]:0", { host: "::1", port: 0 }],
  ["localhost:1", { host: "localhost", port: 1 }],
])("%s is an address", (text, address) => {
  expect(parseListen(text)).toEqual(address);
});

test.each(["", "9464", "127.0.0.1", "::1:9464", "http://127.0.0.1:9464", "a:65536", "a b:1", "a:1/"])(
  "`%s` is none",
  (text) => {
    expect(parseListen(text)).toHaveProperty("problems");
  },
);

test("connections that send half a request do not keep out a probe", async () => {
  const port = await served();
  const sockets = await Promise.all(
    Array.from({ length: 150 }, async () => {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => undefined);
      await new Promise((resolve) => socket.once("connect", resolve));
      socket.write("GET /healthz HTTP/1.1\r\nhost: a\r\n");
      return socket;
    }),
  );
  expect(await rawCall(port, { method: "GET", path: "/healthz" })).toMatchObject({
    status: 200,
    text: "ok\n",
  });
  for (const socket of sockets) socket.destroy();
});
