import { refuse, type Refused } from "../wire/wire-error.ts";
import { claimOf } from "./claim.ts";
import type { Directory, Identity, KnownKey } from "./identity.ts";
import { sameSignature } from "./signature.ts";
import type { Claim, SignedCall, SignType } from "./signed-call.ts";

/** Sender of a call, proved by a signature, or anonymous. */
export interface Caller {
  readonly identity: Identity;
  /** Undefined for an anonymous caller. */
  readonly key: KnownKey | undefined;
  /** Region of the signature's scope; undefined in V1 and without a signature. */
  readonly region: string | undefined;
  readonly signType: SignType;
}

/** Caller without a signature. */
export const anonymous: Caller = {
  identity: { kind: "anonymous" },
  key: undefined,
  region: undefined,
  signType: "NotSign",
};

/** Checks the signature of a call, V1 or V4, in its header or its query. A call without one is anonymous. */
export function authenticate(call: SignedCall, directory: Directory, nowMs: number): Caller | Refused {
  const claim = claimOf(call, nowMs);
  if (claim === undefined) return anonymous;
  return "refusal" in claim ? claim : callerOf(claim, directory, nowMs);
}

/** Checks the key, the token and the signature of a claim. */
export function callerOf(claim: Claim, { keyOf }: Directory, nowMs: number): Caller | Refused {
  const { keyId, region, signType } = claim;
  const key = keyOf(keyId);
  if (key === undefined) return refuse("InvalidAccessKeyId", { extras: [["OSSAccessKeyId", keyId]] });
  return (
    tokenRefusal(key, claim.token, nowMs) ??
    signatureRefusal(claim, key.secret) ?? { identity: key.identity, key, region, signType }
  );
}

function tokenRefusal(key: KnownKey, token: string | undefined, nowMs: number): Refused | undefined {
  if (key.token !== token)
    return refuse(key.token === undefined ? "SecurityTokenNotSupported" : "InvalidSecurityToken");
  const isExpired = key.expiresMs !== undefined && nowMs >= key.expiresMs;
  return isExpired ? refuse("SecurityTokenExpired") : undefined;
}

function signatureRefusal(claim: Claim, secret: string): Refused | undefined {
  const { keyId, signature, stringToSign, mismatchEc } = claim;
  if (sameSignature(claim.sign(secret), signature)) return undefined;
  const bytes = Buffer.from(stringToSign, "latin1");
  return refuse("SignatureDoesNotMatch", {
    ec: mismatchEc,
    extras: [
      ["OSSAccessKeyId", keyId],
      ["SignatureProvided", signature],
      ["StringToSign", bytes.toString()],
      [
        "StringToSignBytes",
        bytes
          .toString("hex")
          .toUpperCase()
          .replace(/..(?=.)/g, "$& "),
      ],
    ],
  });
}
