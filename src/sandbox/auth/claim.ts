import { refuse, type Refused } from "../wire/wire-error.ts";
import { claimV1Header, claimV1Query, isV1Query } from "./claim-v1.ts";
import { claimV4Header, claimV4Query, isV4Query } from "./claim-v4.ts";
import { unknownScheme, type Claim, type SignedCall } from "./signed-call.ts";

/** Returns the signature that a call carries; undefined if it carries none. */
export function claimOf(call: SignedCall, nowMs: number): Claim | Refused | undefined {
  const { headers, route } = call;
  const authorization = headers["authorization"] ?? "";
  const isSignedUrl = isV1Query(route.query) || isV4Query(route.query);
  if (authorization !== "" && isSignedUrl) {
    // OSS docs: signature in the URL, and EC 0002-00000039.
    const message = "The header and the query must not both have a signature.";
    return refuse("InvalidArgument", { ec: "0002-00000039", message });
  }
  if (isV4Query(route.query)) return claimV4Query(call, nowMs);
  if (isV1Query(route.query)) return claimV1Query(call, nowMs);
  if (authorization.startsWith("OSS4-HMAC-SHA256 ")) return claimV4Header(call, nowMs);
  if (authorization.startsWith("OSS ")) return claimV1Header(call, nowMs);
  if (authorization === "") return undefined;
  if (/^(OSS2|AWS|AWS4-HMAC-SHA256) /.test(authorization)) return unknownScheme();
  return refuse("InvalidArgument", { message: "The Authorization header is malformed." });
}
