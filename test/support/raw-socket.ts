import { connect } from "node:net";
import { rawCall, signed, type RawCall, type SignedCall } from "./sandbox.ts";

/** Request as bytes, with nothing added by a client: no length, no checks. */
export function requestBytes({ method = "GET", path = "/", headers = {}, body = "" }: RawCall): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`;
  return Buffer.concat([Buffer.from(head, "latin1"), Buffer.from(body)]);
}

export function signedBytes(call: SignedCall): Buffer {
  return requestBytes(signed(call));
}

/**
 * Sends bytes, ends its side, and returns all that comes back until the connection is closed. `hang` if it is still open
 * after so long.
 */
export function exchange(port: number, bytes: Uint8Array, timeoutMs = 10_000): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    const timer = setTimeout(() => {
      socket.destroy();
      resolve("hang");
    }, timeoutMs);
    socket.on("data", (chunk) => chunks.push(chunk));
    // A reset is a way to close a connection, too.
    socket.on("error", () => undefined);
    socket.on("end", () => socket.destroy());
    socket.on("close", () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks).toString("latin1"));
    });
    socket.end(bytes);
  });
}

/** Statuses of the answers in what came back. */
export function statuses(text: string): readonly number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}

/** Returns true if the sandbox answers an ordinary call. */
export async function isAlive(port: number): Promise<boolean> {
  const answer = await rawCall(port, signed({ bucket: "app", query: [["bucketInfo", ""]] }));
  return answer.status === 200;
}
