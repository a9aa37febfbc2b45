import { verify } from "node:crypto";
import { isObject, parseJson, type JsonObject } from "../../policy/json.ts";
import type { KnownOidcProvider } from "./identity.ts";
import type { StsRefused } from "./sts-call.ts";

/** Claims of a token whose signature, issuer, audience and time are right. */
export interface OidcClaims {
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly subject: string;
  readonly expiresMs: number;
}

/** Checks an OIDC token as STS does (STS docs: AssumeRoleWithOIDC, error codes). */
export function verifiedClaims(
  token: string,
  provider: KnownOidcProvider,
  nowMs: number,
): OidcClaims | StsRefused {
  const parts = token.split(".");
  const [head = "", payload = "", signature = ""] = parts;
  const header = objectIn(head);
  const claims = objectIn(payload);
  if (parts.length !== 3 || header === undefined || claims === undefined)
    return invalid("Invalid", "The OIDC token is no JSON Web Token.");
  const { alg, kid } = header;
  const options = algorithms.get(typeof alg === "string" ? alg : "");
  if (options === undefined)
    return invalid("Invalid", `The algorithm ${String(alg)} that be specified in Jwt header is unknown.`);
  const isSigned = provider.keys
    .filter((key) => typeof kid !== "string" || key.kid === "" || key.kid === kid)
    .filter(({ key }) => key.asymmetricKeyType === options.type)
    .some(({ key }) => {
      const bytes = Buffer.from(`${head}.${payload}`);
      return verify("sha256", bytes, { key, dsaEncoding: "ieee-p1363" }, Buffer.from(signature, "base64url"));
    });
  if (!isSigned) return invalid("InvalidSignature", "OIDC token validate failed: invalid signature.");
  return checkedClaims(claims, provider, nowMs);
}

const algorithms: ReadonlyMap<string, { readonly type: "rsa" | "ec" }> = new Map([
  ["RS256", { type: "rsa" }],
  ["ES256", { type: "ec" }],
] as const);

function checkedClaims(
  { iss, aud, sub, exp, nbf }: JsonObject,
  { issuer, clientIds }: KnownOidcProvider,
  nowMs: number,
): OidcClaims | StsRefused {
  const audiences = (Array.isArray(aud) ? aud : [aud]).filter((each) => typeof each === "string");
  if (typeof exp !== "number" || typeof sub !== "string")
    return invalid("Invalid", "The Jwt content is invalid that cannot be recognized.");
  if (exp * 1000 <= nowMs) return invalid("Expired", "This JsonWebToken is expired.");
  if (typeof nbf === "number" && nbf * 1000 > nowMs)
    return invalid("Invalid", "The OIDC token is not valid yet.");
  if (iss !== issuer) return invalid("IssuerNotMatch", "The issuer is not that of the OIDC provider.");
  if (!audiences.some((each) => clientIds.includes(each)))
    return invalid("AudienceNotMatch", "Invalid audience.");
  return { issuer, audiences, subject: sub, expiresMs: exp * 1000 };
}

function objectIn(part: string): JsonObject | undefined {
  const parsed = parseJson(Buffer.from(part, "base64url").toString());
  return "value" in parsed && isObject(parsed.value) ? parsed.value : undefined;
}

function invalid(kind: string, message: string): StsRefused {
  return { status: 401, code: `AuthenticationFail.OIDCToken.${kind}`, message };
}
