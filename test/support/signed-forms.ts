import { sign, stringToSign, type QueryPair } from "../../src/sandbox/auth/signature.ts";
import { signV1, stringToSignV1 } from "../../src/sandbox/auth/signature-v1.ts";
import { sandboxKey, type SandboxKey } from "../../src/sandbox/seed/seed.ts";
import type { RawCall } from "./sandbox.ts";

/** Forms of a signature that OSS takes, by what carries the date. */
export const signedForms = [
  "V4 header",
  "V4 header with Date only",
  "V4 URL",
  "V1 header",
  "V1 header with x-oss-date",
  "V1 URL",
] as const;

export type SignedForm = (typeof signedForms)[number];

/** A call of any form; each field can be bent to make it wrong. */
export interface FormCall {
  readonly method?: string;
  readonly bucket?: string;
  readonly key?: string;
  readonly query?: readonly QueryPair[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly signer?: SandboxKey;
  readonly nowMs?: number;
  /** Life of a signed URL. */
  readonly seconds?: number;
  /** Path style, and therefore a call that names no region in V1. */
  readonly inPath?: boolean;
  readonly region?: string;
  readonly additional?: readonly string[];
  readonly body?: string;
}

/** Signs a call as clients do that send this form. */
export function signedAs(form: SignedForm, call: FormCall): RawCall {
  const signature = form.startsWith("V4") ? v4(form, call) : v1(form, call);
  const { method = "GET", bucket, key = "", inPath = false, body } = call;
  const { headers, query } = signature;
  const search = query.map((pair) => pair.map(encodeURIComponent).join("=")).join("&");
  const encodedKey = key.split("/").map(encodeURIComponent).join("/");
  const path = inPath && bucket !== undefined ? `/${bucket}/${encodedKey}` : `/${encodedKey}`;
  return {
    method,
    path: search === "" ? path : `${path}?${search}`,
    headers: { host: hostOf(call), ...headers },
    ...(body === undefined ? {} : { body }),
  };
}

interface SignedParts {
  readonly headers: Readonly<Record<string, string>>;
  readonly query: readonly QueryPair[];
}

function v4(form: SignedForm, call: FormCall): SignedParts {
  const { method = "GET", region = "cn-hangzhou", signer = sandboxKey, nowMs = Date.now() } = call;
  const { query: plain = [], additional = [], seconds = 600 } = call;
  const stamp = new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, "");
  const date = form === "V4 header with Date only" ? new Date(nowMs).toUTCString() : stamp;
  const scope = { date: stamp.slice(0, 8), region, product: "oss" };
  const credential = `${signer.id}/${scope.date}/${region}/oss/aliyun_v4_request`;
  const signatureOf = (headers: SignedParts["headers"], query: readonly QueryPair[]): string => {
    const request = { method, resource: resourceOf(call), query, headers, additionalHeaders: additional };
    return sign(stringToSign(request, date, scope), signer.secret, scope);
  };
  if (form === "V4 URL") {
    const query: readonly QueryPair[] = [
      ...plain,
      ["x-oss-signature-version", "OSS4-HMAC-SHA256"],
      ["x-oss-date", date],
      ["x-oss-expires", String(seconds)],
      ["x-oss-credential", credential],
      ...(signer.token === undefined ? [] : [["x-oss-security-token", signer.token] as const]),
      ...(additional.length === 0 ? [] : [["x-oss-additional-headers", additional.join(";")] as const]),
    ];
    const headers = { host: hostOf(call), ...call.headers };
    return { headers, query: [...query, ["x-oss-signature", signatureOf(headers, query)]] };
  }
  const headers = {
    host: hostOf(call),
    [form === "V4 header" ? "x-oss-date" : "date"]: date,
    "x-oss-content-sha256": "UNSIGNED-PAYLOAD",
    ...(signer.token === undefined ? {} : { "x-oss-security-token": signer.token }),
    ...call.headers,
  };
  const names = additional.length === 0 ? "" : `,AdditionalHeaders=${additional.join(";")}`;
  const authorization = `OSS4-HMAC-SHA256 Credential=${credential}${names},Signature=${signatureOf(headers, plain)}`;
  return { headers: { ...headers, authorization }, query: plain };
}

function v1(form: SignedForm, call: FormCall): SignedParts {
  const { method = "GET", signer = sandboxKey, nowMs = Date.now(), seconds = 600, query: plain = [] } = call;
  const signatureOf = (date: string, { headers, query }: SignedParts): string => {
    const route = { resource: resourceOf(call), region: undefined, query };
    return signV1(stringToSignV1({ method, route, headers }, date), signer.secret);
  };
  if (form === "V1 URL") {
    const expires = String(Math.floor(nowMs / 1000) + seconds);
    const query: readonly QueryPair[] = [
      ...plain,
      ...(signer.token === undefined ? [] : [["security-token", signer.token] as const]),
    ];
    const headers = call.headers ?? {};
    const signature = signatureOf(expires, { headers, query });
    const names = { OSSAccessKeyId: signer.id, Expires: expires, Signature: signature };
    return { headers, query: [...query, ...Object.entries(names)] };
  }
  const date = new Date(nowMs).toUTCString();
  const headers = {
    [form === "V1 header" ? "date" : "x-oss-date"]: date,
    ...(signer.token === undefined ? {} : { "x-oss-security-token": signer.token }),
    ...call.headers,
  };
  const authorization = `OSS ${signer.id}:${signatureOf(date, { headers, query: plain })}`;
  return { headers: { ...headers, authorization }, query: plain };
}

function resourceOf({ bucket, key = "" }: FormCall): string {
  return bucket === undefined ? "/" : `/${bucket}/${key}`;
}

function hostOf({ bucket, inPath = false, region = "cn-hangzhou" }: FormCall): string {
  if (inPath) return "localhost";
  return `${bucket === undefined ? "" : `${bucket}.`}oss-${region}.aliyuncs.com`;
}
