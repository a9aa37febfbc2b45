import type { LogRow } from "./log-row.ts";
import { logTimes } from "./log-time.ts";
import { field, FieldPlaces, splitLine } from "./split-line.ts";

const slash = 0x2f;

/** Function from a line of a log file, from `start` to `end` of a text, to its row; undefined if it has another form. */
export function fileRows(): (text: string, start: number, end: number) => LogRow | undefined {
  const places = new FieldPlaces();
  const timeOf = logTimes();
  const { starts, ends } = places;
  return (text, start, end) => {
    if (!splitLine(text, start, end, places)) return undefined;
    const part = (at: number) => text.slice(starts[at], ends[at]);
    const request = part(field.request);
    const method = request.slice(0, request.indexOf(" "));
    const version = request.lastIndexOf(" HTTP/");
    if (method === "" || version <= method.length) return undefined;
    if (request.charCodeAt(method.length + 1) !== slash) return undefined;
    return {
      source: "file",
      timeMs: timeOf(part(field.time)),
      ip: part(field.ip),
      method,
      target: request.slice(method.length + 1, version),
      status: Number(part(field.status)),
      userAgent: part(field.userAgent),
      host: part(field.host),
      requestId: part(field.requestId),
      requester: part(field.requester),
      operation: part(field.operation),
      bucket: part(field.bucket),
      object: part(field.object),
      owner: part(field.owner),
      syncRequest: part(field.syncRequest),
      accessId: places.count > field.accessId ? part(field.accessId) : undefined,
    };
  };
}
