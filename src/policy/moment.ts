/** Parsed point in time. */
export type Moment =
  /** Milliseconds since 1970, UTC. */
  | { readonly kind: "moment"; readonly timeMs: number }
  /** Date without a time or an offset, or finer than a millisecond: OSS does not document its meaning. */
  | { readonly kind: "vague" };

const form = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:\d{2})?)?$/;

/** Parses an ISO 8601 date, such as `2026-08-12T17:00:00+08:00`; undefined for anything else and for 30 February. */
export function parseMoment(text: string): Moment | undefined {
  const [, date, time, offset] = form.exec(text) ?? [];
  if (date === undefined || !isCalendarDate(date)) return undefined;
  const timeMs = Date.parse(`${date}T${time ?? "00:00"}${offset ?? "Z"}`);
  if (Number.isNaN(timeMs)) return undefined;
  const isExact = time !== undefined && offset !== undefined && time.length <= "00:00:00.000".length;
  return isExact ? { kind: "moment", timeMs } : { kind: "vague" };
}

/** Returns true if the day exists: `Date.parse` takes 30 February for the second of March. */
function isCalendarDate(date: string): boolean {
  const [year = 0, month = 0, day = 0] = date.split("-").map(Number);
  return month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month);
}

function daysOf(year: number, month: number): number {
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
}
