import { createHash, createHmac } from "node:crypto";
import type { Directory, KnownKey } from "./identity.ts";
import { percentEncode, sameSignature } from "./signature.ts";
import { maxSkewMs } from "./signing-time.ts";
import type { StsCall, StsRefused } from "./sts-call.ts";

/** Nonces of calls that are still in time: each counts once. */
export interface Nonces {
  /** Returns false if the nonce was taken before. */
  take(nonce: string, nowMs: number): boolean;
}

/** Opens an empty list of nonces, which forgets each when its call would be too old. */
export function openNonces(): Nonces {
  const untilMs = new Map<string, number>();
  return {
    take: (nonce, nowMs) => {
      for (const [old, end] of untilMs) {
        if (end > nowMs) break;
        untilMs.delete(old);
      }
      if (untilMs.has(nonce)) return false;
      untilMs.set(nonce, nowMs + 2 * maxSkewMs);
      return true;
    },
  };
}

/** Signature of a call of STS, parsed. */
interface StsClaim {
  readonly keyId: string;
  readonly token: string | undefined;
  readonly date: string;
  readonly nonce: string;
  readonly signature: string;
  sign(secret: string): string;
}

/** Time and state for checking a signature. */
export interface SignatureState {
  readonly directory: Directory;
  readonly nonces: Nonces;
  readonly nowMs: number;
}

/** Checks the signature of a call of STS: of the RPC style (HMAC-SHA1), or of version 3 (ACS3-HMAC-SHA256). */
export function stsSigner(
  call: StsCall,
  { directory, nonces, nowMs }: SignatureState,
): KnownKey | StsRefused {
  const claim = call.headers["authorization"] === undefined ? rpcClaim(call) : acs3Claim(call);
  if ("status" in claim) return claim;
  const sentMs = parseTimestamp(claim.date);
  if (sentMs === undefined)
    return refused(400, "InvalidTimeStamp.Format", "The time of the call is malformed.");
  if (Math.abs(nowMs - sentMs) > maxSkewMs)
    return refused(400, "InvalidTimeStamp.Expired", "The time of the call differs by more than 15 minutes.");
  const key = directory.keyOf(claim.keyId);
  if (key === undefined)
    return refused(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.");
  if (!sameSignature(claim.sign(key.secret), claim.signature))
    return refused(400, "SignatureDoesNotMatch", "The signature is not the one that the server calculated.");
  if (!nonces.take(`${claim.keyId} ${claim.nonce}`, nowMs))
    return refused(400, "SignatureNonceUsed", "The nonce of the signature was used before.");
  return tokenRefusal(key, claim.token, nowMs) ?? key;
}

function tokenRefusal(key: KnownKey, token: string | undefined, nowMs: number): StsRefused | undefined {
  if (key.token !== undefined && token === undefined)
    return refused(400, "MissingSecurityToken", "SecurityToken is mandatory for this action.");
  if (key.token !== token)
    return refused(400, "InvalidSecurityToken.MismatchWithAccessKey", "The token is not that of the key.");
  if (key.expiresMs === undefined || nowMs < key.expiresMs) return undefined;
  return refused(400, "InvalidSecurityToken.Expired", "The security token has expired.");
}

/** Parses the signature of the RPC style, whose parameters are in the query or in a form (API docs: RPC signature). */
function rpcClaim({ method, parameters }: StsCall): StsClaim | StsRefused {
  const of = (name: string): string => parameters.get(name) ?? "";
  if (of("SignatureMethod") !== "HMAC-SHA1" || of("SignatureVersion") !== "1.0")
    return incomplete("The sandbox knows SignatureMethod HMAC-SHA1 with SignatureVersion 1.0 only.");
  const missing = ["AccessKeyId", "Signature", "SignatureNonce", "Timestamp"].find((name) => of(name) === "");
  if (missing !== undefined) return incomplete(`The call has no ${missing}.`);
  const signed = canonicalParameters([...parameters].filter(([name]) => name !== "Signature"));
  const text = `${method}&${percentEncode("/")}&${percentEncode(signed)}`;
  return {
    keyId: of("AccessKeyId"),
    token: parameters.get("SecurityToken"),
    date: of("Timestamp"),
    nonce: of("SignatureNonce"),
    signature: of("Signature"),
    sign: (secret) => createHmac("sha1", `${secret}&`).update(text).digest("base64"),
  };
}

const acs3Form =
  /^ACS3-HMAC-SHA256 Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/;

/** Parses the signature of version 3. All headers of `x-acs-` must be signed, and the host (API docs: V3 signature). */
function acs3Claim({ method, query, headers, body }: StsCall): StsClaim | StsRefused {
  const [, keyId, names, signature] = acs3Form.exec(headers["authorization"] ?? "") ?? [];
  if (keyId === undefined || names === undefined || signature === undefined)
    return incomplete("The Authorization header is not one of ACS3-HMAC-SHA256.");
  const signed = names.split(";");
  const needed = ["host", ...Object.keys(headers).filter((name) => name.startsWith("x-acs-"))];
  const unsigned = needed.find((name) => !signed.includes(name));
  if (unsigned !== undefined) return incomplete(`The header ${unsigned} is not signed.`);
  const hash = createHash("sha256").update(body).digest("hex");
  if ((headers["x-acs-content-sha256"] ?? hash) !== hash)
    return incomplete("The x-acs-content-sha256 is not that of the body.");
  const valueOf = (name: string): string => (Object.hasOwn(headers, name) ? (headers[name] ?? "") : "");
  const lines = signed.map((name) => `${name}:${valueOf(name).trim()}\n`).join("");
  const canonical = [method, "/", canonicalParameters([...query]), lines, names, hash].join("\n");
  const text = `ACS3-HMAC-SHA256\n${createHash("sha256").update(canonical).digest("hex")}`;
  return {
    keyId,
    token: headers["x-acs-security-token"],
    date: headers["x-acs-date"] ?? "",
    nonce: headers["x-acs-signature-nonce"] ?? "",
    signature,
    sign: (secret) => createHmac("sha256", secret).update(text).digest("hex"),
  };
}

function canonicalParameters(pairs: readonly (readonly [string, string])[]): string {
  return pairs
    .map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`)
    .sort()
    .join("&");
}

function parseTimestamp(text: string): number | undefined {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/.test(text)
    ? Date.parse(text) || undefined
    : undefined;
}

function incomplete(message: string): StsRefused {
  return refused(400, "IncompleteSignature", message);
}

function refused(status: number, code: string, message: string): StsRefused {
  return { status, code, message };
}
