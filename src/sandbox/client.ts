import { request as httpRequest, type IncomingMessage } from "node:http";
import { contextHeader } from "./auth/context.ts";
import { sign, stringToSign } from "./auth/signature.ts";
import type { SandboxKey } from "./seed/seed.ts";
import { placeOf } from "./wire/place.ts";

/** Request of a test to a sandbox. */
export interface ClientRequest {
  readonly method: string;
  /** Path and query, encoded, with the bucket first. */
  readonly path: string;
  /** Region of the bucket, which the signature names. */
  readonly region: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Condition keys that the network decides. */
  readonly context?: Readonly<Record<string, string>>;
}

/** Answer to it. */
export interface ClientAnswer {
  readonly status: number;
  readonly access: "allowed" | "refused" | "undecided";
  readonly decision: string;
  readonly code: string;
  readonly ec: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly text: string;
}

/** Sends a request in path style, signed in V4, or not signed without a key. Rejects if the path is none. */
export async function callSandbox(
  port: number,
  key: SandboxKey | undefined,
  { method: word, path: given, region, headers = {}, body, context = {} }: ClientRequest,
): Promise<ClientAnswer> {
  const method = word.toUpperCase();
  // The path is not resolved, as a URL is: `..` may be part of a key.
  const path = given.replace(/[^\x21-\x7e]/gu, encodeURIComponent);
  const sent: Record<string, string> = { ...headers };
  if (Object.keys(context).length > 0) sent[contextHeader] = new URLSearchParams(context).toString();
  if (key !== undefined) Object.assign(sent, signature({ method, path, region, headers: sent }, key));
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, method, path, headers: sent, agent: false };
    const outgoing = httpRequest(options, (response) => {
      readAnswer(response).then(resolve, reject);
    });
    outgoing.on("error", reject);
    // With a text, Node would send the headers as UTF-8 too, and not as they are signed.
    outgoing.end(typeof body === "string" ? Buffer.from(body) : body);
  });
}

/** Returns the headers that sign a request. Throws if the path is none. */
function signature(
  { method, path, region, headers = {} }: ClientRequest,
  key: SandboxKey,
): Record<string, string> {
  const place = placeOf("127.0.0.1", path);
  if (!path.startsWith("/") || "refusal" in place)
    throw new Error(`\`${path}\` is no path such as /BUCKET/KEY, percent-encoded`);
  const dateTime = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  const scope = { date: dateTime.slice(0, 8), region, product: "oss" };
  const own: Record<string, string> = {
    "x-oss-date": dateTime,
    "x-oss-content-sha256": "UNSIGNED-PAYLOAD",
    ...(key.token === undefined ? {} : { "x-oss-security-token": key.token }),
  };
  const lower = Object.fromEntries(
    Object.entries({ ...headers, ...own }).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const { resource, query } = place;
  const text = stringToSign(
    { method, resource, query, headers: lower, additionalHeaders: [] },
    dateTime,
    scope,
  );
  const credential = `${key.id}/${scope.date}/${scope.region}/oss/aliyun_v4_request`;
  return {
    ...own,
    authorization: `OSS4-HMAC-SHA256 Credential=${credential},Signature=${sign(text, key.secret, scope)}`,
  };
}

async function readAnswer(response: IncomingMessage): Promise<ClientAnswer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of response as AsyncIterable<Uint8Array>) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const text = body.toString("utf8");
  const status = response.statusCode ?? 0;
  const headers = Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
  );
  const decision = headers["x-oss-policy-decision"] ?? "";
  const error =
    status < 400 ? "" : text || Buffer.from(headers["x-oss-err"] ?? "", "base64").toString("utf8");
  const code = /<Code>(.*?)<\/Code>/.exec(error)?.[1] ?? "";
  return {
    status,
    access: accessOf(status, code, decision),
    decision,
    code,
    ec: headers["x-oss-ec"] ?? "",
    headers,
    body,
    text,
  };
}

/**
 * A wrong signature or an archived object also answers 403, and says nothing about the right. A call that is allowed and
 * still answers AccessDenied is refused by Block Public Access; one that answers 501 was not made, so nothing was tried.
 */
function accessOf(status: number, code: string, decision: string): ClientAnswer["access"] {
  if (decision.startsWith("refused")) return "refused";
  if (status === 501 || !decision.startsWith("allowed")) return "undecided";
  return code === "AccessDenied" ? "refused" : "allowed";
}
