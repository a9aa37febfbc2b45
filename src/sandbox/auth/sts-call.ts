import type { IncomingMessage } from "node:http";
import { placeOf, targetOf } from "../wire/place.ts";
import { readBody } from "../wire/request.ts";

/** Call of STS. */
export interface StsCall {
  readonly method: string;
  readonly host: string;
  /** Headers by name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly query: ReadonlyMap<string, string>;
  /** Parameters of the query and of a form in the body. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
}

/** Answer of STS, or its refusal. */
export type StsOutcome = StsDone | StsRefused;

/** Fields of an answer, in their order. */
export interface StsDone {
  readonly fields: StsFields;
}

/** Fields by their names. */
export interface StsFields {
  readonly [name: string]: string | StsFields;
}

export interface StsRefused {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/**
 * Returns true for a call of STS, which the sandbox serves at the address of OSS's service: `GET /?Action=...`, and any
 * `POST /`, which OSS does not have.
 */
export function isStsCall({ method, url = "/", headers }: IncomingMessage): boolean {
  const target = targetOf(headers.host ?? "", url);
  const place = placeOf(target.host, target.url);
  if ("refusal" in place || place.bucket !== undefined) return false;
  return method === "POST" || (method === "GET" && place.query.some(([name]) => name === "Action"));
}

/** Reads a call of STS. Rejects if the connection breaks first. */
export async function readStsCall(incoming: IncomingMessage): Promise<StsCall | StsRefused> {
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
  );
  const { host, url } = targetOf(headers["host"] ?? "", incoming.url ?? "/");
  const read = await readBody(incoming, undefined);
  if ("refusal" in read) return { status: 400, code: "RequestTooLarge", message: read.refusal.message };
  const at = url.indexOf("?");
  const query = new Map(new URLSearchParams(at === -1 ? "" : url.slice(at + 1)));
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(headers["content-type"] ?? "");
  const form = isForm ? new URLSearchParams(new TextDecoder().decode(read.bytes)) : [];
  const parameters = new Map([...query, ...form]);
  return { method: incoming.method ?? "GET", host, headers, query, parameters, body: read.bytes };
}

/** Returns the name of the operation; the newer signature has it in a header. */
export function actionOf({ headers, parameters }: StsCall): string {
  return headers["x-acs-action"] ?? parameters.get("Action") ?? "";
}
