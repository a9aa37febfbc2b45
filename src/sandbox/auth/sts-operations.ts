import { randomBytes, randomUUID } from "node:crypto";
import { isObject, parseJson } from "../../policy/json.ts";
import type { Policy } from "../../policy/policy.ts";
import {
  ramPolicy,
  roleArn,
  type Directory,
  type Identity,
  type KnownKey,
  type KnownRole,
} from "./identity.ts";
import { verifiedClaims } from "./oidc.ts";
import type { StsCall, StsDone, StsFields, StsOutcome, StsRefused } from "./sts-call.ts";
import { mayAssume, trustNames, trusts, type Permission } from "./trust.ts";

/** Directory and time of a call of STS. */
export interface StsState {
  readonly directory: Directory;
  readonly nowMs: number;
}

/** Gives a session of a role to a user or to a session of another role (STS docs: AssumeRole). */
export function assumeRole(call: StsCall, signer: KnownKey, state: StsState): StsOutcome {
  const { identity } = signer;
  if (identity.kind === "account" || identity.kind === "anonymous")
    return refused(403, "NoPermission", "Roles may not be assumed by root accounts.");
  const request = requestOf(call, state.directory);
  if ("code" in request) return request;
  const { role } = request;
  const externalId = call.parameters.get("ExternalId");
  const context = new Map(externalId === undefined ? [] : [["sts:ExternalId", [externalId]] as const]);
  const trusted = trusts(role, { kind: "RAM", names: trustNames(identity), context });
  const noPermission = "You are not authorized to do this action. You should be authorized by RAM.";
  return (
    permissionRefusal(trusted, [403, "NoPermission", noPermission]) ??
    permissionRefusal(mayAssumeAll(identity, role), [403, "NoPermission", noPermission]) ??
    sessionFor(request, state)
  );
}

/** Returns whether the policies of the caller, and that of its session, allow to assume the role. */
function mayAssumeAll(identity: Extract<Identity, { kind: "user" | "role" }>, role: KnownRole): Permission {
  const own = mayAssume(identity.policies, role);
  if (own !== "allowed" || identity.kind === "user" || identity.sessionPolicy === undefined) return own;
  return mayAssume([identity.sessionPolicy], role);
}

/** Gives a session of a role for a token of an OIDC provider; the call has no signature (STS docs). */
export function assumeRoleWithOidc(call: StsCall, state: StsState): StsOutcome {
  const providerArn = call.parameters.get("OIDCProviderArn") ?? "";
  const provider = state.directory.oidcProviderOf(providerArn);
  if (provider === undefined)
    return refused(401, "AuthenticationFail.NoPermission", "No such OIDC Provider registered.");
  const claims = verifiedClaims(call.parameters.get("OIDCToken") ?? "", provider, state.nowMs);
  if ("code" in claims) return claims;
  const request = requestOf(call, state.directory);
  if ("code" in request) return request;
  const { issuer, audiences, subject, expiresMs } = claims;
  const context = new Map([
    ["oidc:iss", [issuer]],
    ["oidc:aud", audiences],
    ["oidc:sub", [subject]],
  ]);
  const trusted = trusts(request.role, { kind: "Federated", names: [providerArn], context });
  const refusal = permissionRefusal(trusted, [
    401,
    "AuthenticationFail.NoPermission",
    "There is no permission",
  ]);
  if (refusal !== undefined) return refusal;
  const info = {
    Subject: subject,
    Issuer: issuer,
    ClientIds: audiences.join(","),
    ExpirationTime: timeText(expiresMs),
    VerificationInfo: "Success",
  };
  return { fields: { ...sessionFor(request, state).fields, OIDCTokenInfo: info } };
}

/** Says who signed the call (STS docs: GetCallerIdentity). */
export function getCallerIdentity({ identity }: KnownKey): StsOutcome {
  switch (identity.kind) {
    case "account": {
      const { account } = identity;
      return caller("Account", account, account, { UserId: account, Arn: `acs:ram::${account}:root` });
    }
    case "user": {
      const { account, uid, name } = identity;
      return caller("RAMUser", account, uid, { UserId: uid, Arn: `acs:ram::${account}:user/${name}` });
    }
    case "role": {
      const { account, role, roleId, session } = identity;
      const arn = `acs:ram::${account}:assumed-role/${role}/${session}`;
      return caller("AssumedRoleUser", account, `${roleId}:${session}`, { RoleId: roleId, Arn: arn });
    }
    case "anonymous":
      return refused(400, "IncompleteSignature", "The call has no signature.");
  }
}

