import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { FaultEffect } from "../faults/faults.ts";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Content, OperationResult } from "../operations/operation.ts";
import { errorXml, refuse, refuseElsewhere, type Refused } from "./wire-error.ts";

/** Answer as it is sent. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | Content;
}

/** Parts of a request that its answer depends on. */
export interface AnsweredRequest {
  readonly method: string;
  readonly host: string;
  readonly bucket: string | undefined;
}

/** Effects that replace the answer. */
export type FaultAnswer = Extract<
  FaultEffect,
  { readonly kind: "status" | "throttle" | "wrong-region" | "expired-token" }
>;

export function replyOf(outcome: OperationResult, { method, host }: AnsweredRequest): Reply {
  const requestId = newRequestId();
  const common = { Server: "AliyunOSS", "x-oss-request-id": requestId, "x-oss-server-time": "1" };
  if (!("refusal" in outcome)) {
    const { status, body, contentType } = outcome;
    const type = contentType === undefined ? undefined : { "Content-Type": contentType };
    const headers = { ...common, ...type, ...outcome.headers };
    return { status, headers, body: typeof body === "string" ? Buffer.from(body) : body };
  }
  const { refusal } = outcome;
  const body = Buffer.from(errorXml(refusal, requestId, host));
  const number = refusal.ec === undefined ? undefined : { "x-oss-ec": refusal.ec };
  // The answer to a HEAD has no body, so its error is in a header (OSS docs: error responses).
  const inHeader = method === "HEAD" ? { "x-oss-err": body.toString("base64") } : undefined;
  const headers = {
    ...common,
    "Content-Type": "application/xml",
    ...number,
    ...inHeader,
    ...refusal.headers,
  };
  return { status: refusal.status, headers, body };
}

export function faultReply(effect: FaultAnswer, request: AnsweredRequest): Reply {
  const reply = replyOf(faultRefusal(effect, request.bucket ?? ""), request);
  const headers = "headers" in effect ? { ...reply.headers, ...effect.headers } : reply.headers;
  const isReplaced = effect.kind === "status" && effect.body !== undefined;
  return { ...reply, headers, body: isReplaced ? Buffer.from(effect.body) : reply.body };
}

function faultRefusal(effect: FaultAnswer, bucket: string): Refused {
  switch (effect.kind) {
    case "status": {
      const { code, status, message = "A fault rule of the sandbox answered.", ec } = effect;
      return { refusal: { code, status, message, ec, extras: [] } };
    }
    case "throttle":
      return refuse(effect.status === 429 ? "QpsLimitExceeded" : "MetaOperationQpsLimitExceeded");
    case "wrong-region":
      return refuseElsewhere(bucket, effect.region);
    case "expired-token":
      return refuse("SecurityTokenExpired");
  }
}

/**
 * Sends a reply. With `sentBytes` it announces the full length, sends that many bytes and closes the connection. Rejects
 * if the client does not read to the end. Returns the number of bytes of the body.
 */
export async function send(
  response: ServerResponse,
  { status, headers, body }: Reply,
  sentBytes?: number,
): Promise<number> {
  const length = "open" in body ? body.length : body.byteLength;
  const hasBody = status !== 204 && status !== 304 && response.req.method !== "HEAD";
  response.writeHead(status, { ...headers, ...(status === 204 ? undefined : { "Content-Length": length }) });
  if (sentBytes !== undefined) {
    response.flushHeaders();
    for await (const chunk of firstBytes(body, sentBytes)) response.write(chunk);
    response.socket?.end();
    return sentBytes;
  }
  if (hasBody && "open" in body) await pipeline(Readable.from(body.open(), { objectMode: false }), response);
  else response.end(hasBody && !("open" in body) ? body : undefined);
  return hasBody ? length : 0;
}

async function* firstBytes(body: Reply["body"], count: number): AsyncIterable<Uint8Array> {
  let left = count;
  for await (const chunk of "open" in body ? body.open() : [body]) {
    if (left > 0) yield chunk.subarray(0, left);
    left -= chunk.byteLength;
    if (left <= 0) return;
  }
}

/** Returns 24 upper-case hex characters (OSS docs: response headers). */
function newRequestId(): string {
  return randomBytes(12).toString("hex").toUpperCase();
}
