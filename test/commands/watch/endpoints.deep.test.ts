import { once } from "node:events";
import { connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { serveEndpoints } from "../../../src/commands/watch/endpoints.ts";
import { rawCall } from "../../support/sandbox.ts";

test("clients that do not read their answers keep no one out", async () => {
  const answer = { status: 200, type: "text/plain", body: "a".repeat(10_000_000) };
  const server = await serveEndpoints({ host: "127.0.0.1", port: 0 }, new Map([["/", () => answer]]));
  if ("problems" in server) throw new Error("no port");
  onTestFinished(() => server.close());
  const port = Number(server.address.split(":")[1]);
  for (let count = 0; count < 100; count += 1) {
    const socket = connect(port, "127.0.0.1").on("error", () => undefined);
    await once(socket, "connect");
    socket.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    onTestFinished(() => void socket.destroy());
  }
  const status = () =>
    rawCall(port, { method: "HEAD" }).then(
      (one) => one.status,
      () => 0,
    );
  expect(await status()).toBe(200);
});
