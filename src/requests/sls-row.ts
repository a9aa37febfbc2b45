import { isNone, mayCarryHeaders, type LoggedHeaders, type LogRow } from "./log-row.ts";
import { logTimes } from "./log-time.ts";
import { loggedHeaders } from "./logged-headers.ts";

/** Row of SLS: a request, a key that a delete of many keys named, or a row about something else. */
export type SlsRow =
  | { readonly kind: "request"; readonly row: LogRow }
  | { readonly kind: "deleted key"; readonly row: LogRow }
  | { readonly kind: "other topic" };

type SlsFields = Readonly<Record<string, unknown>>;

/** Function from a line of JSON to the row that it holds; undefined if it holds none. */
export function slsRows(): (line: string) => SlsRow | undefined {
  const timeOf = logTimes();
  return (line) => {
    const fields = parsed(line.replace(/,\s*$/, ""));
    if (fields === undefined) return undefined;
    const topic = textOf(fields, "__topic__") || textOf(fields, "__tag__:__topic__");
    if (topic !== "" && topic !== "oss_access_log" && topic !== "oss_batch_delete_log")
      return { kind: "other topic" };
    if (textOf(fields, "bucket") === "" || textOf(fields, "request_id") === "") return undefined;
    const row = rowOf(fields, timeOf);
    if (!isDeletedKey(topic, row))
      // Without its address, what a request asked for is not known.
      return isNone(textOf(fields, "request_uri")) ? undefined : { kind: "request", row };
    return { kind: "deleted key", row: Number.isNaN(row.status) ? { ...row, status: 200 } : row };
  };
}

/** Returns true for a row of the second topic. An export may leave the topic out: only such rows name a key. */
function isDeletedKey(topic: string, { operation, object }: LogRow): boolean {
  if (topic !== "") return topic === "oss_batch_delete_log";
  return operation === "DeleteObjects" && !isNone(object);
}

function rowOf(fields: SlsFields, timeOf: (text: string) => number): LogRow {
  const text = (name: string) => textOf(fields, name);
  const [method, target] = [text("http_method"), targetOf(text("request_uri"))];
  return {
    source: "sls",
    timeMs: timeOfRow(fields, timeOf),
    ip: text("client_ip"),
    method,
    target,
    status: Number(text("http_status") || NaN),
    userAgent: text("user_agent") || text("User-Agent") || text("user-agent"),
    host: text("host"),
    requestId: text("request_id"),
    requester: text("requester_id"),
    operation: text("operation"),
    bucket: text("bucket"),
    object: text("object"),
    owner: text("owner_id"),
    syncRequest: text("sync_request"),
    accessId: text("access_id"),
    sls: {
      ec: text("ec"),
      signType: text("sign_type"),
      httpType: text("http_type"),
      vpcId: "vpc_id" in fields ? text("vpc_id") : undefined,
      caller: text("extend_information").split(",").slice(0, 4),
      headers: headersOf(fields, method, target),
    },
  };
}

/** Returns the headers of a request that may set something by them. A form, which is a POST without a query, has fields instead. */
function headersOf(fields: SlsFields, method: string, target: string): LoggedHeaders | undefined {
  const field = textOf(fields, "user_defined_log_fields");
  if (isNone(field) || !mayCarryHeaders(method)) return undefined;
  return method === "POST" && !target.includes("?") ? undefined : loggedHeaders(field);
}

/** Returns the time of a row: the seconds that SLS adds, or else the text of OSS. */
function timeOfRow(fields: SlsFields, timeOf: (text: string) => number): number {
  const seconds = Number(textOf(fields, "__time__") || NaN);
  return Number.isNaN(seconds) ? timeOf(textOf(fields, "time")) : seconds * 1000;
}

/** Returns path and query. Both may be encoded as a whole, and the method may stand before them. */
function targetOf(uri: string): string {
  const [, path = uri] = /^[A-Z]+ (.*?)(?: HTTP\/[\d.]+)?$/.exec(uri) ?? [];
  if (path.startsWith("/")) return path;
  try {
    return /^%2f/i.test(path) ? decodeURIComponent(path) : `/${path}`;
  } catch {
    return `/${path}`;
  }
}

function parsed(text: string): SlsFields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as SlsFields)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Returns a text, or the digits of a number that lost none; empty for anything else. */
function textOf(fields: SlsFields, name: string): string {
  const value = fields[name];
  if (typeof value === "string") return value;
  return Number.isSafeInteger(value) ? String(value) : "";
}
