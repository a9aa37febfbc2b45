import type { IncomingHttpHeaders } from "node:http";
import { duplicateNames, type DuplicateName } from "../policy/duplicate-names.ts";
import { isList, isObject, parseJson } from "../policy/json.ts";
import type { AccountBlock, Exposure, Live, ReadProblem } from "../policy/live.ts";
import { UnreadableBody } from "./body.ts";
import { helpFor } from "./refusals.ts";
import type { WriteAnswer } from "./store.ts";
import { childOf, textOf, type XmlElement } from "./xml.ts";

/** Answer of OSS with any status. */
export interface OssAnswer {
  readonly status: number;
  readonly body: Uint8Array;
  /** Root of the body; undefined if it is not XML as OSS writes it. */
  readonly xml: XmlElement | undefined;
  /** Headers by name in lower case. */
  readonly headers: IncomingHttpHeaders;
}

/**
 * Interprets an answer to GetBucketPolicy. Only 404 with NoSuchBucketPolicy is "none", and only 404 with
 * NoSuchBucket is "missing", each in OSS's own error document. Every other answer without a policy is
 * unreadable.
 */
export function liveOf(answer: OssAnswer): Live {
  if (answer.status === 200) return policyIn(answer);
  const code = errorField(answer, "Code");
  if (answer.status === 404 && code === "NoSuchBucketPolicy") return { state: "none" };
  if (answer.status === 404 && code === "NoSuchBucket") return { state: "missing" };
  return { state: "unreadable", problem: problemOf(answer) };
}

/** Interprets an answer to a write. Despite a server error the write may have taken effect. */
export function writeAnswerOf(answer: OssAnswer): WriteAnswer {
  if (answer.status >= 200 && answer.status < 300) return { kind: "done" };
  const problem = problemOf(answer);
  if (isThrottled(problem)) return { kind: "throttled", problem };
  return { kind: answer.status >= 500 ? "unknown" : "refused", problem };
}

/** Interprets an answer to DeleteBucketPolicy. It is done if there is no policy. */
export function deleteAnswerOf(answer: OssAnswer): WriteAnswer {
  const isGone = answer.status === 404 && errorField(answer, "Code") === "NoSuchBucketPolicy";
  return isGone ? { kind: "done" } : writeAnswerOf(answer);
}

/** Returns true for OSS's codes for too many calls, sent before a call has any effect (OSS docs: error codes). */
export function isThrottled({ status, code = "" }: ReadProblem): boolean {
  return status === 429 || (status === 503 && /(LimitExceeded|Limitted|^SlowDown)$/.test(code));
}

/** Returns true if OSS refused the token of temporary credentials, before the call had any effect (OSS docs: 403 errors). */
export function isTokenRefused({ status = 0, code = "" }: ReadProblem): boolean {
  return status === 403 && ["SecurityTokenExpired", "InvalidSecurityToken"].includes(code);
}

/** Returns the host that OSS names when a bucket is called through another region's endpoint. */
export function endpointNamedBy(answer: OssAnswer): string | undefined {
  return answer.status === 403 ? errorField(answer, "Endpoint") : undefined;
}

export function problemOf(answer: OssAnswer): ReadProblem {
  const { status } = answer;
  const code = errorField(answer, "Code");
  const ec = errorField(answer, "EC");
  const message = errorField(answer, "Message");
  const number = ec === undefined ? undefined : `(EC ${ec})`;
  const help = helpFor({ status, code, ec, message });
  const name = [String(status), code, number].filter((part) => part !== undefined).join(" ");
  return {
    message: `OSS answered ${name}${message === undefined ? "" : `: ${message}`}`,
    ...(help === undefined ? {} : { help }),
    status,
    ...(code === undefined ? {} : { code }),
    ...(ec === undefined ? {} : { ec }),
    ...retryAfter(answer),
  };
}

/** Parses Retry-After: whole seconds, or a date (RFC 9110), relative to the server's own clock. */
function retryAfter({ headers }: OssAnswer): { readonly retryAfterMs?: number } {
  const value = headers["retry-after"] ?? "";
  if (/^\d{1,6}$/.test(value)) return { retryAfterMs: Number(value) * 1_000 };
  const untilMs = Date.parse(value) - Date.parse(headers["date"] ?? "");
  return untilMs > 0 ? { retryAfterMs: untilMs } : {};
}

/** Returns by how many milliseconds OSS's clock is ahead, if a call was refused for that; otherwise undefined. */
export function skewMs(answer: OssAnswer, nowMs: number): number | undefined {
  if (answer.status !== 403 || errorField(answer, "Code") !== "RequestTimeTooSkewed") return undefined;
  const theirs = Date.parse(errorField(answer, "ServerTime") ?? answer.headers["date"] ?? "");
  return Number.isNaN(theirs) ? undefined : theirs - nowMs;
}

/** Server as messages name it. */
export interface CalledService {
  readonly name: string;
  readonly help: string;
}

const ossService: CalledService = {
  name: "OSS",
  help: "check the network, and --endpoint or OSS_ENDPOINT if one is set",
};

/** Returns the problem of a call to `host` without a complete answer. */
export function problemOfFailure(failure: unknown, host: string, service = ossService): ReadProblem {
  const { name, message } = failure instanceof Error ? failure : new Error(String(failure));
  const text = failure instanceof UnreadableBody ? message : failureText(name, message, host, service);
  return { message: text, help: service.help };
}

