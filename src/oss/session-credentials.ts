import type { ReadProblem } from "../policy/live.ts";
import { isObject, parseJson, type JsonObject } from "../policy/json.ts";
import type { Credentials } from "./credentials.ts";
import type { ExchangeAnswer } from "./exchange.ts";
import type { Secrets } from "./secrets.ts";

/** Temporary credentials, with the time that they were still valid for when they came. */
export interface SessionCredentials {
  readonly credentials: Credentials;
  readonly lifeMs: number;
}

export type ObtainedCredentials = SessionCredentials | { readonly problem: ReadProblem };

/** Longest life of a session (RAM docs: maximum session duration). */
const longestLifeMs = 12 * 3_600_000;

/** Returns the JSON object of an answer; undefined if it is anything else, such as the page of a proxy. */
export function objectIn({ text }: ExchangeAnswer): JsonObject | undefined {
  const parsed = parseJson(text);
  return "value" in parsed && isObject(parsed.value) ? parsed.value : undefined;
}

/**
 * Reads temporary credentials from a successful answer. Their life is measured on the server's clock, so a wrong
 * clock of this machine does not matter. They are secrets of the run from here on.
 */
export function sessionIn(
  fields: JsonObject | undefined,
  { serverMs = Date.now() }: ExchangeAnswer,
  { from, secrets }: { readonly from: string; readonly secrets: Secrets },
): ObtainedCredentials {
  const wordOf = (name: string) => {
    const value = fields?.[name];
    return typeof value === "string" && /^[\x21-\x7e]{1,16384}$/.test(value) ? value : undefined;
  };
  const [accessKeyId, accessKeySecret] = [wordOf("AccessKeyId"), wordOf("AccessKeySecret")];
  const [securityToken, expiration] = [wordOf("SecurityToken"), wordOf("Expiration")];
  secrets.add([accessKeySecret, securityToken], accessKeyId === undefined ? [] : [accessKeyId]);
  const until = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(expiration ?? "")
    ? Date.parse(expiration ?? "")
    : NaN;
  if (accessKeyId === undefined || accessKeySecret === undefined || securityToken === undefined)
    return { problem: { message: `${from} sent no complete credentials`, status: 200 } };
  if (Number.isNaN(until))
    return { problem: { message: `${from} sent credentials without a valid expiration`, status: 200 } };
  const lifeMs = Math.min(until - serverMs, longestLifeMs);
  if (lifeMs <= 0)
    return { problem: { message: `${from} sent credentials that have already expired`, status: 200 } };
  return { credentials: { accessKeyId, accessKeySecret, securityToken }, lifeMs };
}
