import type { Span } from "../diagnostic.ts";
import type { StatementInFile } from "./rule.ts";

/**
 * Where a statement says that it is for everyone: the `*`, the empty list, or the statement itself if it
 * has no Principal (OSS docs: policy syntax). Undefined where it is for others.
 */
export function everyoneSpan(statement: StatementInFile): Span | undefined {
  return emptyPrincipalSpan(statement) ?? statement.principals.find(({ text }) => text === "*")?.span;
}

/** Where a statement is for everyone without saying so. */
export function emptyPrincipalSpan(statement: StatementInFile): Span | undefined {
  const written = statement.entry("Principal")?.value;
  if (written === undefined) return statement.node.span;
  return written.kind === "list" && written.items.length === 0 ? written.span : undefined;
}
