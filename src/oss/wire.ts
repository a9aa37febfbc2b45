import { isObject, parseJson } from "../policy/json.ts";
import type { Exposure, Live, Problem } from "../policy/live.ts";
import type { WriteAnswer } from "./store.ts";

/** An answer of OSS, whatever its status. */
export interface Answer {
  readonly status: number;
  readonly body: Uint8Array;
  /** The body as XML, read loosely; undefined where it is none. */
  readonly xml: unknown;
  /** In lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/**
 * What an answer to GetBucketPolicy means. Only 404 with NoSuchBucketPolicy is "none", and only 404
 * with NoSuchBucket is "missing"; every other answer that holds no policy is unreadable.
 */
export function liveOf(answer: Answer): Live {
  if (answer.status === 200) return policyIn(answer.body);
  const code = errorField(answer, "Code");
  if (answer.status === 404 && code === "NoSuchBucketPolicy") return { state: "none" };
  if (answer.status === 404 && code === "NoSuchBucket") return { state: "missing" };
  return { state: "unreadable", problem: problemOf(answer) };
}

/** What an answer to a write means: after a server error the effect may stand all the same. */
export function writeAnswerOf(answer: Answer): WriteAnswer {
  if (answer.status >= 200 && answer.status < 300) return { kind: "done" };
  const problem = problemOf(answer);
  if (isThrottled(problem)) return { kind: "throttled", problem };
  return { kind: answer.status >= 500 ? "unknown" : "refused", problem };
}

/** What an answer to DeleteBucketPolicy means: that there is no policy is what was asked for. */
export function deleteAnswerOf(answer: Answer): WriteAnswer {
  const isGone = answer.status === 404 && errorField(answer, "Code") === "NoSuchBucketPolicy";
  return isGone ? { kind: "done" } : writeAnswerOf(answer);
}

/** OSS's codes for too many calls; all are answered before a call has any effect (OSS docs: error codes). */
export function isThrottled({ status, code = "" }: Problem): boolean {
  return status === 429 || (status === 503 && /(LimitExceeded|Limitted|^SlowDown)$/.test(code));
}

/** The host that OSS names when a bucket is asked through another region's endpoint. */
export function endpointNamedBy(answer: Answer): string | undefined {
  return answer.status === 403 ? errorField(answer, "Endpoint") : undefined;
}

export function problemOf(answer: Answer): Problem {
  const code = errorField(answer, "Code");
  const ec = errorField(answer, "EC");
  const said = errorField(answer, "Message");
  const number = ec === undefined ? undefined : `(EC ${ec})`;
  const help = mendOf(answer.status, code);
  const name = [String(answer.status), code, number].filter((part) => part !== undefined).join(" ");
  return {
    message: `OSS answered ${name}${said === undefined ? "" : `: ${said}`}`,
    ...(help === undefined ? {} : { help }),
    status: answer.status,
    ...(code === undefined ? {} : { code }),
    ...(ec === undefined ? {} : { ec }),
    ...retryAfter(answer),
  };
}

/** In whole seconds, or as a date (RFC 9110), which is taken against the server's own clock. */
function retryAfter({ headers }: Answer): { readonly retryAfterMs?: number } {
  const asked = headers["retry-after"] ?? "";
  if (/^\d{1,6}$/.test(asked)) return { retryAfterMs: Number(asked) * 1_000 };
  const untilMs = Date.parse(asked) - Date.parse(headers["date"] ?? "");
  return untilMs > 0 ? { retryAfterMs: untilMs } : {};
}

/** By how much OSS's clock is ahead of this machine's, where a call was refused for that. */
export function skewMs(answer: Answer, nowMs: number): number | undefined {
  if (answer.status !== 403 || errorField(answer, "Code") !== "RequestTimeTooSkewed") return undefined;
  const theirs = Date.parse(errorField(answer, "ServerTime") ?? answer.headers["date"] ?? "");
  return Number.isNaN(theirs) ? undefined : theirs - nowMs;
}

const keyCodes = new Set([
  "InvalidAccessKeyId",
  "SignatureDoesNotMatch",
  "SecurityTokenExpired",
  "InvalidSecurityToken",
  "AccessKeyIdAndSecurityTokenNotMatch",
]);

function mendOf(status: number, code: string | undefined): string | undefined {
  if (code !== undefined && keyCodes.has(code)) return "look at the access key, its secret and its token";
  if (code === "RequestTimeTooSkewed") return "set this machine's clock";
  if (status === 403) return "allow this call for the key in use, or use the key of the bucket's owner";
  if (status === 429 || status >= 500) return "try again later";
  return undefined;
}

/** No answer came, or only a part of one. */
export function problemOfFailure(failure: unknown): Problem {
  const { name, message } = failure instanceof Error ? failure : new Error(String(failure));
  const help = "look at the network, and at --endpoint or OSS_ENDPOINT if one is set";
  if (name.includes("Timeout")) return { message: "OSS did not answer in time", help };
  const code = /\bE[A-Z]{3,}\b/.exec(message)?.[0];
  return { message: `no whole answer came${code === undefined ? "" : ` (${code})`}`, help };
}

/** The ACLs that a bucket can have (OSS docs: GetBucketInfo). */
const bucketAcls: readonly unknown[] = ["private", "public-read", "public-read-write"];

/**
 * What GetBucketInfo says of the ACL and of Block Public Access; unknown where it does not say it in
 * OSS's own words: an empty or a new one must not pass for a bucket that is closed.
 */
export function exposureOf(answer: Answer): Exposure {
  if (answer.status !== 200) return { state: "unknown", problem: problemOf(answer) };
  const bucket = memberOf(answer.xml, "Bucket");
  const acl = memberOf(memberOf(bucket, "AccessControlList"), "Grant");
  const block = memberOf(bucket, "BlockPublicAccess");
  if (typeof acl !== "string" || !bucketAcls.includes(acl) || (block !== "true" && block !== "false"))
    return {
      state: "unknown",
      problem: { message: "OSS did not say the ACL or Block Public Access", status: 200 },
    };
  return { state: "known", acl, blockPublicAccess: block === "true" };
}

function memberOf(node: unknown, name: string): unknown {
  return typeof node === "object" && node !== null ? Reflect.get(node, name) : undefined;
}

function policyIn(body: Uint8Array): Live {
  const text = utf8Text(body);
  if (text === undefined) return unreadable("the policy that OSS sent is not UTF-8 text");
  const parsed = parseJson(text.replace(/^\uFEFF/, ""));
  if ("problem" in parsed) return unreadable(`the policy that OSS sent does not parse: ${parsed.problem}`);
  if (!isObject(parsed.value)) return unreadable("the policy that OSS sent is not a JSON object");
  return { state: "policy", document: parsed.value, body: text };
}

/** Undefined where the bytes are no UTF-8. A byte order mark stays: what stands there is kept as it is. */
function utf8Text(body: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return undefined;
  }
}

function unreadable(message: string): Live {
  return { state: "unreadable", problem: { message, status: 200 } };
}

function errorField(answer: Answer, name: string): string | undefined {
  const value = memberOf(answer.xml, name);
  return typeof value === "string" && value !== "" ? value : undefined;
}
