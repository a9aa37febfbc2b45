import { findOperator } from "../../policy/conditions.ts";
import type { Finding, Rule, TestInFile, Word } from "../rule.ts";
import { replacing } from "../texts.ts";

export const unquotedValue: Rule = {
  code: "unquoted-value",
  severity: "warning",
  isLesser: true,
  summary: "a value of a Condition that is a number or boolean, since it is not in quotes",
  explanation: `In RAM's grammar the values of a Condition are strings: "false", "30" (RAM docs: policy structure and grammar). Without
quotes YAML reads false, 30, 1.0 or 1e3 as a boolean or a number, and the policy is sent with that value. Whether OSS
reads false as "false", and 1.0 as "1.0" or "1", is not documented; each of these is a different test.

Fix: write the value in quotes, with the same characters; under Bool, write true or false in lower case.`,
  check: ({ statements }) =>
    statements
      .flatMap(({ tests }) => tests)
      .flatMap((test) => test.values.flatMap((value) => judge(value, test))),
};

function judge(value: Word, { operator }: TestInFile): readonly Finding[] {
  const { source, span } = value;
  if (source === undefined) return [];
  const message = `\`${source}\` is not in quotes, and a value of a Condition is a string`;
  // Bool takes only `true`, and YAML reads `True` as the same value.
  const text = findOperator(operator.text)?.family === "Bool" ? value.text : source;
  return [{ message, span, help: `write it as \`"${text}"\``, ...replacing(value, text) }];
}
