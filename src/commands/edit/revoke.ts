import type { Io } from "../../run/io.ts";
import type { Options } from "../../run/options.ts";
import { runEdit } from "./run-edit.ts";

/** Edits the files so that a principal is no longer allowed something, or denied it. */
export function revoke(options: Options, io: Io): Promise<number> {
  return runEdit(options.deny ? "deny" : "revoke", options, io);
}
