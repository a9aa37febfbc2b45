import { createHash, createHmac, randomUUID } from "node:crypto";
import { percentEncode } from "../../src/sandbox/auth/signature.ts";
import type { SandboxKey } from "../../src/sandbox/seed/seed.ts";
import { rawCall, type RawAnswer, type RawCall } from "./sandbox.ts";

/** Forms in which clients call STS. */
export const stsForms = ["RPC in the query", "RPC in a form", "ACS3"] as const;

export type StsForm = (typeof stsForms)[number];

/** A signed call of STS; each field can be bent to make it wrong. */
export interface SignedStsCall {
  readonly action?: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly signer: SandboxKey;
  readonly nowMs?: number;
  readonly nonce?: string;
  readonly format?: "JSON" | "XML";
}

/** Calls STS of a sandbox. */
export function callSts(port: number, form: StsForm, call: SignedStsCall): Promise<RawAnswer> {
  return rawCall(port, form === "ACS3" ? acs3(call) : rpc(form, call));
}

/** Signs a call in the RPC style. */
function rpc(form: StsForm, call: SignedStsCall): RawCall {
  const { action = "AssumeRole", parameters = {}, signer, nowMs = Date.now(), format = "JSON" } = call;
  const method = form === "RPC in a form" ? "POST" : "GET";
  const all: Record<string, string> = {
    Action: action,
    Version: "2015-04-01",
    Format: format,
    AccessKeyId: signer.id,
    SignatureMethod: "HMAC-SHA1",
    SignatureVersion: "1.0",
    SignatureNonce: call.nonce ?? randomUUID(),
    Timestamp: new Date(nowMs).toISOString().replace(/\.\d+/, ""),
    ...(signer.token === undefined ? {} : { SecurityToken: signer.token }),
    ...parameters,
  };
  const text = `${method}&%2F&${percentEncode(queryOf(all))}`;
  const signature = createHmac("sha1", `${signer.secret}&`).update(text).digest("base64");
  const query = queryOf({ ...all, Signature: signature });
  const headers = { host: "localhost" };
  if (method === "GET") return { path: `/?${query}`, headers };
  const type = { "content-type": "application/x-www-form-urlencoded" };
  return { method, path: "/", headers: { ...headers, ...type }, body: query };
}

/** Signs a call with ACS3-HMAC-SHA256. */
export function acs3(call: SignedStsCall): RawCall {
  const { action = "AssumeRole", parameters = {}, signer, nowMs = Date.now(), format = "JSON" } = call;
  const query = queryOf({ ...parameters, Format: format });
  const hash = createHash("sha256").update("").digest("hex");
  const headers: Record<string, string> = {
    host: "localhost",
    "x-acs-action": action,
    "x-acs-content-sha256": hash,
    "x-acs-date": new Date(nowMs).toISOString().replace(/\.\d+/, ""),
    "x-acs-signature-nonce": call.nonce ?? randomUUID(),
    "x-acs-version": "2015-04-01",
    ...(signer.token === undefined ? {} : { "x-acs-security-token": signer.token }),
  };
  const names = Object.keys(headers).sort();
  const lines = names.map((name) => `${name}:${headers[name] ?? ""}\n`).join("");
  const canonical = ["POST", "/", query, lines, names.join(";"), hash].join("\n");
  const digest = createHash("sha256").update(canonical).digest("hex");
  const signature = createHmac("sha256", signer.secret).update(`ACS3-HMAC-SHA256\n${digest}`).digest("hex");
  const authorization = `ACS3-HMAC-SHA256 Credential=${signer.id},SignedHeaders=${names.join(";")},Signature=${signature}`;
  return { method: "POST", path: `/?${query}`, headers: { ...headers, authorization } };
}

function queryOf(parameters: Readonly<Record<string, string>>): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`)
    .sort()
    .join("&");
}

/** Returns the key of a session from an answer of AssumeRole in JSON. */
export function sessionKey(answer: RawAnswer): Required<SandboxKey> {
  const { Credentials: given } = JSON.parse(answer.text) as {
    readonly Credentials: Readonly<Record<"AccessKeyId" | "AccessKeySecret" | "SecurityToken", string>>;
  };
  return { id: given.AccessKeyId, secret: given.AccessKeySecret, token: given.SecurityToken };
}

/** Returns the status and the code of an answer in JSON; the code is undefined for a success. */
export function verdictOf(answer: RawAnswer): readonly [number, string | undefined] {
  return [answer.status, (JSON.parse(answer.text) as { readonly Code?: string }).Code];
}
