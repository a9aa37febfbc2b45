/** How GitHub is reached by a run. */
export interface Connection {
  /** `GITHUB_API_URL`, judged by `checkConnection`. */
  readonly base: string;
  readonly token: string;
  /** `OWNER/NAME`. */
  readonly repository: string;
}

/** Removes what no report may show from a text that GitHub sent. */
export type Clean = (text: string) => string;

export interface ApiPace {
  readonly clock: { now(): number; sleep(ms: number): Promise<void> };
  /** From 0 up to 1. */
  readonly random: () => number;
  /** For one answer. */
  readonly timeoutMs: number;
  readonly clean?: Clean;
}

export interface ApiProblem {
  readonly message: string;
  /** 0 where no whole answer came. */
  readonly status: number;
  /** It was refused for now, by a rate limit, and not for what it is. */
  readonly isLimit: boolean;
}

export type ApiAnswer<T> = { readonly value: T } | { readonly problem: ApiProblem };

export type Method = "GET" | "POST" | "PATCH" | "DELETE";

/** One run's way to GitHub's API: calls below the repository, and what all of them may cost together. */
export interface Api {
  /** The answer's JSON. `path` begins at the API's base. */
  call(method: Method, path: string, body?: object): Promise<ApiAnswer<unknown>>;
  /**
   * The items of a list that `pick` takes, page by page; `isWhole` is false where it is longer than what is
   * looked through. What is not taken is not kept.
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
/** GitHub docs, "Rate limits": a limit that names no time is over after a minute at the earliest. */
const limitWaitMs = 60_000;
const longestLimitMs = 90_000;
/** A comment is worth so much time of a run, over all its calls, and no more. */
const maxMs = 180_000;
const maxPages = 30;
/** Of one answer, unpacked: a comment or an issue has 65,536 characters at most, each up to 6 bytes as JSON. */
const maxBytes = 1 << 20;
const maxListBytes = 48 << 20;

/**
 * GitHub's REST API with retries: after no answer and 5xx for a call that can be repeated, after a rate
 * limit for any, since that has no effect. Waits are of full jitter and heed what GitHub asks for.
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
  const call = async (request: Sent): Promise<ApiAnswer<Received & Parsed>> => {
    const sent = await send(request);
    if ("problem" in sent) return sent;
    const parsed = parseJson(sent.value.text);
    return parsed === undefined
      ? { problem: unclear("GitHub's answer is no JSON") }
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
        // The address of the next page is made here and not taken from the answer, which may name any host.
        if (!/rel="?next"?/.test(headers.get("link") ?? "")) return { value: { items, isWhole: true } };
      }
      return { value: { items, isWhole: false } };
    },
  };
}

/** The items of a list, which a search has in an object. */
function itemsOf(json: unknown): readonly unknown[] {
  const { items = json } = (json ?? {}) as { readonly items?: unknown };
  return Array.isArray(items) ? (items as readonly unknown[]) : [];
}

interface Received {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Why no whole answer came. */
  readonly cause: string;
}

interface Parsed {
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

/** No redirect is followed: the token goes to no other host. Of an error only its code is told, for a text may hold the token. */
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
    if (text === undefined) return { ...noAnswer, cause: `its answer is larger than ${maxBytes >> 20} MiB` };
    return { status: response.status, headers: response.headers, text, cause: "" };
  } catch (error) {
    return { ...noAnswer, cause: causeOf(error) };
  }
}

const noAnswer: Received = { status: 0, headers: new Headers(), text: "", cause: "" };

/** The body, unpacked; undefined where it is too large, which ends the connection. */
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

/** How long to wait before the call is made again; undefined where that is of no use, or could do it twice. */
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
    const asked = askedMs(headers) ?? limitWaitMs;
    return asked > longestLimitMs ? undefined : asked + jitter;
  }
  const isPassing = status === 0 || status === 408 || status >= 500;
  return isPassing && method !== "POST" ? jitter : undefined;
}

/** GitHub docs, "Rate limits": 403 or 429, with one of these signs; any other 403 is a refusal. */
function isRateLimit(status: number, headers: Headers, text: string): boolean {
  if (status === 429) return true;
  if (status !== 403) return false;
  return (
    headers.has("retry-after") || headers.get("x-ratelimit-remaining") === "0" || /rate limit/i.test(text)
  );
}

/** The moment of a reset is counted from GitHub's own clock, which is in the same answer. */
function askedMs(headers: Headers): number | undefined {
  const after = headers.get("retry-after") ?? "";
  if (/^\d+$/.test(after)) return Number(after) * 1_000;
  const reset = headers.get("x-ratelimit-reset") ?? "";
  const now = Date.parse(headers.get("date") ?? "");
  if (headers.get("x-ratelimit-remaining") !== "0" || !/^\d+$/.test(reset) || Number.isNaN(now))
    return undefined;
  return Math.max(0, Number(reset) * 1_000 - now) + 1_000;
}

const maxMessage = 200;
/** Cut after it is clean: half a secret would not be found. */
const maxCleaned = 16_384;

/** What became of the call is not known. */
export function unclear(message: string): ApiProblem {
  return { message, status: 0, isLimit: false };
}

function problemOf({ status, headers, text, cause }: Received, clean: Clean): ApiProblem {
  if (status === 0) return unclear(`GitHub did not answer (${cause})`);
  const { message } = (parseJson(text)?.json ?? {}) as { readonly message?: unknown };
  const said =
    typeof message === "string" ? `: ${clean(message.slice(0, maxCleaned)).slice(0, maxMessage)}` : "";
  return { message: `GitHub answered ${status}${said}`, status, isLimit: isRateLimit(status, headers, text) };
}

/** An answer without a body, as after DELETE, is null. */
function parseJson(text: string): Parsed | undefined {
  if (text === "") return { json: null };
  try {
    return { json: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
