import type { Io } from "../../run/io.ts";
import type { Options } from "../../run/options.ts";
import { runEdit } from "./run-edit.ts";

/** Edits the files so that a principal is allowed something. */
export function grant(options: Options, io: Io): Promise<number> {
  return runEdit("grant", options, io);
}
