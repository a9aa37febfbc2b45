import { queryValue } from "../wire/place.ts";
import { refuse, type Refused } from "../wire/wire-error.ts";
import { unknownScheme, type Claim, type SignedCall } from "./signed-call.ts";
import { sign, stringToSign, type CredentialScope, type QueryPair } from "./signature.ts";
import { dateTextOf, dayOf, maxSkewMs, parseDate, skewRefusal } from "./signing-time.ts";

/** Signature and the scope that it was made for. */
interface Credential {
  readonly keyId: string;
  readonly scope: CredentialScope;
  readonly additionalHeaders: readonly string[];
  readonly signature: string;
}

/** Parses the Authorization header and checks the date. A call may have x-oss-date or only Date, whose text is signed. */
export function claimV4Header(call: SignedCall, nowMs: number): Claim | Refused {
  const { headers, route } = call;
  const credential = parseAuthorization(headers["authorization"] ?? "");
  if ("refusal" in credential) return credential;
  const date = dateTextOf(headers);
  const sentMs = parseDate(date);
  if (sentMs === undefined) return invalid("The request needs a valid x-oss-date or Date.", "0002-00000503");
  if (headers["x-oss-content-sha256"] !== "UNSIGNED-PAYLOAD")
    return invalid("The x-oss-content-sha256 header must be UNSIGNED-PAYLOAD.");
  const token = headers["x-oss-security-token"];
  return (
    scopeRefusal(credential.scope, route.region, sentMs) ??
    skewRefusal(sentMs, nowMs) ??
    claim(call, date, credential, { signType: "NORMAL_SIGN4", token })
  );
}

/** Returns true if the query has a V4 signature, or one of a version that names itself. */
export function isV4Query(query: readonly QueryPair[]): boolean {
  return query.some(([name]) => name === "x-oss-signature" || name === "x-oss-signature-version");
}

const maxExpirySeconds = 604_800;

/** Parses the query of a signed URL and checks its time: it lasts from x-oss-date for x-oss-expires seconds. */
export function claimV4Query(call: SignedCall, nowMs: number): Claim | Refused {
  const { query, region } = call.route;
  const parameter = (name: string): string => queryValue(query, `x-oss-${name}`) ?? "";
  const version = parameter("signature-version");
  if (version === "OSS2") return unknownScheme();
  if (version !== "OSS4-HMAC-SHA256")
    return invalid("The x-oss-signature-version must be OSS4-HMAC-SHA256.", "0002-00000066");
  const signature = parameter("signature");
  const additionalHeaders = namesIn(parameter("additional-headers"));
  const credential = credentialOf(parameter("credential"), signature, additionalHeaders);
  if ("refusal" in credential) return credential;
  const date = parameter("date");
  const fromMs = /Z$/.test(date) ? parseDate(date) : undefined;
  if (fromMs === undefined) return invalid("The x-oss-date must have the form 20221220T084818Z.");
  const token = queryValue(query, "x-oss-security-token");
  return (
    scopeRefusal(credential.scope, region, fromMs) ??
    lifeRefusal(fromMs, parameter("expires"), nowMs) ??
    claim(call, date, credential, { signType: "URI_SIGN4", token })
  );
}

/** Checks the time of a signed URL (OSS docs: EC 0002-00000232, -235, -236; the codes of the first two are inferred). */
function lifeRefusal(fromMs: number, expires: string, nowMs: number): Refused | undefined {
  const seconds = /^\d{1,9}$/.test(expires) ? Number(expires) : 0;
  if (seconds < 1 || seconds > maxExpirySeconds)
    return invalid("The x-oss-expires must be 1 to 604800 seconds.", "0002-00000232");
  if (nowMs < fromMs - maxSkewMs)
    return refuse("AccessDenied", { ec: "0002-00000235", message: "Request is not valid yet." });
  if (nowMs > fromMs + seconds * 1000)
    return refuse("AccessDenied", { ec: "0002-00000236", message: "Request has expired." });
  return undefined;
}

/** Parses `OSS4-HMAC-SHA256 Credential=.../...,AdditionalHeaders=a;b,Signature=...`; the docs also show `, `. */
function parseAuthorization(text: string): Credential | Refused {
  const fields = new Map<string, string>();
  for (const part of text.slice(text.indexOf(" ")).split(",")) {
    const at = part.indexOf("=");
    fields.set(part.slice(0, Math.max(at, 0)).trim(), part.slice(at + 1).trim());
  }
  const credential = fields.get("Credential");
  const signature = fields.get("Signature");
  if (credential === undefined || signature === undefined)
    return invalid("The Authorization header is malformed.", "0002-00000202");
  return credentialOf(credential, signature, namesIn(fields.get("AdditionalHeaders") ?? ""));
}

/** Parses `KEY/YYYYMMDD/REGION/oss/aliyun_v4_request` (OSS docs: EC 0002-00000212, -213; -227 by reports of users). */
export function credentialOf(
  text: string,
  signature: string,
  additionalHeaders: readonly string[],
): Credential | Refused {
  const [keyId = "", date = "", region = "", product, last, more] = text.split("/");
  if (keyId === "" || region === "" || last !== "aliyun_v4_request" || more !== undefined)
    return invalid("The credential is malformed.", "0002-00000213");
  if (!/^\d{8}$/.test(date)) return invalid("The date of the credential is malformed.", "0002-00000212");
  if (product !== "oss") return invalid("Invalid signing product in Authorization header.", "0002-00000227");
  return { keyId, scope: { date, region, product }, additionalHeaders, signature };
}

/** Checks the scope (OSS docs: EC 0002-00000226 for the region; the code for another day is inferred). */
function scopeRefusal(
  { date, region }: CredentialScope,
  hostRegion: string | undefined,
  sentMs: number,
): Refused | undefined {
  if (date !== dayOf(sentMs))
    return invalid("The date of the credential is not the day of the request's date.");
  const isOther = hostRegion !== undefined && hostRegion !== region;
  if (!isOther && !region.startsWith("oss-")) return undefined;
  return invalid("Invalid signing region in Authorization header.", "0002-00000226");
}

function claim(
  { method, headers, route }: SignedCall,
  date: string,
  { keyId, scope, additionalHeaders, signature }: Credential,
  parts: Pick<Claim, "signType" | "token">,
): Claim {
  const { resource, query } = route;
  const text = stringToSign({ method, resource, query, headers, additionalHeaders }, date, scope);
  return {
    ...parts,
    keyId,
    signature,
    region: scope.region,
    stringToSign: text,
    sign: (secret) => sign(text, secret, scope),
    mismatchEc: "0002-00000201",
  };
}

function namesIn(text: string): readonly string[] {
  return text.split(";").filter((name) => name !== "");
}

function invalid(message: string, ec?: string): Refused {
  return refuse("InvalidArgument", { ec, message });
}
