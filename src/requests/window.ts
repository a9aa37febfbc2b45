import { parseMoment } from "../policy/moment.ts";

const dayMs = 86_400_000;
const units: Readonly<Record<string, number>> = { d: dayMs, h: 3_600_000 };

/**
 * Parses the start or the end of a window: so many days or hours before now, such as `7d` and `24h`, a day, which starts at
 * midnight UTC, or a time with its offset, such as `2026-11-01T08:00:00+08:00`. Undefined for anything else.
 */
export function parseWindowTime(text: string, nowMs: number): number | undefined {
  const [, count, unit = ""] = /^(\d{1,5})([dh])$/.exec(text) ?? [];
  if (count !== undefined) return nowMs - Number(count) * (units[unit] ?? 0);
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text);
  const moment = parseMoment(isDay ? `${text}T00:00:00Z` : text);
  return moment?.kind === "moment" ? moment.timeMs : undefined;
}
