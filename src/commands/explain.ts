import { refusal } from "../diagnostic.ts";
import { allCodes, codeGroups, codeText } from "../codes/index.ts";
import examples from "../codes/examples.json" with { type: "json" };
import { nearMiss } from "../near-miss.ts";
import { renderCodeList, renderExplanation, type Example } from "../report/text/explanation.ts";
import { failure, success } from "../run/exit.ts";
import type { Io } from "../run/io.ts";
import type { Options } from "../run/options.ts";
import { openOutput } from "../run/output.ts";

/** Prints the long text of a code: why it matters, an example, the fix. Without a code it lists all of them. */
export function explain(options: Options, io: Io): Promise<number> {
  const out = openOutput(options, io);
  const [code] = options.words;
  if (code === undefined) {
    out.result(renderCodeList(codeGroups, out.style));
    return Promise.resolve(out.end(success));
  }
  const text = codeText(code);
  if (text === undefined) {
    const codes = allCodes.map(({ code }) => code).sort();
    const message = `no finding has the code \`${code}\``;
    const near = nearMiss(code, codes);
    const help = near === undefined ? "`explain` without a code lists all" : `did you mean \`${near}\`?`;
    out.diagnostics([refusal("no-match", message, help)]);
    return Promise.resolve(out.end(failure("nothing to explain")));
  }
  const example = new Map<string, Example>(Object.entries(examples)).get(text.code);
  out.result(renderExplanation(text, example, out.style));
  return Promise.resolve(out.end(success));
}
