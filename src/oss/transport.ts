import type { RawAnswer, TransportParams } from "ali-oss";
import { Agent, request as requestHttp, type ClientRequest } from "node:http";
import { request as requestHttps } from "node:https";
import { TlsAgent } from "./tls-agent.ts";

/** HTTP transport that `ali-oss` uses in place of its own: one call, without redirects and retries. */
export interface Transport {
  request(url: string, params: TransportParams): Promise<RawAnswer>;
  close(): void;
}

/** Error of a call without an answer. With another status the SDK would replace name and message. */
class CallError extends Error {
  readonly status = -1;
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/** Opens a transport. `timeoutMs` limits the time to connect, and again the time to the head of the answer. */
export function openTransport(timeoutMs: number): Transport {
  const http = new Agent({ keepAlive: true });
  const https = new TlsAgent();
  return {
    request: (url, { method, headers, content }) =>
      new Promise((resolve, reject) => {
        const options = { method, headers };
        const call = url.startsWith("https:")
          ? requestHttps(url, { ...options, agent: https })
          : requestHttp(url, { ...options, agent: http });
        const timer = limitTime(call, timeoutMs);
        call.once("response", (res) => {
          clearTimeout(timer);
          resolve({ status: res.statusCode ?? 0, headers: res.headers, res });
        });
        call.on("error", (error) => {
          clearTimeout(timer);
          reject(error instanceof CallError ? error : new CallError(error.name, error.message));
        });
        call.end(content);
      }),
    close: () => {
      http.destroy();
      https.destroy();
    },
  };
}

function limitTime(call: ClientRequest, timeoutMs: number): NodeJS.Timeout {
  let isConnected = false;
  const timer = setTimeout(() => {
    const name = isConnected ? "ResponseTimeoutError" : "ConnectionTimeoutError";
    call.destroy(new CallError(name, `no answer in ${timeoutMs} ms`));
  }, timeoutMs);
  call.once("socket", (socket) => {
    const connected = () => {
      isConnected = true;
      timer.refresh();
    };
    if (socket.connecting) socket.once("connect", connected);
    else connected();
  });
  return timer;
}
