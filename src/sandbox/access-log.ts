import { createWriteStream } from "node:fs";
import type { Caller } from "./auth/authenticate.ts";
import { operationRow, type Operation, type OperationRow } from "./operations/table.ts";
import type { Reply } from "./wire/reply.ts";
import type { SandboxRequest } from "./wire/request.ts";

/** Answered request, as a line of the access log has it. */
export interface LogEntry {
  readonly request: SandboxRequest;
  readonly reply: Reply;
  /** Bytes of the body of the answer. */
  readonly sentBytes: number;
  /** Undefined if the signature was refused. */
  readonly caller: Caller | undefined;
  readonly startMs: number;
  readonly endMs: number;
  /** UID of the account that owns the bucket. */
  readonly owner: string;
}

/** File of one line a request. */
export interface AccessLog {
  write(entry: LogEntry): void;
  /** Resolves when all lines are in the file. */
  close(): Promise<void>;
}

/** Opens a log, to which lines are added. Rejects if the file cannot be written. */
export function openAccessLog(file: string): Promise<AccessLog> {
  return new Promise((resolve, reject) => {
    const stream = createWriteStream(file, { flags: "a" });
    stream.once("error", reject);
    stream.once("open", () => {
      resolve({
        write: (entry) => {
          stream.write(`${logLine(entry)}\n`);
        },
        close: () => new Promise((closed) => stream.end(closed)),
      });
    });
  });
}

/**
 * Formats a request as a line of OSS's access log, with its 29 fields (OSS docs: logging). How OSS escapes a quotation mark
 * inside a field is not documented: here it becomes `%22`.
 */
function logLine({ request, reply, sentBytes, caller, startMs, endMs, owner }: LogEntry): string {
  const { method, headers, route, operation, bucket } = request;
  const key = "refusal" in route ? "" : route.key;
  const tookMs = String(Math.max(1, endMs - startMs));
  const requester = requesterOf(caller);
  return [
    request.sourceIp.replace(/^::ffff:/, ""),
    "-",
    "-",
    `[${logTime(endMs)}]`,
    quoted(`${method} ${request.url} HTTP/1.1`),
    String(reply.status),
    String(sentBytes),
    tookMs,
    quoted(headers["referer"]),
    quoted(headers["user-agent"]),
    quoted(headers["host"]),
    quoted(reply.headers["x-oss-request-id"]),
    quoted("true"),
    quoted(requester),
    quoted(logName(operation)),
    quoted(bucket),
    quoted(key === "" ? undefined : encodeURIComponent(key)),
    objectSize(reply),
    tookMs,
    quoted(errorCode(reply)),
    headers["content-length"] ?? "-",
    quoted(owner),
    "-",
    quoted("-"),
    quoted("standard"),
    quoted("-"),
    quoted("-"),
    quoted(caller?.key?.id),
    quoted("-"),
  ].join(" ");
}

/** Returns the UID of an account or a user, or the id of a role; undefined for an anonymous caller. */
function requesterOf(caller: Caller | undefined): string | undefined {
  const identity = caller?.identity;
  if (identity === undefined || identity.kind === "anonymous") return undefined;
  if (identity.kind === "role") return identity.roleId;
  return identity.kind === "user" ? identity.uid : identity.account;
}

function logName(operation: Operation): string | undefined {
  if (operation === "Unsupported") return undefined;
  const row: OperationRow = operationRow(operation);
  return row.logName ?? row.name;
}

function objectSize({ body }: Reply): string {
  return "open" in body ? String(body.length) : "-";
}

function errorCode({ status, body }: Reply): string | undefined {
  return status < 400 || "open" in body ? undefined : /<Code>(\w+)<\/Code>/.exec(body.toString())?.[1];
}

/** Formats a field in quotation marks; `-` if there is none. No text ends its field or its line. */
function quoted(text: string | undefined): string {
  // Some readers take U+0085, U+2028 and U+2029 for the end of a line, too.
  const visible = (text ?? "").replace(/[\x00-\x1f"\x7f-\x9f\u2028\u2029]/g, encodeURIComponent);
  return `"${visible === "" ? "-" : visible}"`;
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Formats as `03/Jan/2021:14:59:49 +0000`. OSS writes the time of its region; the sandbox writes UTC. */
function logTime(ms: number): string {
  const date = new Date(ms);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${two(date.getUTCDate())}/${months[date.getUTCMonth()] ?? ""}/${date.getUTCFullYear()}`;
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(":");
  return `${day}:${time} +0000`;
}
