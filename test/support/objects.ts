import { createHash } from "node:crypto";
import type { QueryPair } from "../../src/sandbox/auth/signature.ts";
import { rawCall, signed, type RawAnswer, type SignedCall } from "./sandbox.ts";

/** Signs and sends a call on an object, whose key is encoded as clients do. */
export function objectCall(port: number, key: string, call: SignedCall = {}): Promise<RawAnswer> {
  const { query = [] } = call;
  const search = query.map((pair) => pair.map(encodeURIComponent).join("=")).join("&");
  const path = `/${key.split("/").map(encodeURIComponent).join("/")}${search === "" ? "" : `?${search}`}`;
  return rawCall(port, { ...signed({ bucket: "app", ...call, key }), path });
}

/** Signs and sends a call on the bucket. */
export function bucketCall(
  port: number,
  query: readonly QueryPair[],
  call: SignedCall = {},
): Promise<RawAnswer> {
  return objectCall(port, "", { ...call, query });
}

export function putObject(
  port: number,
  key: string,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Promise<RawAnswer> {
  return objectCall(port, key, { method: "PUT", body, headers });
}

/** Content of an object; the code of the refusal if there is one. */
export async function contentOf(port: number, key: string, call: SignedCall = {}): Promise<string> {
  const answer = await objectCall(port, key, call);
  return answer.status < 300 ? answer.text : `${answer.status} ${codeOf(answer) ?? ""}`.trim();
}

/** Status and code of an answer. */
export function outcomeOf(answer: RawAnswer): readonly (number | string | undefined)[] {
  return [answer.status, codeOf(answer)];
}

/** Code of a refusal, which a HEAD has in a header. */
function codeOf({ text, headers }: RawAnswer): string | undefined {
  const inHeader = headers["x-oss-err"];
  const body =
    text === "" && typeof inHeader === "string" ? Buffer.from(inHeader, "base64").toString() : text;
  return /<Code>([^<]*)<\/Code>/.exec(body)?.[1];
}

export function md5(text: string | Uint8Array, encoding: "hex" | "base64" = "base64"): string {
  return createHash("md5").update(text).digest(encoding);
}
