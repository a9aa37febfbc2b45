import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** One request as a server for credentials got it. */
export interface StsCall {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
}

export type StsAnswer = (call: StsCall, response: ServerResponse, index: number) => void;

export interface StsServer {
  readonly url: string;
  readonly calls: readonly StsCall[];
}

/** A server on the loopback in place of STS or of the instance metadata. */
export async function startSts(answer: StsAnswer): Promise<StsServer> {
  const calls: StsCall[] = [];
  const server = createServer((request, response) => {
    response.on("error", () => undefined);
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { pathname, searchParams } = new URL(request.url ?? "/", "http://x");
      const call = {
        method: request.method ?? "",
        path: pathname,
        query: searchParams,
        form: new URLSearchParams(Buffer.concat(chunks).toString("utf8")),
        headers: request.headers,
      };
      calls.push(call);
      answer(call, response, calls.length - 1);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls };
}

/** Credentials as STS gives them, for so many seconds of its own clock. */
export function sessionOf(name: string, seconds = 3_600, nowMs = Date.now()): Record<string, string> {
  return {
    AccessKeyId: `STS.${name}KeyId`,
    AccessKeySecret: `${name}-session-secret-0123456789`,
    SecurityToken: `${name}-session-token-0123456789abcdef`,
    Expiration: new Date(nowMs + seconds * 1_000).toISOString().replace(/\.\d+/, ""),
  };
}

export function answerJson(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

/** STS that gives a session with another name to each call. */
export function givingSessions(seconds = 3_600): StsAnswer {
  return (_, response, index) =>
    answerJson(response, 200, { RequestId: "1", Credentials: sessionOf(`session${index}`, seconds) });
}

/** Whether the signature of a call is that of this secret, computed here once more. */
export function isSignedBy({ method, path, query, headers }: StsCall, secret: string): boolean {
  const authorization = headers.authorization ?? "";
  const [, names = "", signature = ""] =
    /^ACS3-HMAC-SHA256 Credential=[^,]+,SignedHeaders=([^,]+),Signature=([0-9a-f]{64})$/.exec(
      authorization,
    ) ?? [];
  const strict = (text: string) =>
    encodeURIComponent(text).replace(
      /[!'()*]/g,
      (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
    );
  const pairs = [...query].map(([name, value]) => `${strict(name)}=${strict(value)}`).sort();
  const lines = names.split(";").map((name) => `${name}:${String(headers[name])}\n`);
  const body = createHash("sha256").update("").digest("hex");
  const canonical = [method, path, pairs.join("&"), lines.join(""), names, body].join("\n");
  const digest = createHash("sha256").update(canonical).digest("hex");
  const right = createHmac("sha256", secret).update(`ACS3-HMAC-SHA256\n${digest}`).digest("hex");
  const needed = ["host", "x-acs-action", "x-acs-date", "x-acs-signature-nonce", "x-acs-version"];
  return signature === right && needed.every((name) => names.split(";").includes(name));
}

/** STS whose sessions have the name of the role. */
export const sessionsByRole: StsAnswer = ({ query, form }, response) => {
  const role = query.get("RoleArn") ?? form.get("RoleArn") ?? "";
  answerJson(response, 200, { Credentials: sessionOf(roleName(role)) });
};

export function roleName(role: string): string {
  return role.replace(/^.*\//, "");
}

/** Returns the key of a session of this name. */
export function keyOfSession(name: string) {
  const session = sessionOf(name);
  return {
    id: session["AccessKeyId"] ?? "",
    secret: session["AccessKeySecret"] ?? "",
    token: session["SecurityToken"] ?? "",
  };
}
