import type { Io } from "./io.ts";
import type { Options } from "./options.ts";
import { openOutput, type Output } from "./output.ts";

/** One invocation: the options that the user gave, the process, and where the output goes. */
export interface Run<O = Options> {
  readonly options: O;
  readonly io: Io;
  readonly out: Output;
  /** Called with each call of OSS and STS that was sent: its operation, and the status of the answer or `no_answer`. */
  readonly onCall?: ((operation: string, code: string) => void) | undefined;
}

/** Starts an invocation. */
export function startRun(options: Options, io: Io): Run {
  return { options, io, out: openOutput(options, io) };
}
