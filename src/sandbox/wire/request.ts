import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { operationRow, type Operation, type OperationRow } from "../operations/table.ts";
import { targetOf } from "./place.ts";
import { routeOf, type Route } from "./route.ts";
import { refuse, type Refused } from "./wire-error.ts";

/** Request with its whole body, unless its body is an object. */
export interface SandboxRequest {
  readonly method: string;
  /** Target of the request line, as it was sent. */
  readonly url: string;
  readonly host: string;
  /** Headers by name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly route: Route | Refused;
  readonly operation: Operation;
  readonly bucket: string | undefined;
  /** Whole body; empty where it is an object. */
  readonly body: { readonly bytes: Uint8Array } | Refused;
  /** Body of an object, as it arrives. */
  readonly stream: AsyncIterable<Uint8Array>;
  /** Address that it came from. */
  readonly sourceIp: string;
}

/** Limit of a body, far above the 16 KB of a policy, so that a too large policy gets the refusal for that. */
const maxBytes = 1024 * 1024;

/** Limit of a body that names 10,000 parts, or 1,000 keys. */
const maxListBytes = 4 * maxBytes;
const withLists: readonly Operation[] = ["CompleteMultipartUpload", "DeleteMultipleObjects"];

/** Reads a request, and its body unless that is an object. Rejects if the connection breaks first. */
export async function readRequest(incoming: IncomingMessage): Promise<SandboxRequest> {
  const { method = "GET" } = incoming;
  const headers = flatHeaders(incoming);
  const { host, url } = targetOf(headers["host"] ?? "", incoming.url ?? "/");
  const route = routeOf(method, host, url, headers);
  const place = "refusal" in route ? ({ operation: "Unsupported", bucket: undefined } as const) : route;
  const { operation, bucket } = place;
  return {
    method,
    url,
    host,
    headers,
    route,
    operation,
    bucket,
    sourceIp: incoming.socket.remoteAddress ?? "127.0.0.1",
    body: isStreamed(operation)
      ? { bytes: new Uint8Array() }
      : await readBody(
          incoming,
          headers["content-md5"],
          withLists.includes(operation) ? maxListBytes : maxBytes,
        ),
    // An answer can be sent before the body was read to its end.
    stream: incoming.iterator({ destroyOnReturn: false }),
  };
}

function isStreamed(operation: Operation): boolean {
  const row: OperationRow | undefined = operation === "Unsupported" ? undefined : operationRow(operation);
  return row?.isStreamed === true;
}

/** Reads a body. A too long body is still read to its end, so that the client receives the answer. */
export async function readBody(
  incoming: IncomingMessage,
  digest: string | undefined,
  most = maxBytes,
): Promise<SandboxRequest["body"]> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Uint8Array>) {
    length += chunk.byteLength;
    if (length <= most) chunks.push(chunk);
  }
  if (length > most) return refuse("EntityTooLarge");
  const bytes = Buffer.concat(chunks);
  const matches = digest === undefined || digest === createHash("md5").update(bytes).digest("base64");
  return matches ? { bytes } : refuse("InvalidDigest");
}

function flatHeaders(incoming: IncomingMessage): Readonly<Record<string, string>> {
  const flat: Record<string, string> = {};
  for (const [name, value = ""] of Object.entries(incoming.headers)) {
    flat[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return flat;
}
