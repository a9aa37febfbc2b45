import { refuse, type Refused } from "../wire/wire-error.ts";

/** Limit of the clock difference: fifteen minutes (OSS docs: RequestTimeTooSkewed). */
export const maxSkewMs = 15 * 60 * 1000;

/** Returns the text of the date that a signed header call carries; x-oss-date goes before Date. */
export function dateTextOf(headers: Readonly<Record<string, string>>): string {
  return headers["x-oss-date"] ?? headers["date"] ?? "";
}

/** Parses `20221220T084818Z` or `Tue, 20 Dec 2022 08:48:18 GMT` (OSS docs: EC 0002-00000503 shows both). */
export function parseDate(text: string): number | undefined {
  const iso = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (iso !== null) return validTime(text.replace(/^(....)(..)(..T..)(..)(..Z)$/, "$1-$2-$3:$4:$5"));
  return /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/.test(text)
    ? validTime(text)
    : undefined;
}

/** Refuses a call that was sent more than 15 minutes before or after the time of the server. */
export function skewRefusal(sentMs: number, nowMs: number): Refused | undefined {
  return Math.abs(nowMs - sentMs) > maxSkewMs ? refuse("RequestTimeTooSkewed") : undefined;
}

/** Returns YYYYMMDD of a time, in UTC. */
export function dayOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10).replaceAll("-", "");
}

function validTime(text: string): number | undefined {
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}
