import { request, type IncomingHttpHeaders } from "node:http";
import {
  sign,
  stringToSign,
  type QueryPair,
  type CredentialScope,
} from "../../src/sandbox/auth/signature.ts";
import { sandboxKey, type SandboxKey, type Seed } from "../../src/sandbox/seed/seed.ts";

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
}

export interface RawCall {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** One request as it is given; rejects where no whole answer comes. */
export function rawCall(
  port: number,
  { method = "GET", path = "/", headers = {}, body }: RawCall,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: "127.0.0.1", port, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const whole = Buffer.concat(chunks);
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: whole,
          text: whole.toString(),
        });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

/** A call in V4; each field can be bent to make it wrong. */
export interface SignedCall {
  readonly method?: string;
  readonly bucket?: string;
  readonly key?: string;
  readonly query?: readonly QueryPair[];
  readonly body?: string | Uint8Array;
  readonly region?: string;
  /** The region of the scope, where it is not that of the host. */
  readonly scopeRegion?: string;
  readonly signer?: SandboxKey;
  readonly date?: Date;
  readonly scopeDate?: string;
  readonly additional?: readonly string[];
  readonly style?: "host" | "path" | "internal" | "dot";
  readonly headers?: Readonly<Record<string, string>>;
  /** Headers that replace the signed ones on the way. */
  readonly changed?: Readonly<Record<string, string>>;
  readonly separator?: string;
}

export function signedCall(port: number, call: SignedCall): Promise<RawAnswer> {
  return rawCall(port, signed(call));
}

export function signed(call: SignedCall): RawCall {
  const { method = "GET", bucket, key = "", query = [], region = "cn-hangzhou", signer = sandboxKey } = call;
  const dateTime = (call.date ?? new Date()).toISOString().replace(/[-:]|\.\d+/g, "");
  const scope: CredentialScope = {
    date: call.scopeDate ?? dateTime.slice(0, 8),
    region: call.scopeRegion ?? region,
    product: "oss",
  };
  const headers: Record<string, string> = {
    host: hostOf(call.style, bucket, region),
    "x-oss-date": dateTime,
    "x-oss-content-sha256": "UNSIGNED-PAYLOAD",
    ...(signer.token === undefined ? {} : { "x-oss-security-token": signer.token }),
    ...call.headers,
  };
  const additionalHeaders = call.additional ?? [];
  const resource = bucket === undefined ? "/" : `/${bucket}/${key}`;
  const text = stringToSign({ method, resource, query, headers, additionalHeaders }, dateTime, scope);
  const credential = `Credential=${signer.id}/${scope.date}/${scope.region}/oss/aliyun_v4_request`;
  const additional =
    additionalHeaders.length === 0 ? [] : [`AdditionalHeaders=${additionalHeaders.join(";")}`];
  const fields = [credential, ...additional, `Signature=${sign(text, signer.secret, scope)}`];
  const authorization = `OSS4-HMAC-SHA256 ${fields.join(call.separator ?? ",")}`;
  const search = query
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join("&");
  const path = `${call.style === "path" ? resource : `/${key}`}${search === "" ? "" : `?${search}`}`;
  return {
    method,
    path,
    headers: { ...headers, authorization, ...call.changed },
    ...(call.body === undefined ? {} : { body: call.body }),
  };
}

export function seedOf(...names: readonly string[]): Seed {
  const buckets = names.map((name) => ({ name, region: "cn-hangzhou" }));
  return { account: "1746495857600001", keys: [sandboxKey], buckets, faults: [] };
}

/** The text of the first such element; undefined where there is none. */
export function element(answer: RawAnswer, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(answer.text)?.[1];
}

export function elements(answer: RawAnswer, name: string): readonly string[] {
  return [...answer.text.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, "g"))].map(
    (match) => match[1] ?? "",
  );
}

function hostOf(style: SignedCall["style"], bucket: string | undefined, region: string): string {
  if (style === "path") return "localhost:1234";
  const service = `oss-${region}${style === "internal" ? "-internal" : ""}.aliyuncs.com`;
  if (bucket === undefined) return style === "dot" ? `.${service}` : service;
  return `${bucket}.${service}`;
}
