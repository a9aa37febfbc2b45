import { narrows } from "../policy/public-status.ts";
import type { StatementInFile } from "./rule.ts";

/** Reports whether a statement is an Allow that is public unless its principals are fixed. */
export function isWideAllow({ effect, tests }: StatementInFile): boolean {
  const isNarrowed = tests.some(({ operator, key, values }) =>
    narrows({ operator: operator.text, key: key.text, values: values.map(({ text }) => text) }),
  );
  return effect === "Allow" && !isNarrowed;
}
