import { refusal } from "../../diagnostic.ts";
import { suggestion } from "../../near-miss.ts";
import { failure } from "../../run/exit.ts";
import type { Io } from "../../run/io.ts";
import type { Options } from "../../run/options.ts";
import { openOutput } from "../../run/output.ts";
import { completionScripts } from "./scripts.ts";

/** Prints the completion script of a shell, and nothing else: it is meant to be sourced. */
export function completion(options: Options, io: Io): Promise<number> {
  const [shell = ""] = options.words;
  const script = new Map(Object.entries(completionScripts)).get(shell);
  if (script === undefined) {
    const out = openOutput(options, io);
    const message = `there is no completion for the shell \`${shell}\``;
    out.diagnostics([refusal("no-match", message, suggestion(shell, Object.keys(completionScripts)))]);
    return Promise.resolve(out.end(failure("no script was printed")));
  }
  io.stdout(script);
  return Promise.resolve(0);
}
