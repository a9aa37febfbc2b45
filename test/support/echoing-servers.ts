import type { IncomingMessage } from "node:http";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import type { Marks } from "./secret-sources.ts";

/** Every way in which a server may hand a text back. */
export const spellings: Readonly<Record<string, (text: string) => string>> = {
  plain: (text) => text,
  "in upper case": (text) => text.toUpperCase(),
  "in lower case": (text) => text.toLowerCase(),
  "percent-encoded": encodeURIComponent,
  "every byte percent-encoded": (text) => bytesOf(text, (hex) => `%${hex}`),
  "in hex": (text) => bytesOf(text, (hex) => hex),
  "in base64": (text) => Buffer.from(text).toString("base64"),
  "in base64 for addresses": (text) => Buffer.from(text).toString("base64url"),
  "in base64 behind a byte": (text) => Buffer.from(`x${text}`).toString("base64"),
  "as entities": (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;"),
  "as numbers of characters": (text) => bytesOf(text, (hex) => `&#x${hex};`),
  "as escapes of JSON": (text) => bytesOf(text, (hex) => `\\u00${hex}`),
  "split by lines": (text) => (text.match(/.{1,9}/g) ?? []).join("\n  "),
  "split by invisible characters": (text) => (text.match(/.{1,5}/g) ?? []).join("\u200b"),
  "from its end": (text) => [...text].reverse().join(""),
  "half of it": (text) => text.slice(0, Math.ceil(text.length / 2)),
};

function bytesOf(text: string, spell: (hex: string) => string): string {
  return [...Buffer.from(text)].map((byte) => spell(byte.toString(16).padStart(2, "0"))).join("");
}

export interface EchoedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

type Echo = (text: string, request: EchoedRequest, response: ServerResponse) => void;

const xml = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
const plainHeader = (text: string) => text.replaceAll(/[^\x21-\x7e]/g, " ").slice(0, 4_000);
const error = (fields: string) => `<?xml version="1.0"?><Error>${fields}</Error>`;
const refuse = (response: ServerResponse, fields: string, headers = {}) =>
  response.writeHead(403, headers).end(error(fields));

/** Every place of an answer of OSS where a text may stand. */
export const ossEchoes: Readonly<Record<string, Echo>> = {
  message: (text, _, response) =>
    refuse(response, `<Code>AccessDenied</Code><Message>${xml(text)}</Message>`),
  code: (text, _, response) => refuse(response, `<Code>${xml(text)}</Code><Message>m</Message>`),
  "the EC and the endpoint": (text, _, response) =>
    refuse(response, `<Code>AccessDenied</Code><EC>${xml(text)}</EC><Endpoint>${xml(text)}</Endpoint>`),
  headers: (text, _, response) => {
    const word = plainHeader(text);
    const names = ["x-oss-request-id", "x-oss-ec", "x-oss-err", "location", "retry-after", "date", "server"];
    refuse(response, "<Code>AccessDenied</Code>", Object.fromEntries(names.map((name) => [name, word])));
  },
  "the status line": (text, _, response) => {
    response.writeHead(403, plainHeader(text)).end();
  },
  HTML: (text, _, response) => response.writeHead(502).end(`<html><h1>${xml(text)}</h1>`),
  JSON: (text, _, response) => response.writeHead(400).end(JSON.stringify({ code: text, message: text })),
  "no markup": (text, _, response) => response.writeHead(403).end(text),
  "a policy": (text, { method }, response) =>
    method === "GET"
      ? response.end(
          JSON.stringify({
            Version: "1",
            Statement: [
              { Effect: "Deny", Principal: ["2"], Action: ["oss:*"], Resource: [`acs:oss:*:*:data/${text}`] },
            ],
          }),
        )
      : refuse(response, `<Code>AccessDenied</Code>`),
  "a broken policy": (text, _, response) => response.end(`{"Version":"1","Statement":[{"Sid":"${text}`),
  "a list, an owner, a grant and a region": (text, { url }, response) => {
    const word = text
      .toLowerCase()
      .replaceAll(/[^a-z0-9-]/g, "-")
      .slice(0, 60);
    if (url.includes("policy")) return response.writeHead(404).end(error("<Code>NoSuchBucketPolicy</Code>"));
    if (url.includes("bucketInfo"))
      return response.end(
        `<BucketInfo><Bucket><Location>oss-${word}</Location><Owner><ID>${xml(text)}</ID></Owner><AccessControlList><Grant>${xml(text)}</Grant></AccessControlList><BlockPublicAccess>${xml(text)}</BlockPublicAccess></Bucket></BucketInfo>`,
      );
    return response.end(
      `<ListAllMyBucketsResult><Owner><ID>1746495857600001</ID></Owner><Buckets><Bucket><Name>${word}</Name><Region>${word}</Region></Bucket></Buckets></ListAllMyBucketsResult>`,
    );
  },
  "a broken answer": (text, _, response) => {
    response.writeHead(200, { "content-length": "99999" });
    response.write(text);
    response.destroy();
  },
};

export type StsMode = "gives a session" | "echoes in its code" | "echoes as text" | "echoes in a session";

export interface EchoingServer {
  readonly url: string;
  /** Signatures, tokens and other secrets that requests brought. */
  readonly seen: readonly string[];
  /** Bodies of requests, such as comments. */
  readonly bodies: readonly string[];
}

/** A server whose answers repeat all that it knows: what the request brought, and what a secret is. */
export async function echoingServer(
  marks: Marks,
  spell: (text: string) => string,
  answer: Echo,
): Promise<EchoingServer> {
  const seen: string[] = [];
  const bodies: string[] = [];
  const server = createServer((incoming, response) => {
    response.on("error", () => undefined);
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const { headers } = incoming;
      const body = Buffer.concat(chunks).toString("utf8");
      const request = { method: incoming.method ?? "", url: incoming.url ?? "", headers, body };
      const signature = /Signature=([0-9a-f]{64})/i.exec(headers.authorization ?? "")?.[1];
      if (signature !== undefined) seen.push(signature);
      bodies.push(body);
      const { session, ...own } = marks;
      const known = [
        ...Object.values(own),
        ...Object.values(session),
        ...(signature === undefined ? [] : [signature]),
      ];
      const text = [...known.map(spell), JSON.stringify(headers), request.url, body].join(" ");
      answer(text, request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, bodies };
}

/** Answers as STS and as the instance metadata. */
export function stsEcho(mode: StsMode, { session, metadata }: Marks): Echo {
  const credentials = {
    AccessKeyId: session.id,
    AccessKeySecret: session.secret,
    SecurityToken: session.token,
    Expiration: new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+/, ""),
  };
  return (text, { method }, response) => {
    if (mode === "echoes as text") return response.writeHead(403).end(text);
    if (mode === "echoes in its code")
      return response.writeHead(403).end(JSON.stringify({ Code: text, Message: text, RequestId: text }));
    if (method === "PUT") return response.end(metadata);
    const given = mode === "echoes in a session" ? { ...credentials, Expiration: text } : credentials;
    return response.end(JSON.stringify({ Code: "Success", ...given, Credentials: given }));
  };
}
