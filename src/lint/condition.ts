import type { Entry, Node } from "../desired/node.ts";
import {
  findConditionKey,
  findOperator,
  type ConditionKey,
  type ConditionOperator,
} from "../policy/conditions.ts";
import type { TextComparison } from "../policy/key-values.ts";
import { membersOf, type StatementInFile, type TestInFile, type Word } from "./rule.ts";

/** Returns the operators of a statement as they are written, including those without a key. */
export function operatorEntries(statement: StatementInFile): readonly Entry[] {
  return entriesOf(statement.entry("Condition")?.value);
}

/** Returns the values under each known operator that `isMeant` selects. */
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

/** Test whose operator and key are both documented. */
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

/** Returns how an operator compares texts; undefined if it reads other values. */
export function comparisonOf({ family, name }: ConditionOperator): TextComparison | undefined {
  if (family !== "String") return undefined;
  if (name.endsWith("Like")) return "pattern";
  return name.endsWith("IgnoreCase") ? "ignoring case" : "exact";
}

/** Returns the tests without any value, such as an empty list. */
export function testsWithoutValue(statement: StatementInFile): readonly { operator: string; key: Entry }[] {
  return operatorEntries(statement).flatMap(({ name, value }) =>
    entriesOf(value)
      .filter((key) => membersOf(key.value).length === 0)
      .map((key) => ({ operator: name, key })),
  );
}

/** Returns the keys of a statement that only listing calls have (OSS docs: bucket policy). */
export function listingKeys({ tests }: StatementInFile): readonly Word[] {
  return tests.map(({ key }) => key).filter(({ text }) => text === "oss:Prefix" || text === "oss:Delimiter");
}

function entriesOf(node: Node | undefined): readonly Entry[] {
  return node?.kind === "map" ? node.entries : [];
}
