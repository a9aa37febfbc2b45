import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { faultsSchema } from "./faults/fault-schema.ts";
import type { Faults } from "./faults/faults.ts";
import { readForm } from "./seed/form.ts";
import type { Reply } from "./wire/reply.ts";
import { readBody } from "./wire/request.ts";
import { isOssHost } from "./wire/place.ts";

/** Path of the fault rules; no bucket can have its first segment as a name. */
export const faultsPath = "/_sandbox/faults";

/** Returns true for a request to the sandbox itself. Under OSS's own host names every path is an object's. */
export function isAdminCall({ url = "", headers }: IncomingMessage): boolean {
  return url.startsWith("/_sandbox/") && !isOssHost(headers.host ?? "");
}

/** Answers a call on the fault rules: GET shows, PUT replaces, DELETE clears them. No fault applies to it. */
export async function answerAdmin(incoming: IncomingMessage, faults: Faults): Promise<Reply> {
  const refused = adminRefusal(incoming.socket.remoteAddress, incoming.headers);
  if (refused !== undefined) return textReply(403, [refused]);
  if (incoming.url !== faultsPath) return textReply(404, [`the sandbox has only \`${faultsPath}\``]);
  if (incoming.method === "GET") return rulesReply(faults);
  if (incoming.method === "PUT") return putRules(incoming, faults);
  if (incoming.method !== "DELETE")
    return textReply(405, ["use GET, PUT or DELETE"], { Allow: "GET, PUT, DELETE" });
  faults.set([]);
  return { status: 204, headers: {}, body: Buffer.alloc(0) };
}

/** Refuses calls of web pages, even of pages with a DNS name for this machine (DNS rebinding). */
export function adminRefusal(
  peer: string | undefined,
  { origin, host = "" }: IncomingHttpHeaders,
): string | undefined {
  if (!/^(127\.|::1$|::ffff:127\.)/.test(peer ?? "")) return "only this machine may set faults";
  if (origin !== undefined) return "a web page may not set faults: the request has an Origin header";
  if (!/^(127(\.\d{1,3}){3}|localhost|\[::1\])(:\d+)?$/i.test(host))
    return "the Host header must name the loopback, such as `127.0.0.1:9000`";
  return undefined;
}

/** Replaces all rules or none: a list with a mistake keeps the old rules. */
async function putRules(incoming: IncomingMessage, faults: Faults): Promise<Reply> {
  const body = await readBody(incoming, undefined);
  if ("refusal" in body) return textReply(413, ["the list of fault rules is too long"]);
  const words = { file: "body", whole: "the body", owner: "a fault rule" };
  const read = readForm(new TextDecoder().decode(body.bytes), faultsSchema, words);
  if ("problems" in read) return textReply(400, read.problems);
  faults.set(read.value);
  return rulesReply(faults);
}

function rulesReply(faults: Faults): Reply {
  const body = Buffer.from(`${JSON.stringify(faults.rules(), null, 2)}\n`);
  return { status: 200, headers: { "Content-Type": "application/json" }, body };
}

function textReply(status: number, lines: readonly string[], headers: Reply["headers"] = {}): Reply {
  const body = Buffer.from(`${lines.join("\n")}\n`);
  return { status, headers: { ...headers, "Content-Type": "text/plain; charset=utf-8" }, body };
}
