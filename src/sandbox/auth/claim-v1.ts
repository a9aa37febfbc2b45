import { queryValue } from "../wire/place.ts";
import { refuse, type Refused } from "../wire/wire-error.ts";
import type { Claim, SignedCall } from "./signed-call.ts";
import type { QueryPair } from "./signature.ts";
import { signV1, stringToSignV1 } from "./signature-v1.ts";
import { dateTextOf, parseDate, skewRefusal } from "./signing-time.ts";

/** EC of a wrong V1 signature (OSS docs for signed URLs; for headers seen in reports of users). */
const mismatchEc = "0002-00000040";

/** Parses `OSS ID:SIGNATURE` and checks the date. */
export function claimV1Header(call: SignedCall, nowMs: number): Claim | Refused {
  const { headers } = call;
  const [, keyId, signature] = /^OSS ([^:\s]+):(\S+)$/.exec(headers["authorization"] ?? "") ?? [];
  if (keyId === undefined || signature === undefined)
    return refuse("InvalidArgument", { message: "The Authorization header is malformed." });
  const date = dateTextOf(headers);
  const sentMs = parseDate(date);
  // OSS docs: signature in the header; EC 0002-00000503.
  if (sentMs === undefined)
    return refuse("AccessDenied", { ec: "0002-00000503", message: "The request needs a valid Date." });
  const refused = skewRefusal(sentMs, nowMs);
  if (refused !== undefined) return refused;
  const token = headers["x-oss-security-token"];
  return claim(call, date, { signType: "NormalSign", keyId, token, signature });
}

const urlNames = ["OSSAccessKeyId", "Expires", "Signature"];

/** Returns true if any part of a V1 signature is in the query: a signed URL must have all three (OSS docs). */
export function isV1Query(query: readonly QueryPair[]): boolean {
  return query.some(([name]) => urlNames.includes(name));
}

/** Checks the time of a signed URL, before its signature (OSS docs: signature in the URL). */
export function claimV1Query(call: SignedCall, nowMs: number): Claim | Refused {
  const { query } = call.route;
  const [keyId, expires, signature] = urlNames.map((name) => queryValue(query, name));
  if (!keyId) return denied(undefined, "The URL has no OSSAccessKeyId.");
  if (expires === undefined) return denied("0002-00000067", "The URL has no Expires.");
  if (expires === "") return denied("0002-00000068", "The Expires of the URL is empty.");
  if (!signature) return denied("0002-00000074", "The URL has no Signature.");
  if (!/^\d{1,15}$/.test(expires)) return denied("0002-00000070", "The Expires of the URL is no Unix time.");
  if (nowMs > Number(expires) * 1000) return denied("0002-00000069", "Request has expired.");
  const token = queryValue(query, "security-token");
  return claim(call, expires, { signType: "UriSign", keyId, token, signature });
}

function claim(
  call: SignedCall,
  date: string,
  parts: Pick<Claim, "signType" | "keyId" | "token" | "signature">,
): Claim {
  const stringToSign = stringToSignV1(call, date);
  const sign = (secret: string): string => signV1(stringToSign, secret);
  return { ...parts, region: undefined, stringToSign, sign, mismatchEc };
}

function denied(ec: string | undefined, message: string): Refused {
  return refuse("AccessDenied", { ec, message });
}
