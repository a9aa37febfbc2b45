import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { FaultEffect } from "../faults/faults.ts";
import type { Done } from "../operations/operation.ts";
import { errorXml, refuse, refuseElsewhere, type Refused } from "./wire-error.ts";

/** Answer as it is sent. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
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

export function replyOf(outcome: Done | Refused, { method, host }: AnsweredRequest): Reply {
  const requestId = newRequestId();
  const common = { Server: "AliyunOSS", "x-oss-request-id": requestId, "x-oss-server-time": "1" };
  if (!("refusal" in outcome)) {
    const { status, body, contentType } = outcome;
    const type = contentType === undefined ? undefined : { "Content-Type": contentType };
    return { status, headers: { ...common, ...type }, body: Buffer.from(body) };
  }
  const { refusal } = outcome;
  const body = Buffer.from(errorXml(refusal, requestId, host));
  const number = refusal.ec === undefined ? undefined : { "x-oss-ec": refusal.ec };
  // The answer to a HEAD has no body, so its error is in a header (OSS docs: error responses).
  const inHeader = method === "HEAD" ? { "x-oss-err": body.toString("base64") } : undefined;
  const headers = { ...common, "Content-Type": "application/xml", ...number, ...inHeader };
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

/** Sends a reply. With `sentBytes` it announces the full length, sends that many bytes and closes the connection. */
export function send(response: ServerResponse, { status, headers, body }: Reply, sentBytes?: number): void {
  const length = status === 204 ? undefined : { "Content-Length": body.byteLength };
  response.writeHead(status, { ...headers, ...length });
  if (sentBytes === undefined) {
    response.end(body);
    return;
  }
  response.flushHeaders();
  response.write(body.subarray(0, sentBytes), () => {
    response.socket?.end();
  });
}

/** Returns 24 upper-case hex characters (OSS docs: response headers). */
function newRequestId(): string {
  return randomBytes(12).toString("hex").toUpperCase();
}
