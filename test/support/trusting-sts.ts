import { createHmac } from "node:crypto";
import type { SandboxKey } from "../../src/sandbox/seed/seed.ts";
import { answerJson, isSignedBy, sessionOf, startSts, type StsAnswer, type StsCall } from "./sts.ts";

/** Role with those who may assume it: keys of users and of sessions, or a token of an OIDC provider. */
export interface TrustedRole {
  readonly arn: string;
  /** Ids of keys, or ARNs of roles whose sessions may assume it. */
  readonly trusts?: readonly string[];
  readonly externalId?: string;
  readonly oidc?: { readonly issuer: string; readonly audience: string; readonly subject: string };
  readonly longestSeconds?: number;
}

/** STS that checks the signature, the trust policy and the time of each call, and remembers what it gave. */
export interface TrustingSts {
  readonly url: string;
  readonly calls: readonly StsCall[];
  /** Sessions that it gave, the newest last. */
  readonly given: readonly GivenSession[];
  /** Keys that OSS must know: more are added with each session. */
  readonly keys: readonly SandboxKey[];
  /** Returns whether OSS must refuse a token now. */
  isExpired(token: string): boolean;
}

interface GivenSession extends SandboxKey {
  readonly role: string;
  readonly untilMs: number;
}

interface TrustSettings {
  readonly roles: readonly TrustedRole[];
  readonly users: readonly SandboxKey[];
  readonly oidcProvider?: string;
  readonly nowMs: () => number;
}

type StsRefusal = readonly [status: number, code: string];

const oidcSecret = "the signing key of the test provider";
const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
const signed = (text: string) => createHmac("sha256", oidcSecret).update(text).digest("base64url");

/** Returns a token as an OIDC provider signs it. */
export function oidcToken(claims: {
  readonly iss: string;
  readonly aud: string;
  readonly sub: string;
  readonly exp: number;
}): string {
  const text = `${base64({ alg: "HS256", typ: "JWT" })}.${base64(claims)}`;
  return `${text}.${signed(text)}`;
}

export async function startTrustingSts(settings: TrustSettings): Promise<TrustingSts> {
  const { roles, users, nowMs } = settings;
  const given: GivenSession[] = [];
  const keys: SandboxKey[] = [...users];
  const give = (role: TrustedRole, seconds: number): Record<string, string> => {
    const session = sessionOf(`given${given.length}`, seconds, nowMs());
    const key = {
      id: session["AccessKeyId"] ?? "",
      secret: session["AccessKeySecret"] ?? "",
      token: session["SecurityToken"] ?? "",
    };
    keys.push(key);
    given.push({ ...key, role: role.arn, untilMs: Date.parse(session["Expiration"] ?? "") });
    return session;
  };
  const answer: StsAnswer = (call, response) => {
    const parameter = (name: string) => call.query.get(name) ?? call.form.get(name) ?? "";
    const refuse = ([status, code]: StsRefusal) => answerJson(response, status, { Code: code }, date());
    const date = () => ({ date: new Date(nowMs()).toUTCString() });
    const action = call.headers["x-acs-action"] ?? parameter("Action");
    const role = roles.find(({ arn }) => arn === parameter("RoleArn"));
    if (role === undefined) return refuse([404, "EntityNotExist.Role"]);
    const seconds = Number(parameter("DurationSeconds"));
    if (!(seconds >= 900 && seconds <= (role.longestSeconds ?? 3_600)))
      return refuse([400, "InvalidParameter.DurationSeconds"]);
    const refused =
      action === "AssumeRoleWithOIDC"
        ? tokenRefusal(role, parameter("OIDCToken"), parameter("OIDCProviderArn"), settings)
        : callerRefusal(call, role, parameter("ExternalId"), { keys, given, nowMs });
    if (refused !== undefined) return refuse(refused);
    return answerJson(response, 200, { Credentials: give(role, seconds) }, date());
  };
  const { url, calls } = await startSts(answer);
  const isExpired = (token: string) => given.some((one) => one.token === token && one.untilMs <= nowMs());
  return { url, calls, given, keys, isExpired };
}

/** Checks a signed call as STS does: the key, its token, the signature, the time, and the role's trust policy. */
function callerRefusal(
  call: StsCall,
  role: TrustedRole,
  externalId: string,
  { keys, given, nowMs }: Pick<TrustingSts, "keys" | "given"> & Pick<TrustSettings, "nowMs">,
): StsRefusal | undefined {
  const id = /Credential=([^,]+)/.exec(call.headers.authorization ?? "")?.[1];
  const key = keys.find((one) => one.id === id);
  if (key === undefined) return [404, "InvalidAccessKeyId.NotFound"];
  if (call.headers["x-acs-security-token"] !== key.token) return [400, "InvalidSecurityToken.Malformed"];
  const session = given.find((one) => one.id === id);
  if (session !== undefined && session.untilMs <= nowMs()) return [400, "InvalidSecurityToken.Expired"];
  if (!isSignedBy(call, key.secret)) return [400, "SignatureDoesNotMatch"];
  const sentMs = Date.parse(String(call.headers["x-acs-date"]));
  if (Math.abs(sentMs - nowMs()) > 15 * 60_000) return [400, "InvalidTimeStamp.Expired"];
  const isTrusted = role.trusts?.includes(session?.role ?? key.id) === true;
  return isTrusted && (role.externalId ?? "") === externalId ? undefined : [403, "NoPermission"];
}

/** Checks a token as STS does: its signature, its claims against the trust policy, and its end. */
function tokenRefusal(
  { oidc }: TrustedRole,
  token: string,
  provider: string,
  { oidcProvider, nowMs }: TrustSettings,
): StsRefusal | undefined {
  if (provider !== oidcProvider) return [404, "EntityNotExist.OIDCProvider"];
  const [head = "", claims = "", signature] = token.split(".");
  if (signed(`${head}.${claims}`) !== signature) return [400, "AuthenticationFail.OIDCToken.Invalid"];
  const { iss, aud, sub, exp } = JSON.parse(Buffer.from(claims, "base64url").toString()) as {
    readonly [name in "iss" | "aud" | "sub"]: string;
  } & { readonly exp: number };
  if (exp * 1_000 <= nowMs()) return [400, "AuthenticationFail.OIDCToken.Expired"];
  const isTrusted = oidc?.issuer === iss && oidc.audience === aud && oidc.subject === sub;
  return isTrusted ? undefined : [403, "AuthenticationFail.NoPermission"];
}
