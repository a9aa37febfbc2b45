import { filesSchema } from "../desired/json-schema.ts";
import type { Io } from "../run/io.ts";
import type { Options } from "../run/options.ts";

/** Prints the JSON Schema of the policy files, and nothing else: it is meant for a file. */
export function schema(_: Options, io: Io): Promise<number> {
  io.stdout(`${JSON.stringify(filesSchema(), null, 2)}\n`);
  return Promise.resolve(0);
}
