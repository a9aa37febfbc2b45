import type { Failed } from "../../result.ts";
import type { Options } from "../../run/options.ts";
import { problem } from "./reply.ts";

/** Condition keys with their values, in the order in which they are given. */
interface Pairs {
  readonly all: readonly (readonly [key: string, value: string])[];
}

/** Returns the keys and values of --with. */
export function pairsOf(options: Pick<Options, "with">): Pairs | Failed {
  const odd = options.with.find((text) => text.indexOf("=") < 1);
  if (odd !== undefined)
    return problem(`--with \`${odd}\` is no KEY=VALUE`, "write `--with acs:SourceVpc=vpc-1`");
  const all = options.with.map((text) => {
    const at = text.indexOf("=");
    return [text.slice(0, at), text.slice(at + 1)] as const;
  });
  return { all };
}
