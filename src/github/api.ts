/** Address and credentials of GitHub's API for a run. */
export interface Connection {
  /** `GITHUB_API_URL`, checked by `checkConnection`. */
  readonly base: string;
  readonly token: string;
  /** `OWNER/NAME`. */
  readonly repository: string;
}

/** Removes secrets from a text that GitHub sent. */
export type Clean = (text: string) => string;

export interface ApiPace {
  readonly clock: { now(): number; sleep(ms: number): Promise<void> };
  /** Returns a number from 0 up to 1. */
  readonly random: () => number;
  /** Timeout of one answer. */
  readonly timeoutMs: number;
  readonly clean?: Clean;
}

export interface ApiProblem {
  readonly message: string;
  /** HTTP status; 0 without a complete answer. */
  readonly status: number;
  /** True if a rate limit refused the call for now. */
  readonly isLimit: boolean;
}

export type ApiAnswer<T> = { readonly value: T } | { readonly problem: ApiProblem };

export type Method = "GET" | "POST" | "PATCH" | "DELETE";

/** Client of GitHub's API for one run: calls below the repository, with a time limit for all of them together. */
export interface Api {
  /** Returns the answer's JSON. `path` begins at the API's base. */
  call(method: Method, path: string, body?: object): Promise<ApiAnswer<unknown>>;
  /**
   * Returns the items of a list that `pick` selects, page by page; `isWhole` is false if the list is longer than the
   * page limit. Other items are not kept in memory.
   */
  list<T>(path: string, pick: (item: unknown) => T | undefined): Promise<ApiAnswer<Listed<T>>>;
  /** `/repos/OWNER/NAME`. */
  readonly repository: string;
}

export interface Listed<T> {
  readonly items: readonly T[];
  readonly isWhole: boolean;
}

const maxTries = 5;
const firstWaitMs = 500;
const longestWaitMs = 10_000;
/** Wait for a limit that names no time, which ends after a minute at the earliest (GitHub docs, "Rate limits"). */
const limitWaitMs = 60_000;
const longestLimitMs = 90_000;
/** Time limit for all calls of a run together. */
const maxMs = 180_000;
const maxPages = 30;
/** Size limit of one unpacked answer: a comment or issue has at most 65,536 characters, each up to 6 bytes as JSON. */
const maxBytes = 1 << 20;
const maxListBytes = 48 << 20;

/**
 * Opens GitHub's REST API with retries. A call that can be repeated is retried after no answer, 408 and 5xx. Every call
 * is retried after a rate limit, since a limited call has no effect. Waits use full jitter and follow GitHub's headers.
 */
export function openApi(connection: Connection, pace: ApiPace): Api {
  const { clock, clean = (text) => text } = pace;
  const { base, token, repository } = connection;
  const endsAt = clock.now() + maxMs;
  const send = async ({ method, path, body, maxBytes }: Sent): Promise<ApiAnswer<Received>> => {
    for (let tries = 1; ; tries += 1) {
      const received = await receive(`${base}${path}`, {
        method,
        token,
        body,
        maxBytes,
        timeoutMs: pace.timeoutMs,
      });
      if (received.status >= 200 && received.status < 300) return { value: received };
      const wait = tries < maxTries ? waitMs(received, { method, tries, random: pace.random }) : undefined;
      if (wait === undefined || clock.now() + wait > endsAt) return { problem: problemOf(received, clean) };
      await clock.sleep(wait);
    }
  };
  const call = async (request: Sent): Promise<ApiAnswer<Received & ParsedAnswer>> => {
    const sent = await send(request);
    if ("problem" in sent) return sent;
    const parsed = parseJson(sent.value.text);
    return parsed === undefined
      ? { problem: unclear("GitHub's answer is not JSON") }
      : { value: { ...sent.value, ...parsed } };
  };
  return {
    repository: `/repos/${repository}`,
    call: async (method, path, body) => {
      const answer = await call({ method, path, body, maxBytes });
      return "problem" in answer ? answer : { value: answer.value.json };
    },
    list: async <T>(path: string, pick: (item: unknown) => T | undefined) => {
      const items: T[] = [];
      for (let page = 1; page <= maxPages; page += 1) {
        const pagePath = `${path}${path.includes("?") ? "&" : "?"}per_page=100&page=${page}`;
        const answer = await call({
          method: "GET",
          path: pagePath,
          body: undefined,
          maxBytes: maxListBytes,
        });
        if ("problem" in answer) return answer;
        const { json, headers } = answer.value;
        items.push(...itemsOf(json).flatMap((item) => pick(item) ?? []));
        // The address of the next page is computed and not taken from the answer, which may name any host.
        if (!/rel="?next"?/.test(headers.get("link") ?? "")) return { value: { items, isWhole: true } };
      }
      return { value: { items, isWhole: false } };
    },
  };
}