/** Formats an error of the SDK, whose message ends with the address and the headers of the call. */
function failureText(name: string, message: string, host: string, service: CalledService): string {
  if (name === "ConnectionTimeoutError") return `cannot connect to ${host} in time`;
  if (name.includes("Timeout")) return `${service.name} did not answer in time (${host})`;
  const [words = ""] = message.split(/, (?:GET|PUT|DELETE) https?:/, 1);
  const refused = /^connect (E[A-Z]+) (\S+:\d+)/.exec(words);
  if (refused !== null) return `cannot connect to ${refused[2] ?? host} (${refused[1] ?? ""})`;
  const unknown = /^getaddrinfo (E[A-Z_]+)/.exec(words);
  if (unknown !== null) return `cannot find the host ${host} (${unknown[1] ?? ""})`;
  if (/certificate|\bTLS\b|\bSSL\b|wrong version number/i.test(words))
    return `cannot connect to ${host}: TLS is not trusted or not supported (${words.slice(0, maxWords)})`;
  const code = /\bE[A-Z]{3,}\b/.exec(message)?.[0] ?? /^Parse Error: ([\w .-]{1,60})/.exec(words)?.[1];
  return `no complete answer from ${host}${code === undefined ? "" : ` (${code})`}`;
}

const maxWords = 120;

/** Possible ACLs of a bucket (OSS docs: GetBucketInfo). */
const bucketAcls: readonly string[] = ["private", "public-read", "public-read-write"];

/**
 * Returns the ACL, Block Public Access and the owner from GetBucketInfo; unknown unless the first two are documented
 * values, because an empty or a new value must not count as closed.
 */
export function exposureOf(answer: OssAnswer): Exposure {
  if (answer.status !== 200) return { state: "unknown", problem: problemOf(answer) };
  const bucket = childOf(rootOf(answer, "BucketInfo"), "Bucket");
  const acl = textOf(childOf(bucket, "AccessControlList"), "Grant");
  const block = textOf(bucket, "BlockPublicAccess");
  const id = textOf(childOf(bucket, "Owner"), "ID");
  const owner = id === undefined || id === "" ? {} : { owner: id };
  if (acl === undefined || !bucketAcls.includes(acl) || (block !== "true" && block !== "false"))
    return {
      state: "unknown",
      problem: { message: "OSS did not report the ACL or Block Public Access", status: 200 },
      ...owner,
    };
  return { state: "known", acl, blockPublicAccess: block === "true", ...owner };
}

/** Returns the state from GetPublicAccessBlock of the account; an absent element means off (OSS docs). */
export function accountBlockOf(answer: OssAnswer): AccountBlock {
  if (answer.status !== 200) return { state: "unknown", problem: problemOf(answer) };
  const root = rootOf(answer, "PublicAccessBlockConfiguration");
  const block = textOf(root, "BlockPublicAccess") ?? (root?.children.length === 0 ? "false" : "");
  if (block !== "true" && block !== "false")
    return {
      state: "unknown",
      problem: { message: "OSS did not report Block Public Access of the account", status: 200 },
    };
  return { state: "known", isOn: block === "true" };
}

/** Returns the root of an answer if it has the expected name. */
export function rootOf({ xml }: OssAnswer, name: string): XmlElement | undefined {
  return xml?.name === name ? xml : undefined;
}

/** Parses a policy: a JSON object that has a Statement (OSS docs: policy syntax). */
function policyIn({ body, xml }: OssAnswer): Live {
  const text = utf8Text(body);
  if (text === undefined) return unreadable("the policy that OSS sent is not UTF-8 text");
  const inWords = (why: string) => unreadable(`the policy that OSS sent does not parse: ${why}`);
  if (text.trim() === "") return inWords("it is empty");
  if (xml !== undefined) return inWords("it is XML");
  const plain = text.replace(/^\uFEFF/, "");
  const parsed = parseJson(plain);
  if ("problem" in parsed) {
    const [twice] = duplicateNames(plain);
    const unread = inWords(twice === undefined ? parsed.problem : duplicateText(twice));
    return isLikePolicy(plain) ? { ...unread, text } : unread;
  }
  if (!isObject(parsed.value)) return unreadable("the policy that OSS sent is not a JSON object");
  const { Statement: statement } = parsed.value;
  if (statement === undefined || (!isList(statement) && !isObject(statement)))
    return unreadable("OSS sent no policy, but a JSON object without a list `Statement`");
  return { state: "policy", body: text };
}

/** Returns true if a text may be a damaged policy, which an option can replace; the page of a proxy never is. */
function isLikePolicy(text: string): boolean {
  return /^\s*\{/.test(text) && text.includes('"Statement"');
}

function duplicateText({ name, values: [first, second] }: DuplicateName): string {
  return `the name \`${name}\` occurs twice, with ${first} and with ${second}`;
}

/** Decodes UTF-8; undefined if the bytes are invalid. Keeps a byte order mark, so that the text is unchanged. */
function utf8Text(body: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return undefined;
  }
}

type Unreadable = Extract<Live, { readonly state: "unreadable" }>;

function unreadable(message: string): Unreadable {
  return { state: "unreadable", problem: { message, status: 200 } };
}

/** Returns a field of OSS's error document; in any other document a field of this name means nothing. */
function errorField(answer: OssAnswer, name: string): string | undefined {
  return textOf(rootOf(answer, "Error"), name);
}
