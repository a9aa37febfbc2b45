import { requestReader } from "../../src/requests/read-requests.ts";
import type { SeenRequest } from "../../src/requests/seen-request.ts";
import type { WantedRequests } from "../../src/requests/understand.ts";

export const logOwner = "1746495857600001";

/** Fields of a line in a log file, by name; the others have the value that they mostly have. */
export interface LoggedFields {
  readonly ip?: string;
  readonly time?: string;
  readonly method?: string;
  readonly target?: string;
  readonly status?: string;
  readonly referer?: string;
  readonly userAgent?: string;
  readonly host?: string;
  readonly requester?: string;
  readonly operation?: string;
  readonly bucket?: string;
  readonly object?: string;
  readonly owner?: string;
  readonly syncRequest?: string;
  readonly accessId?: string;
  /** Number of fields: 29 is the newest format. */
  readonly count?: number;
}

/** Formats a line of OSS's log files. */
export function logLine(fields: LoggedFields = {}): string {
  const { bucket = "data", object = "raw/a.csv", count = 29 } = fields;
  const { method = "GET", target = `/${object === "-" ? "" : object}` } = fields;
  const all = [
    fields.ip ?? "10.0.0.7",
    "-",
    "-",
    `[${fields.time ?? "16/Nov/2026:10:00:00 +0800"}]`,
    `"${method} ${target} HTTP/1.1"`,
    fields.status ?? "200",
    "1024",
    "12",
    `"${fields.referer ?? "-"}"`,
    `"${fields.userAgent ?? "curl/8.7.1"}"`,
    `"${fields.host ?? `${bucket}.oss-cn-hangzhou.aliyuncs.com`}"`,
    '"6AA65507B46F7C3734500001"',
    '"true"',
    `"${fields.requester ?? "202147604049350001"}"`,
    `"${fields.operation ?? "GetObject"}"`,
    `"${bucket}"`,
    `"${object}"`,
    "1024",
    "8",
    '"-"',
    "300",
    `"${fields.owner ?? logOwner}"`,
    "-",
    `"${fields.syncRequest ?? "-"}"`,
    '"standard"',
    '"-"',
    '"-"',
    `"${fields.accessId ?? "LTAI5tExample"}"`,
    '"-"',
    '"a later field"',
    "7",
  ];
  return all.slice(0, count).join(" ");
}

/** Formats a row of SLS, as its console exports it. */
export function slsLine(fields: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    __topic__: "oss_access_log",
    __time__: "1794794400",
    client_ip: "10.0.0.7",
    http_method: "GET",
    request_uri: "/raw/a.csv",
    http_status: "200",
    "User-Agent": "curl/8.7.1",
    host: "data.oss-cn-hangzhou.aliyuncs.com",
    request_id: "6AA65507B46F7C3734500001",
    requester_id: "202147604049350001",
    extend_information: `${logOwner},,,,`,
    operation: "GetObject",
    bucket: "data",
    object: "raw%2Fa.csv",
    owner_id: logOwner,
    access_id: "LTAI5tExample",
    sign_type: "NORMAL_SIGN4",
    http_type: "https",
    vpc_id: "-",
    ec: "-",
    sync_request: "-",
    ...fields,
  });
}

/** Reads lines as if they came in parts of `size` bytes. */
export function readLines(text: string | Buffer, wanted: WantedRequests = {}, size = 1 << 20) {
  const requests: SeenRequest[] = [];
  const reader = requestReader(wanted, (request) => requests.push(request));
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
  return { requests, counts: reader.end() };
}

/** Formats the field of a row of SLS that has headers which the log of the bucket names. */
export function loggedHeadersField(headers: unknown, truncated: unknown = false): string {
  return Buffer.from(JSON.stringify({ truncated, headers, querys: {} })).toString("base64");
}