/** Returns the items of a list; a search answers with an object that contains the list. */
function itemsOf(json: unknown): readonly unknown[] {
  const { items = json } = (json ?? {}) as { readonly items?: unknown };
  return Array.isArray(items) ? (items as readonly unknown[]) : [];
}

interface Received {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Reason for an incomplete answer. */
  readonly cause: string;
}

interface ParsedAnswer {
  readonly json: unknown;
}

interface Sent {
  readonly method: Method;
  readonly path: string;
  readonly body: object | undefined;
  readonly maxBytes: number;
}

interface ApiRequest extends Omit<Sent, "path"> {
  readonly token: string;
  readonly timeoutMs: number;
}

/**
 * Sends one request. It follows no redirect, so the token goes to no other host. It reports only an error's code, since
 * the text may contain the token.
 */
async function receive(
  url: string,
  { method, token, body, maxBytes, timeoutMs }: ApiRequest,
): Promise<Received> {
  try {
    const response = await fetch(url, {
      method,
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        accept: "application/vnd.github+json",
        authorization: `Bearer ${token}`,
        "user-agent": "oss-policy",
        "x-github-api-version": "2022-11-28",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await readText(response, maxBytes);
    if (text === undefined) return noAnswer(`its answer is larger than ${maxBytes >> 20} MiB`);
    return { status: response.status, headers: response.headers, text, cause: "" };
  } catch (error) {
    return noAnswer(causeOf(error));
  }
}

/** Made on use: to make the headers loads Node's client, and most runs call no GitHub. */
function noAnswer(cause: string): Received {
  return { status: 0, headers: new Headers(), text: "", cause };
}

/** Reads the body, unpacked; undefined if it is too large, which ends the connection. */
async function readText({ body }: Response, maxBytes: number): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function causeOf(error: unknown): string {
  const { name, cause } = error as Error;
  if (name === "TimeoutError" || name === "AbortError") return "no answer in time";
  const { code } = (cause ?? {}) as NodeJS.ErrnoException;
  return typeof code === "string" && /^\w+$/.test(code) ? code : "the connection failed";
}

/** Returns the wait before a retry, in milliseconds; undefined if a retry cannot help or could act twice. */
function waitMs(
  { status, headers, text }: Pick<Received, "status" | "headers" | "text">,
  {
    method,
    tries,
    random,
  }: { readonly method: Method; readonly tries: number; readonly random: () => number },
): number | undefined {
  const jitter = random() * Math.min(longestWaitMs, firstWaitMs * 2 ** (tries - 1));
  if (isRateLimit(status, headers, text)) {
    const requested = requestedMs(headers) ?? limitWaitMs;
    return requested > longestLimitMs ? undefined : requested + jitter;
  }
  const isTransient = status === 0 || status === 408 || status >= 500;
  return isTransient && method !== "POST" ? jitter : undefined;
}

/** Detects a rate limit: 429, or 403 with one of these signs (GitHub docs, "Rate limits"). Any other 403 is a refusal. */
function isRateLimit(status: number, headers: Headers, text: string): boolean {
  if (status === 429) return true;
  if (status !== 403) return false;
  return (
    headers.has("retry-after") || headers.get("x-ratelimit-remaining") === "0" || /rate limit/i.test(text)
  );
}

/** Returns the wait that GitHub requests. The time of a reset is relative to GitHub's own clock, in the same answer. */
function requestedMs(headers: Headers): number | undefined {
  const after = headers.get("retry-after") ?? "";
  if (/^\d+$/.test(after)) return Number(after) * 1_000;
  const reset = headers.get("x-ratelimit-reset") ?? "";
  const now = Date.parse(headers.get("date") ?? "");
  if (headers.get("x-ratelimit-remaining") !== "0" || !/^\d+$/.test(reset) || Number.isNaN(now))
    return undefined;
  return Math.max(0, Number(reset) * 1_000 - now) + 1_000;
}

const maxMessage = 200;
/** The message is cut after cleaning, since half a secret would not be found. */
const maxCleaned = 16_384;

/** Returns a problem that leaves the result of the call unknown. */
export function unclear(message: string): ApiProblem {
  return { message, status: 0, isLimit: false };
}

function problemOf({ status, headers, text, cause }: Received, clean: Clean): ApiProblem {
  if (status === 0) return unclear(`no usable answer from GitHub (${cause})`);
  const { message } = (parseJson(text)?.json ?? {}) as { readonly message?: unknown };
  const reason =
    typeof message === "string" ? `: ${clean(message.slice(0, maxCleaned)).slice(0, maxMessage)}` : "";
  return {
    message: `GitHub answered ${status}${reason}`,
    status,
    isLimit: isRateLimit(status, headers, text),
  };
}

/** Parses an answer; one without a body, as after DELETE, is null. */
function parseJson(text: string): ParsedAnswer | undefined {
  if (text === "") return { json: null };
  try {
    return { json: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
