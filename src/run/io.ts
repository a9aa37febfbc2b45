import type { Readable, Writable } from "node:stream";
import type { Clock } from "../apply/apply.ts";

/** The process as the commands see it. Only cli.ts makes the real one. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** True where a person is at the other end: stdin and stderr for questions and bars, stdout for colour. */
  readonly isTerminal: { readonly stdin: boolean; readonly stdout: boolean; readonly stderr: boolean };
  /** Reads stdin to its end; undefined if it is longer than this. */
  readonly readInput: (maxBytes: number) => Promise<Uint8Array | undefined>;
  /** Stdin and stdout as streams: nothing else may use those that are used then. */
  readonly openStreams: () => { readonly input: Readable; readonly output: Writable };
  /** Returns what was typed; undefined where the user stops instead. */
  readonly ask: (question: string) => Promise<string | undefined>;
  readonly clock: Clock;
  /** From 0 up to 1, another one each time. */
  readonly random: () => number;
  /** The day of the run, in UTC, as `2027-01-31`. */
  readonly today: string;
  /** The wall clock, which may jump: for what people and monitoring read, never for waits. */
  readonly wallTime: () => Date;
  /** Resolves when the user asks the process to stop. */
  readonly untilStopped: () => Promise<void>;
  /** Calls the listener at each SIGHUP, which then no longer ends the process. */
  readonly onHangup: (listener: () => void) => void;
}

/** Returns whether the run is in a pipeline, where no one answers questions and bars fill the log. */
export function isPipeline(io: Io): boolean {
  const { CI: ci = "" } = io.env;
  return ci !== "" && ci !== "false" && ci !== "0";
}
