import { Agent, request, type IncomingMessage } from "node:http";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { startSandbox, type Sandbox } from "../../src/sandbox/server.ts";
import { boundary, fieldPart, filePart, signedFields } from "../support/post-forms.ts";
import { seedOf, signedCall } from "../support/sandbox.ts";

const host = "app.oss-cn-hangzhou.aliyuncs.com";
const headers = { host, "content-type": `multipart/form-data; boundary=${boundary}` };
const fields = () => Object.entries(signedFields({})).map(([name, value]) => fieldPart(name, value));
const large = Buffer.alloc(5_000_000, 65);

async function started(): Promise<Sandbox> {
  const sandbox = await startSandbox({ seed: seedOf("app") });
  onTestFinished(() => sandbox.close());
  return sandbox;
}

test("after a refused form of any size the connection serves the next one", async () => {
  const { port } = await started();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  const send = async (parts: readonly Buffer[]): Promise<number | undefined> => {
    const call = request({ port, method: "POST", path: "/", headers, agent });
    call.end(Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]));
    const [answer] = (await once(call, "response")) as [IncomingMessage];
    answer.resume();
    await once(answer, "end");
    return answer.statusCode;
  };
  const wrong = fieldPart("Signature", "x");
  expect(await send([wrong, ...fields(), filePart("file", large)])).toBe(403);
  expect(await send([filePart("other", large), ...fields()])).toBe(400);
  expect(await send([...fields(), filePart("file", large)])).toBe(204);
});

test("a form that breaks off stores nothing", async () => {
  const { port } = await started();
  const call = request({
    port,
    method: "POST",
    path: "/",
    headers: { ...headers, "content-length": "9000000" },
    agent: false,
  });
  call.on("error", () => undefined);
  call.write(Buffer.concat([...fields(), filePart("file", large).subarray(0, 3_000_000)]));
  await new Promise((resolve) => setTimeout(resolve, 100));
  call.destroy();
  expect((await signedCall(port, { bucket: "app", key: "up/a.txt" })).status).toBe(404);
  expect((await signedCall(port, { bucket: "app", query: [["bucketInfo", ""]] })).status).toBe(200);
});
