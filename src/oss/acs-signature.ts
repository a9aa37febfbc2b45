import { createHash, createHmac } from "node:crypto";
import { compareText } from "../diagnostic.ts";
import type { Credentials } from "./credentials.ts";

const algorithm = "ACS3-HMAC-SHA256";

/** Request of an RPC interface before it is signed; its parameters are in the query. */
export interface AcsRequest {
  readonly host: string;
  readonly action: string;
  readonly version: string;
  readonly query: Readonly<Record<string, string>>;
  /** Time in UTC without milliseconds, such as `2023-10-26T10:22:32Z`. */
  readonly date: string;
  readonly nonce: string;
}

/**
 * Returns the headers of a POST without a body, with its signature (Alibaba Cloud docs: "V3 request body and
 * signature"). It replaces the older one with HMAC-SHA1.
 */
export function acsHeaders(request: AcsRequest, credentials: Credentials): Readonly<Record<string, string>> {
  const { accessKeyId, accessKeySecret, securityToken } = credentials;
  const headers: Record<string, string> = {
    host: request.host,
    "x-acs-action": request.action,
    "x-acs-content-sha256": sha256(""),
    "x-acs-date": request.date,
    "x-acs-signature-nonce": request.nonce,
    "x-acs-version": request.version,
    ...(securityToken === undefined ? {} : { "x-acs-security-token": securityToken }),
  };
  const names = Object.keys(headers).sort(compareText);
  const canonical = [
    "POST",
    "/",
    acsQuery(request.query),
    names.map((name) => `${name}:${headers[name] ?? ""}\n`).join(""),
    names.join(";"),
    sha256(""),
  ].join("\n");
  const signature = createHmac("sha256", accessKeySecret)
    .update(`${algorithm}\n${sha256(canonical)}`)
    .digest("hex");
  const authorization = `${algorithm} Credential=${accessKeyId},SignedHeaders=${names.join(";")},Signature=${signature}`;
  return { ...headers, authorization };
}

/** Returns parameters sorted by name, and encoded as RFC 3986. */
export function acsQuery(parameters: Readonly<Record<string, string>>): string {
  return Object.entries(parameters)
    .sort(([a], [b]) => compareText(a, b))
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .join("&");
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
