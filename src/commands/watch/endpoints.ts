import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { refusal, type Diagnostic } from "../../diagnostic.ts";
import type { Failed } from "../../result.ts";
import { errorCode } from "../../system-error.ts";

/** Address to listen at; without a host, all addresses. */
export interface ListenAddress {
  readonly host?: string;
  readonly port: number;
}

/** Parses `HOST:PORT`, `[IPV6]:PORT` or `:PORT`. */
export function parseListen(text: string): ListenAddress | Failed {
  const [, ipv6, host = "", digits = ""] =
    /^(?:\[([\da-fA-F:.]+)\]|([^:[\]/\s]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === "" || port > 65_535)
    return {
      problems: [
        refusal(
          "listen",
          `--listen \`${text}\` is not an address`,
          "write `127.0.0.1:9464`, or `:9464` for all addresses",
        ),
      ],
    };
  const named = ipv6 ?? host;
  return { port, ...(named === "" ? {} : { host: named }) };
}

/** Answer of an endpoint. */
export interface EndpointAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

export type ServedEndpoint = () => EndpointAnswer | Promise<EndpointAnswer>;

/** Endpoints by their path. */
export type Endpoints = ReadonlyMap<string, ServedEndpoint>;

export interface EndpointServer {
  /** `HOST:PORT`, with the port that is used. */
  readonly address: string;
  close(): Promise<void>;
}

/** Limits of a request: a client that is slow, or sends much, holds nothing. */
const limits = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 8_192,
};
const maxConnections = 100;
/** Time after which a connection is closed on which nothing moves, such as one that does not read its answer. */
const idleMs = 10_000;

/** Serves endpoints, to GET and HEAD only. */
export async function serveEndpoints(
  address: ListenAddress,
  endpoints: Endpoints,
): Promise<EndpointServer | Failed> {
  const server = createServer(limits, (request, response) => {
    void answer(request, response, endpoints);
  });
  limitConnections(server);
  server.timeout = idleMs;
  // Requests that are sent without reading their answers would be answered all at once.
  server.maxRequestsPerSocket = 1;
  const problem = await new Promise<Diagnostic | undefined>((resolve) => {
    server.once("error", (error) => resolve(cannotListen(address, error)));
    server.listen(address, () => resolve(undefined));
  });
  if (problem !== undefined) return { problems: [problem] };
  const { address: host, port, family } = server.address() as AddressInfo;
  return {
    address: `${family === "IPv6" ? `[${host}]` : host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Closes the oldest connection where there are too many: one that sends half a request would keep out a probe. */
function limitConnections(server: Server): void {
  const open = new Set<Socket>();
  server.on("connection", (socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    const [oldest] = open;
    if (open.size > maxConnections) oldest?.destroy();
  });
}

function cannotListen({ host = "", port }: ListenAddress, error: Error): Diagnostic {
  const message = `cannot listen at ${host}:${port} (${errorCode(error)})`;
  return refusal("listen", message, "end what uses the port, or give another --listen");
}

async function answer(
  { method = "", url = "/" }: IncomingMessage,
  response: ServerResponse,
  endpoints: Endpoints,
): Promise<void> {
  response.on("error", () => undefined);
  const { status, type, body } = await answerTo(method, url.split("?")[0] ?? "", endpoints);
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...(status === 405 ? { allow: "GET, HEAD" } : {}),
    // What a client sends beside a request is not read.
    ...(method === "GET" || method === "HEAD" ? {} : { connection: "close" }),
  });
  response.end(method === "HEAD" ? undefined : body);
}

async function answerTo(method: string, path: string, endpoints: Endpoints): Promise<EndpointAnswer> {
  const endpoint = endpoints.get(path);
  if (endpoint === undefined) return plain(404, "not found");
  if (method !== "GET" && method !== "HEAD") return plain(405, "only GET and HEAD");
  try {
    return await endpoint();
  } catch {
    return plain(500, "internal error");
  }
}

/** Returns an answer of one line. */
export function plain(status: number, text: string): EndpointAnswer {
  return { status, type: "text/plain; charset=utf-8", body: `${text}\n` };
}
