import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;

export interface HostileOss {
  readonly url: string;
  readonly port: number;
  readonly requests: readonly string[];
  /** Bytes that were given to the network. */
  sent(): number;
}

/** A server on the loopback that answers every call as it likes. */
export async function hostileOss(behave: Behaviour): Promise<HostileOss> {
  const requests: string[] = [];
  let sent = 0;
  const server = createServer((request, response) => {
    requests.push(`${request.method ?? ""} ${request.url ?? ""}`);
    request.resume();
    response.on("error", () => undefined);
    behave(request, response);
  });
  server.on("connection", (socket) => {
    socket.on("error", () => undefined);
    socket.once("close", () => {
      sent += socket.bytesWritten;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, requests, sent: () => sent };
}

export function answering(status: number, body: string | Uint8Array, headers = {}): Behaviour {
  return (_, response) => response.writeHead(status, headers).end(body);
}

/** Sends a head, then the part again and again until the connection is cut. */
export function endless(status: number, head: string, part: string | Uint8Array, headers = {}): Behaviour {
  return (_, response) => {
    response.writeHead(status, headers);
    response.write(head);
    const go = () => {
      while (!response.destroyed && response.write(part));
      if (!response.destroyed) response.once("drain", go);
    };
    go();
  };
}

/** The parts one by one, so many milliseconds apart, without an end. */
export function dripping(status: number, part: string, everyMs: number): Behaviour {
  return (request, response) => {
    response.writeHead(status);
    const timer = setInterval(() => response.write(part), everyMs);
    request.socket.once("close", () => clearInterval(timer));
  };
}

export function errorDocument(code: string, more = ""): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error>\n  <Code>${code}</Code>\n  <Message>m</Message>\n${more}</Error>\n`;
}
