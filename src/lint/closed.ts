import { findOperator } from "../policy/conditions.ts";
import type { PolicyInFile, StatementInFile } from "./rule.ts";
import type { Text, Word } from "./texts.ts";

/** Reports whether only documented words are allowed at a text's place: a name, a principal, an action, a date. */
export function isClosed({ isName, span, text }: Text, { statements }: PolicyInFile): boolean {
  if (isName) return true;
  const isIn = (words: readonly Word[]) => words.some((word) => word.span === span);
  return statements.some(
    ({ principals, actions, resources, tests }) =>
      isIn(principals) ||
      isIn(actions) ||
      (isIn(resources) && !text.startsWith("acs:oss:")) ||
      tests.some(({ operator, values }) => hasForm(operator.text) && isIn(values)),
  );
}

/** OSS parses addresses, dates, numbers and booleans; it compares strings as they are. */
function hasForm(operator: string): boolean {
  const family = findOperator(operator)?.family;
  return family !== undefined && family !== "String";
}

/** Reports whether a text is a list in one string, which joined-values reports. */
export function isJoined({ span }: Text, { statements }: PolicyInFile): boolean {
  return statements.some((statement) => wordsOf(statement).filter((word) => word.span === span).length > 1);
}

function wordsOf({ principals, actions, resources, tests }: StatementInFile): readonly Word[] {
  return [...principals, ...actions, ...resources, ...tests.flatMap(({ values }) => values)];
}
