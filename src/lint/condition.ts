import type { Entry, Node } from "../desired/node.ts";
import {
  findConditionKey,
  findOperator,
  type ConditionKey,
  type ConditionOperator,
} from "../policy/conditions.ts";
import { membersOf, type StatementInFile, type TestInFile, type Word } from "./rule.ts";

/** The operators of a statement as they are written, those without a key included. */
export function operatorEntries(statement: StatementInFile): readonly Entry[] {
  return entriesOf(statement.entry("Condition")?.value);
}

/** The values of each operator of a family, with the operator. */
export function valuesUnder(
  statements: readonly StatementInFile[],
  isMeant: (operator: ConditionOperator) => boolean,
): readonly { readonly value: Word; readonly operator: ConditionOperator; readonly key: Word }[] {
  return statements
    .flatMap(({ tests }) => tests)
    .flatMap(({ operator, key, values }) => {
      const known = findOperator(operator.text);
      if (known === undefined || !isMeant(known)) return [];
      return values.map((value) => ({ value, operator: known, key }));
    });
}

/** A test of which both the operator and the key are documented. */
export interface KnownTest {
  readonly operator: ConditionOperator;
  readonly key: ConditionKey;
  readonly test: TestInFile;
}

export function knownTests({ tests }: StatementInFile): readonly KnownTest[] {
  return tests.flatMap((test) => {
    const operator = findOperator(test.operator.text);
    const key = findConditionKey(test.key.text);
    return operator === undefined || key === undefined ? [] : [{ operator, key, test }];
  });
}

/** The tests that have no value at all, as an empty list has none. */
export function testsWithoutValue(statement: StatementInFile): readonly { operator: string; key: Entry }[] {
  return operatorEntries(statement).flatMap(({ name, value }) =>
    entriesOf(value)
      .filter((key) => membersOf(key.value).length === 0)
      .map((key) => ({ operator: name, key })),
  );
}

/** The keys of a statement that only calls that list a bucket have (OSS docs: bucket policy). */
export function listingKeys({ tests }: StatementInFile): readonly Word[] {
  return tests.map(({ key }) => key).filter(({ text }) => text === "oss:Prefix" || text === "oss:Delimiter");
}

function entriesOf(node: Node | undefined): readonly Entry[] {
  return node?.kind === "map" ? node.entries : [];
}
