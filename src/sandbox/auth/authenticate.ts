import type { Route } from "../wire/route.ts";
import type { Directory, Identity, KnownKey } from "./identity.ts";
import type { SandboxKey } from "../seed/seed.ts";
import { sameSignature, sign, stringToSign, type CredentialScope } from "./signature.ts";
import { refuse, type Refused } from "../wire/wire-error.ts";

export interface SignedCall {
  readonly method: string;
  readonly route: Route;
  /** Headers by name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Who calls, and how the call is signed. */
export interface Caller {
  readonly identity: Identity;
  /** Undefined for an anonymous caller. */
  readonly key: KnownKey | undefined;
  /** Region of the signature's scope; undefined without one. */
  readonly region: string | undefined;
  readonly signType: SignType;
}

/** Kind of a signature, by OSS's names (OSS docs: fields of the log). */
export type SignType = "NotSign" | "NormalSign" | "UriSign" | "NORMAL_SIGN4" | "URI_SIGN4";

/** Limit of the clock difference: fifteen minutes (OSS docs: RequestTimeTooSkewed). */
const maxSkewMs = 15 * 60 * 1000;

/** Checks a V4 signature in the header. V1 and signatures in the query are refused: see `schemeRefusal`. */
export function authenticate(call: SignedCall, { keyOf }: Directory, nowMs: number): Caller | Refused {
  const { headers, route } = call;
  const authorization = headers["authorization"] ?? "";
  const refused = schemeRefusal(authorization, route);
  if (refused !== undefined) return refused;

  const credential = parseAuthorization(authorization);
  if (credential === undefined)
    return refuse("InvalidArgument", { message: "The Authorization header is malformed." });
  const { scope } = credential;
  const key = keyOf(credential.keyId);
  if (key === undefined) {
    return refuse("InvalidAccessKeyId", { extras: [["OSSAccessKeyId", credential.keyId]] });
  }
  return (
    headerRefusal(headers, scope, route, nowMs) ??
    tokenRefusal(key, headers["x-oss-security-token"]) ??
    signatureRefusal(call, credential, key.secret) ?? {
      identity: key.identity,
      key,
      region: scope.region,
      signType: "NORMAL_SIGN4",
    }
  );
}

interface Credential {
  readonly keyId: string;
  readonly scope: CredentialScope;
  readonly additionalHeaders: readonly string[];
  readonly signature: string;
}

function schemeRefusal(authorization: string, route: Route): Refused | undefined {
  if (authorization.startsWith("OSS4-HMAC-SHA256 ")) return undefined;
  const inQuery = route.query.some(([name]) => name === "x-oss-signature" || name === "Signature");
  if (authorization === "" && !inQuery) {
    // Every operation here manages a bucket or the account, so no policy opens it to anonymous calls.
    return refuse("AccessDenied", { message: "Anonymous access is forbidden for this operation." });
  }
  return refuse("InvalidArgument", {
    message: "The sandbox knows only signature V4 in the Authorization header.",
  });
}

/** Parses `OSS4-HMAC-SHA256 Credential=.../...,AdditionalHeaders=a;b,Signature=...`; the docs also show `, `. */
function parseAuthorization(text: string): Credential | undefined {
  const fields = new Map<string, string>();
  for (const part of text.slice(text.indexOf(" ")).split(",")) {
    const at = part.indexOf("=");
    fields.set(part.slice(0, Math.max(at, 0)).trim(), part.slice(at + 1).trim());
  }
  const signature = fields.get("Signature");
  const parts = (fields.get("Credential") ?? "").split("/");
  const [keyId, date, region, product, last] = parts;
  if (keyId === undefined || date === undefined || region === undefined || signature === undefined)
    return undefined;
  if (parts.length !== 5 || product !== "oss" || last !== "aliyun_v4_request") return undefined;
  const additionalHeaders = (fields.get("AdditionalHeaders") ?? "").split(";").filter((name) => name !== "");
  return { keyId, scope: { date, region, product }, additionalHeaders, signature };
}

/** Checks the headers. InvalidArgument for a wrong date or region of the scope is inferred: the docs name no code. */
function headerRefusal(
  headers: SignedCall["headers"],
  scope: CredentialScope,
  route: Route,
  nowMs: number,
): Refused | undefined {
  const dateTime = headers["x-oss-date"] ?? "";
  const sentMs = parseDateTime(dateTime);
  if (sentMs === undefined)
    return refuse("InvalidArgument", { message: "The request needs a valid x-oss-date." });
  if (headers["x-oss-content-sha256"] !== "UNSIGNED-PAYLOAD") {
    return refuse("InvalidArgument", {
      message: "The x-oss-content-sha256 header must be UNSIGNED-PAYLOAD.",
    });
  }
  if (scope.date !== dateTime.slice(0, 8)) {
    return refuse("InvalidArgument", { message: "The date of the credential is not the day of x-oss-date." });
  }
  if (route.region !== undefined && route.region !== scope.region) {
    return refuse("InvalidArgument", {
      message: "The region of the credential is not the region of the host.",
    });
  }
  return Math.abs(nowMs - sentMs) > maxSkewMs ? refuse("RequestTimeTooSkewed") : undefined;
}

function tokenRefusal(key: SandboxKey, token: string | undefined): Refused | undefined {
  if (key.token === token) return undefined;
  return refuse(key.token === undefined ? "SecurityTokenNotSupported" : "InvalidSecurityToken");
}

function signatureRefusal(call: SignedCall, credential: Credential, secret: string): Refused | undefined {
  const { method, headers, route } = call;
  const { resource, query } = route;
  const { additionalHeaders, scope, keyId, signature } = credential;
  const signed = { method, resource, query, headers, additionalHeaders };
  const text = stringToSign(signed, headers["x-oss-date"] ?? "", scope);
  if (sameSignature(sign(text, secret, scope), signature)) return undefined;
  return refuse("SignatureDoesNotMatch", {
    extras: [
      ["OSSAccessKeyId", keyId],
      ["SignatureProvided", signature],
      ["StringToSign", text],
      [
        "StringToSignBytes",
        Buffer.from(text)
          .toString("hex")
          .toUpperCase()
          .replace(/..(?=.)/g, "$& "),
      ],
    ],
  });
}

/** Parses YYYYMMDDTHHMMSSZ to milliseconds; undefined for anything else. */
function parseDateTime(text: string): number | undefined {
  if (!/^\d{8}T\d{6}Z$/.test(text)) return undefined;
  const iso = text.replace(/^(....)(..)(..T..)(..)(..Z)$/, "$1-$2-$3:$4:$5");
  const time = Date.parse(iso);
  return Number.isNaN(time) ? undefined : time;
}
