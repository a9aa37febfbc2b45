import { printable } from "../../report/printable.ts";

export const logFormats = ["text", "json"] as const;
export type LogFormat = (typeof logFormats)[number];

export type LogLevel = "info" | "warning" | "error";

/** A function that logs an event: `fields` are values beside the message, for JSON. */
export type Log = (level: LogLevel, event: string, message: string, fields?: object) => void;

interface LogOptions {
  readonly format: LogFormat;
  /** Leaves out lines of level info. */
  readonly quiet: boolean;
  readonly write: (text: string) => void;
  readonly wallTime: () => Date;
}

/** Opens a log: one line for each event, `TIME LEVEL MESSAGE` or a JSON object. */
export function openLog({ format, quiet, write, wallTime }: LogOptions): Log {
  return (level, event, message, fields = {}) => {
    if (quiet && level === "info") return;
    const time = wallTime().toISOString();
    const line =
      format === "json"
        ? asciiJson({ time, level, event, message, ...fields })
        : `${time} ${level.padEnd(7)} ${printable(message)}`;
    write(`${line}\n`);
  };
}

/** JSON in which control, bidirectional and invisible characters are escapes, as all that is not ASCII. */
function asciiJson(value: object): string {
  const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(value).replace(/[^\x20-\x7e]/g, escaped);
}
