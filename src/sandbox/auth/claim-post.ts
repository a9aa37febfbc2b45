import { refuse, type Refused } from "../wire/wire-error.ts";
import { credentialOf } from "./claim-v4.ts";
import { sign } from "./signature.ts";
import { signV1 } from "./signature-v1.ts";
import { unknownScheme, type Claim } from "./signed-call.ts";
import { dayOf, maxSkewMs, parseDate } from "./signing-time.ts";

type PostFields = ReadonlyMap<string, string>;

/** EC of a wrong signature in a form (OSS docs: EC 0002-00000705). */
const mismatchEc = "0002-00000705";

/** Fields of V4 that the policy must name too, so that no one who has the form can change them (OSS docs: EC 0006-00000228). */
const namedByPolicy = ["x-oss-signature-version", "x-oss-credential", "x-oss-date"];

/** Claim of a form, and the fields that its policy must name. */
export interface PostClaim extends Claim {
  readonly required: readonly string[];
}

/** Returns the signature of a form; undefined for a form without one, which is anonymous (OSS docs: PostObject). */
export function postClaimOf(
  fields: PostFields,
  hostRegion: string | undefined,
  nowMs: number,
): PostClaim | Refused | undefined {
  const version = fields.get("x-oss-signature-version");
  const policy = fields.get("policy");
  const names = ["ossaccesskeyid", "signature", "policy", "x-oss-credential", "x-oss-signature"];
  if (version === undefined && !names.some((name) => fields.has(name))) return undefined;
  if (!policy) return missing("policy", "0002-00000702");
  const token = fields.get("x-oss-security-token");
  if (version === undefined) return v1(fields, policy, token);
  if (version === "OSS2") return unknownScheme();
  if (version !== "OSS4-HMAC-SHA256")
    return refuse("InvalidArgument", { ec: "0002-00000701", message: "The signature version is not known." });
  return v4(fields, { policy, token, hostRegion, nowMs });
}

/** Reads a V1 signature: HMAC-SHA1 of the policy. */
function v1(fields: PostFields, policy: string, token: string | undefined): PostClaim | Refused {
  const keyId = fields.get("ossaccesskeyid");
  const signature = fields.get("signature");
  if (!keyId) return missing("OSSAccessKeyId", undefined);
  if (signature === undefined) return missing("Signature", "0002-00000703");
  if (signature === "") return missing("Signature", "0002-00000704");
  return {
    signType: "NormalSign",
    keyId,
    token,
    signature,
    region: undefined,
    stringToSign: policy,
    sign: (secret) => signV1(policy, secret),
    mismatchEc,
    required: [],
  };
}

interface V4Form {
  readonly policy: string;
  readonly token: string | undefined;
  readonly hostRegion: string | undefined;
  readonly nowMs: number;
}

/** Most days from x-oss-date on (OSS docs: V4 signature of PostObject). */
const longestMs = 7 * 24 * 60 * 60 * 1000;

/** Reads a V4 signature: that of the policy alone, by a key of the day and the region. */
function v4(fields: PostFields, { policy, token, hostRegion, nowMs }: V4Form): PostClaim | Refused {
  const signature = fields.get("x-oss-signature");
  if (signature === undefined) return missing("x-oss-signature", "0002-00000703");
  if (signature === "") return missing("x-oss-signature", "0002-00000704");
  const credential = credentialOf(fields.get("x-oss-credential") ?? "", signature, []);
  if ("refusal" in credential)
    return refuse("InvalidArgument", { ec: "0002-00000710", message: credential.refusal.message });
  const { keyId, scope } = credential;
  const date = fields.get("x-oss-date") ?? "";
  const fromMs = /Z$/.test(date) ? parseDate(date) : undefined;
  if (fromMs === undefined || dayOf(fromMs) !== scope.date)
    return refuse("InvalidArgument", {
      message: "The x-oss-date must be a time on the day of the credential.",
    });
  if (hostRegion !== undefined && hostRegion !== scope.region)
    return refuse("InvalidArgument", { message: "The region of the credential is not that of the host." });
  // The codes of both are inferred.
  if (nowMs < fromMs - maxSkewMs) return refuse("AccessDenied", { message: "Request is not valid yet." });
  if (nowMs > fromMs + longestMs) return refuse("AccessDenied", { message: "Request has expired." });
  return {
    signType: "NORMAL_SIGN4",
    keyId,
    token,
    signature,
    region: scope.region,
    stringToSign: policy,
    sign: (secret) => sign(policy, secret, scope),
    mismatchEc,
    required: namedByPolicy,
  };
}

/** Refuses a form with some fields of a signature and not the others (OSS docs: PostObject). */
function missing(name: string, ec: string | undefined): Refused {
  return refuse("InvalidArgument", { ec, message: `The form has no ${name}, or an empty one.` });
}
