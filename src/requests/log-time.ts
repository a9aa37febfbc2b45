import { ownText } from "./log-row.ts";

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const form = /^(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d):(\d\d):(\d\d)(?: ([+-])(\d\d)(\d\d))?$/;

/** Texts of seconds that are kept: logs are sorted nearly, and an hour has 3,600. */
const maxKnown = 10_000;

/** Parser of times such as `03/Jan/2021:14:59:49 +0800`, to milliseconds since 1970; NaN for anything else. */
export function logTimes(): (text: string) => number {
  const known = new Map<string, number>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    if (known.size >= maxKnown) known.clear();
    const ms = parseLogTime(text);
    known.set(ownText(text), ms);
    return ms;
  };
}

/** Parses a time. One without an offset is NaN: the logs of two regions would otherwise be shifted against each other. */
function parseLogTime(text: string): number {
  const [, day, monthName = "", year, hour, minute, second, sign, offsetHours, offsetMinutes] =
    form.exec(text) ?? [];
  const month = months.indexOf(monthName);
  if (month < 0 || sign === undefined) return NaN;
  const ms = Date.UTC(Number(year), month, Number(day), Number(hour), Number(minute), Number(second));
  const offsetMs = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60_000;
  return sign === "-" ? ms + offsetMs : ms - offsetMs;
}
