import { randomUUID } from "node:crypto";
import type { ReadProblem } from "../policy/live.ts";
import { isObject } from "../policy/json.ts";
import { acsHeaders, acsQuery } from "./acs-signature.ts";
import { counted, type OnCall } from "./counted.ts";
import type { AssumedRole } from "./credential-recipe.ts";
import type { Credentials } from "./credentials.ts";
import { exchange, type ExchangeAnswer } from "./exchange.ts";
import type { Secrets } from "./secrets.ts";
import { objectIn, sessionIn, type ObtainedCredentials } from "./session-credentials.ts";

/** STS as one run calls it. */
export interface StsContext {
  readonly url: string;
  readonly timeoutMs: number;
  readonly secrets: Secrets;
  readonly onCall?: OnCall | undefined;
}

const version = "2015-04-01";
const service = {
  name: "STS",
  help: "check the network, and ALIBABA_CLOUD_STS_ENDPOINT and ALIBABA_CLOUD_STS_REGION if one is set",
};

/** Assumes a role with other credentials, static or temporary, by one signed call (STS docs: AssumeRole). */
export function assumeRole(
  role: AssumedRole,
  credentials: Credentials,
  context: StsContext,
): Promise<ObtainedCredentials> {
  const query = { ...parametersOf(role), Format: "JSON" };
  return obtain("AssumeRole", context, (date) => {
    const { host } = new URL(context.url);
    const nonce = randomUUID();
    const request = { host, action: "AssumeRole", version, query, date, nonce };
    const headers = acsHeaders(request, credentials);
    context.secrets.addSignature(headers["authorization"] ?? "");
    return { query, headers: { ...headers, accept: "application/json" } };
  });
}

/** OIDC provider in RAM, and a token of it. */
export interface OidcIdentity {
  readonly providerArn: string;
  readonly token: string;
}

/** Assumes a role with an OIDC token, by a call without a signature (STS docs: AssumeRoleWithOIDC). */
export function assumeRoleWithOidc(
  role: AssumedRole,
  { providerArn, token }: OidcIdentity,
  context: StsContext,
): Promise<ObtainedCredentials> {
  context.secrets.add([token]);
  const form = { ...parametersOf(role), OIDCProviderArn: providerArn, OIDCToken: token };
  return obtain("AssumeRoleWithOIDC", context, (date) => ({
    query: { Action: "AssumeRoleWithOIDC", Format: "JSON", Version: version, Timestamp: date },
    headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
    // The token is in the body: addresses end up in the logs of proxies.
    body: acsQuery(form),
  }));
}

function parametersOf({
  arn,
  sessionName,
  externalId,
  durationSeconds,
}: AssumedRole): Record<string, string> {
  return {
    RoleArn: arn,
    RoleSessionName: sessionName,
    DurationSeconds: String(durationSeconds),
    ...(externalId === undefined ? {} : { ExternalId: externalId }),
  };
}

interface StsRequest {
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Makes a call of STS. One that is refused because of this machine's clock is repeated once with STS's time. */
async function obtain(
  operation: string,
  context: StsContext,
  requestAt: (date: string) => StsRequest,
): Promise<ObtainedCredentials> {
  const call = (nowMs: number) => {
    const { query, ...rest } = requestAt(new Date(nowMs).toISOString().replace(/\.\d+/, ""));
    const { url, timeoutMs } = context;
    const answer = exchange({
      method: "POST",
      url: `${url}/?${acsQuery(query)}`,
      ...rest,
      service,
      timeoutMs,
    });
    return counted(operation, answer, context.onCall);
  };
  const first = await call(Date.now());
  const isSkewed =
    "status" in first && first.serverMs !== undefined && /^InvalidTimeStamp/.test(codeIn(first));
  const answer = isSkewed ? await call(first.serverMs ?? 0) : first;
  if ("problem" in answer) return answer;
  if (answer.status !== 200) return { problem: refusalOf(answer, context.secrets) };
  const fields = objectIn(answer)?.["Credentials"];
  const session = isObject(fields) ? fields : undefined;
  return sessionIn(session, answer, { from: "STS", secrets: context.secrets });
}

function codeIn(answer: ExchangeAnswer): string {
  const code = objectIn(answer)?.["Code"];
  return typeof code === "string" ? code : "";
}

/** Returns the problem of an error answer: its code alone, because its message may repeat what was sent. */
function refusalOf(answer: ExchangeAnswer, { clean }: Secrets): ReadProblem {
  const code = codeIn(answer);
  const isShown = /^[A-Za-z][A-Za-z0-9.]{0,79}$/.test(code) && clean(code) === code;
  const status = /^Throttling/.test(code) ? 429 : answer.status;
  const help = helpForSts(status, code);
  return {
    message: `STS answered ${answer.status}${isShown ? ` ${code}` : ""}`,
    ...(help === undefined ? {} : { help }),
    status,
    ...(isShown ? { code } : {}),
  };
}

/** Help by the beginning of STS's error code (STS docs: error codes); the first row that fits is used. */
const stsHelps: readonly { readonly code: RegExp; readonly help: string }[] = [
  {
    code: /^AuthenticationFail\..*Expired/,
    help: "the OIDC token has expired: write a new one to the file that ALIBABA_CLOUD_OIDC_TOKEN_FILE names",
  },
  {
    code: /^AuthenticationFail/,
    help: "check that the role's trust policy names the OIDC provider, and the issuer, audience and subject of the token",
  },
  {
    code: /^NoPermission/,
    help: "allow the caller sts:AssumeRole on this role in a RAM policy, and name the caller in the role's trust policy",
  },
  { code: /^EntityNotExist/, help: "correct the ARN: the role or the OIDC provider does not exist" },
  {
    code: /^(InvalidAccessKeyId|SignatureDoesNotMatch|IncompleteSignature)/,
    help: "check the access key, its secret and its token, with which the role is assumed",
  },
  {
    code: /SecurityToken/,
    help: "the token with which the role is assumed is invalid or has expired: get a new one",
  },
  { code: /^InvalidTimeStamp/, help: "correct this machine's clock" },
  {
    code: /^(InvalidParameter|MissingParameter)/,
    help: "check the ARN of the role, the external ID, and ALIBABA_CLOUD_ROLE_SESSION_NAME if it is set",
  },
];

function helpForSts(status: number, code: string): string | undefined {
  const row = stsHelps.find((one) => one.code.test(code));
  if (row !== undefined) return row.help;
  return status === 429 || status >= 500 ? "try again later" : undefined;
}
