import { refusal } from "../diagnostic.ts";
import { allCodes, codeText } from "../codes/index.ts";
import examples from "../codes/examples.json" with { type: "json" };
import { suggestion } from "../near-miss.ts";
import { renderExplanation, type Example } from "../report/text/explanation.ts";
import { failure, success } from "../run/exit.ts";
import type { Io } from "../run/io.ts";
import type { Options } from "../run/options.ts";
import { openOutput } from "../run/output.ts";

/** Prints the long text of a code: why it matters, an example, the fix. */
export function explain(options: Options, io: Io): Promise<number> {
  const out = openOutput(options, io);
  const [code = ""] = options.words;
  const text = codeText(code);
  if (text === undefined) {
    const codes = allCodes.map(({ code }) => code).sort();
    const message = `no finding has the code \`${code}\``;
    out.diagnostics([refusal("no-match", message, suggestion(code, codes))]);
    return Promise.resolve(out.end(failure("nothing to explain")));
  }
  const example = new Map<string, Example>(Object.entries(examples)).get(text.code);
  out.result(renderExplanation(text, example, out.style));
  return Promise.resolve(out.end(success));
}
