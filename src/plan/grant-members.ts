import type { Policy, Statement } from "../policy/policy.ts";

export type GrantField = "principal" | "action" | "resource";
const grantFields: readonly GrantField[] = ["principal", "action", "resource"];

/** One member of a list of a statement, as a statement of its own. */
export interface Member {
  readonly statement: number;
  readonly field: GrantField;
  readonly word: string;
  readonly alone: Statement;
}

/** Returns the members of the lists of all Allow statements: those of a statement together, and of a field. */
export function membersOf({ statements }: Policy): readonly Member[] {
  return statements.flatMap((statement, index) =>
    statement.effect !== "Allow"
      ? []
      : grantFields.flatMap((field) =>
          (statement[field] ?? []).map((word): Member => ({
            statement: index,
            field,
            word,
            alone: { ...statement, [field]: aloneIn(field, word, statement) },
          })),
        ),
  );
}

/** `*` next to other principals may include the owner, whom `*` alone does not. */
function aloneIn(field: GrantField, word: string, statement: Statement): readonly string[] {
  const isEveryone = field === "principal" && word === "*";
  return isEveryone && (statement.principal?.length ?? 0) > 1 ? ["*", "0"] : [word];
}
