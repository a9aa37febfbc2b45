import type { ReadProblem } from "../policy/live.ts";
import { readBody } from "./body.ts";
import { openTransport } from "./transport.ts";
import { problemOfFailure, type CalledService } from "./wire.ts";

/** Limit of an answer with credentials: a token has about 1 KB. */
const maxAnswerBytes = 64 << 10;

/** One call for credentials. */
export interface ExchangeCall {
  readonly method: "GET" | "POST" | "PUT";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly service: CalledService;
  /** Time limit for each of: connecting, the head of the answer, its body. */
  readonly timeoutMs: number;
}

/** Answer with any status. */
export interface ExchangeAnswer {
  readonly status: number;
  readonly text: string;
  /** Server's own time; undefined without a valid `Date`. */
  readonly serverMs: number | undefined;
}

/** Makes one call for credentials, without redirects, within limits of time and size. */
export async function exchange(call: ExchangeCall): Promise<ExchangeAnswer | { problem: ReadProblem }> {
  const { method, url, headers, body, service, timeoutMs } = call;
  const transport = openTransport(timeoutMs);
  try {
    const content = Buffer.from(body ?? "", "utf8");
    const length = { "content-length": String(content.length) };
    const {
      status,
      headers: head,
      res,
    } = await transport.request(url, {
      method,
      headers: method === "GET" ? headers : { ...headers, ...length },
      ...(method === "GET" ? {} : { content }),
    });
    const bytes = await readBody(res, { maxBytes: maxAnswerBytes, timeoutMs, service: service.name });
    const date = Date.parse(head.date ?? "");
    const text = Buffer.from(bytes).toString("utf8");
    return { status, text, serverMs: Number.isNaN(date) ? undefined : date };
  } catch (failure) {
    const { hostname, port, protocol } = new URL(url);
    const host = `${hostname}:${port === "" ? (protocol === "https:" ? "443" : "80") : port}`;
    return { problem: problemOfFailure(failure, host, service) };
  } finally {
    transport.close();
  }
}
