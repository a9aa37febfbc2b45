import { createHash } from "node:crypto";
import { readBody } from "../oss/body.ts";
import type { Credentials } from "../oss/credentials.ts";
import { checkEndpoint, endpointOf, hostOf, type CheckedEndpoint } from "../oss/endpoint.ts";
import { openSigner } from "../oss/signature.ts";
import { openTransport } from "../oss/transport.ts";
import { isThrottled, problemOf, problemOfFailure, type OssAnswer } from "../oss/wire.ts";
import { parseXml } from "../oss/xml.ts";

export interface ClientOptions {
  /** Value of `--endpoint`; undefined for OSS's public endpoint of the region. */
  readonly endpoint: string | undefined;
  readonly region: string;
  /** Bucket of all calls that name none of their own. */
  readonly bucket: string;
  readonly wait: (ms: number) => Promise<void>;
  readonly now: () => Date;
}

/** One call. Without credentials it is anonymous. */
export interface ConformanceCall {
  readonly method: "GET" | "HEAD" | "PUT" | "DELETE";
  readonly as: Credentials | undefined;
  /** True for a call of the service, without a bucket. */
  readonly isOfService?: true;
  readonly key?: string;
  /** A null is a name without a value. */
  readonly query?: Readonly<Record<string, string | null>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** Signed HTTP to one endpoint and nothing else. */
export interface ConformanceClient {
  /** Makes a call, again where OSS throttles, fails or does not answer. Throws `Unreachable` in the end. */
  send(call: ConformanceCall): Promise<OssAnswer>;
  close(): void;
}

/** Error of a call that got no complete answer, whatever was tried. The message names the host. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

const timeoutMs = 10_000;
const maxBytes = 1 << 20;
/** Waits between the attempts of one call. Every call of the kit has the same effect when it is made twice. */
const pausesMs = [200, 600, 2_000];

export function openClient(options: ClientOptions): ConformanceClient {
  const transport = openTransport(timeoutMs);
  const host = hostOf(options.endpoint, options.region);
  const attempt = async (call: ConformanceCall): Promise<OssAnswer> => {
    const { method, body } = call;
    const headers = headersOf(call, options);
    const answer = await transport.request(urlOf(call, options), {
      method,
      headers,
      ...(body === undefined ? {} : { content: body }),
    });
    const bytes = await readBody(answer.res, { maxBytes, timeoutMs });
    return { status: answer.status, headers: answer.headers, body: bytes, xml: parseXml(bytes) };
  };
  return {
    send: async (call) => {
      for (const pause of pausesMs) {
        const answer = await attempt(call).catch(() => undefined);
        if (answer !== undefined && !mayPass(answer)) return answer;
        await options.wait(pause);
      }
      return attempt(call).catch((failure: unknown) => {
        throw new Unreachable(problemOfFailure(failure, host).message);
      });
    },
    close: () => transport.close(),
  };
}

/** Returns true for an answer that another attempt may not get. What is not implemented stays so. */
function mayPass(answer: OssAnswer): boolean {
  if (answer.status === 501) return false;
  return answer.status >= 500 || isThrottled(problemOf(answer));
}

function headersOf(call: ConformanceCall, { region, bucket, now }: ClientOptions): Record<string, string> {
  const { as, body, key, query = {}, isOfService, headers = {} } = call;
  const plain: Record<string, string> = {
    ...headers,
    ...(body === undefined
      ? {}
      : {
          "content-length": String(body.length),
          "content-md5": createHash("md5").update(body).digest("base64"),
        }),
  };
  if (as === undefined) return plain;
  const signed = {
    ...plain,
    "x-oss-date": `${now()
      .toISOString()
      .replaceAll(/[-:]|\.\d+/g, "")}`,
    "x-oss-content-sha256": "UNSIGNED-PAYLOAD",
    ...(as.securityToken === undefined ? {} : { "x-oss-security-token": as.securityToken }),
  };
  const sign = openSigner(as.accessKeyId, as.accessKeySecret, region);
  const name = isOfService === true ? undefined : bucket;
  const authorization = sign(call.method, { headers: signed, queries: query }, name, key);
  return { ...signed, authorization };
}

/** Returns the address of a call: the bucket is in the host, or in the path where hosts have no subdomains. */
export function urlOf(call: ConformanceCall, { endpoint, region, bucket }: ClientOptions): string {
  const { url = `https://oss-${region}.aliyuncs.com` } = endpointOf(endpoint, region);
  const { protocol, host, hostname } = new URL(url);
  const query = Object.entries(call.query ?? {})
    .map(
      ([name, value]) =>
        `${encodeURIComponent(name)}${value === null ? "" : `=${encodeURIComponent(value)}`}`,
    )
    .join("&");
  const key = (call.key ?? "").split("/").map(encodeURIComponent).join("/");
  const rest = `${key}${query === "" ? "" : `?${query}`}`;
  if (call.isOfService === true) return `${protocol}//${host}/${rest}`;
  const isInPath = /^(?:localhost|[\d.]+)$/.test(hostname);
  return isInPath ? `${protocol}//${host}/${bucket}/${rest}` : `${protocol}//${bucket}.${host}/${rest}`;
}

/** Checks the endpoint that was named, before anything is sent. */
export function checkedEndpoint(named: string | undefined): CheckedEndpoint {
  return checkEndpoint(named);
}