function caller(type: string, account: string, principal: string, more: StsFields): StsDone {
  return { fields: { IdentityType: type, AccountId: account, PrincipalId: principal, ...more } };
}

interface RoleRequest {
  readonly role: KnownRole;
  readonly session: string;
  readonly seconds: number;
  readonly policy: Policy | undefined;
}

/** Most characters of a policy for a session (STS docs: AssumeRole). */
const longestPolicy = 2_048;

function requestOf({ parameters }: StsCall, directory: Directory): RoleRequest | StsRefused {
  const arn = parameters.get("RoleArn") ?? "";
  if (!/^acs:ram::\d+:role\/.+$/.test(arn))
    return invalid("RoleArn", "The parameter RoleArn is wrongly formed.");
  const session = parameters.get("RoleSessionName") ?? "";
  if (!/^[A-Za-z0-9.@_-]{2,64}$/.test(session))
    return invalid("RoleSessionName", "The parameter RoleSessionName is wrongly formed.");
  const role = directory.roleOf(arn);
  if (role === undefined) return refused(404, "EntityNotExist.Role", `The role not exists : ${arn}.`);
  const seconds = Number(parameters.get("DurationSeconds") ?? "3600");
  if (!Number.isInteger(seconds) || seconds < 900 || seconds > role.maxSessionSeconds)
    return invalid(
      "DurationSeconds",
      `The Min/Max value of DurationSeconds is 900/${role.maxSessionSeconds}.`,
    );
  const text = parameters.get("Policy");
  if (text === undefined) return { role, session, seconds, policy: undefined };
  if (text.length > longestPolicy)
    return invalid("PolicySize", "The size of Policy must be 1 to 2048 characters.");
  const policy = sessionPolicyOf(text);
  if (policy === undefined)
    return invalid("PolicyGrammar", "The parameter Policy has not passed grammar check.");
  return { role, session, seconds, policy };
}

function sessionPolicyOf(text: string): Policy | undefined {
  const parsed = parseJson(text);
  if (!("value" in parsed) || !isObject(parsed.value)) return undefined;
  const { Version: version, Statement: statements } = parsed.value;
  const isFine = version === "1" && Array.isArray(statements) && statements.every(isObject);
  return isFine ? ramPolicy(parsed.value) : undefined;
}

/** Makes a session with keys of its own, which the sandbox knows from now on. */
function sessionFor(
  { role, session, seconds, policy }: RoleRequest,
  { directory, nowMs }: StsState,
): StsDone {
  const { account, name, id, policies } = role;
  const own = { kind: "role" as const, account, role: name, roleId: id, session, policies };
  const identity = policy === undefined ? own : { ...own, sessionPolicy: policy };
  const expiresMs = Math.floor(nowMs / 1000) * 1000 + seconds * 1000;
  const key = {
    id: `STS.${randomText(18)}`,
    secret: randomText(33),
    token: `CAIS${randomBytes(180).toString("base64")}`,
  };
  directory.addSession({ ...key, identity, expiresMs });
  return {
    fields: {
      AssumedRoleUser: {
        Arn: `${roleArn(account, name)}/${session}`,
        AssumedRoleId: `${id}:${session}`,
      },
      Credentials: {
        SecurityToken: key.token,
        AccessKeyId: key.id,
        AccessKeySecret: key.secret,
        Expiration: timeText(expiresMs),
      },
    },
  };
}

/** Returns an id for an answer of STS. */
export function newStsRequestId(): string {
  return randomUUID().toUpperCase();
}

function randomText(bytes: number): string {
  return randomBytes(bytes).toString("base64").replace(/[+/]/g, "x");
}

function timeText(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/\.\d+/, "");
}

function permissionRefusal(
  permission: Permission,
  [status, code, message]: readonly [number, string, string],
): StsRefused | undefined {
  if (permission === "allowed") return undefined;
  if (permission === "refused") return refused(status, code, message);
  const open = `The sandbox does not know the meaning of ${permission.open}, so it decides nothing.`;
  return refused(501, "NotImplemented", open);
}

function invalid(parameter: string, message: string): StsRefused {
  return refused(400, `InvalidParameter.${parameter}`, message);
}

function refused(status: number, code: string, message: string): StsRefused {
  return { status, code, message };
}
