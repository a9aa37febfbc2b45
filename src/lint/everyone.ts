import type { Span } from "../diagnostic.ts";
import type { StatementInFile } from "./rule.ts";

/**
 * Returns the place that makes a statement apply to everyone: the `*`, the empty list, or the statement itself
 * if it has no Principal (OSS docs: policy syntax). Undefined if it does not apply to everyone.
 */
export function everyoneSpan(statement: StatementInFile): Span | undefined {
  return emptyPrincipalSpan(statement) ?? statement.principals.find(({ text }) => text === "*")?.span;
}

/** Returns the place of a missing or empty Principal, which means everyone. */
export function emptyPrincipalSpan(statement: StatementInFile): Span | undefined {
  const written = statement.entry("Principal")?.value;
  if (written === undefined) return statement.node.span;
  return written.kind === "list" && written.items.length === 0 ? written.span : undefined;
}
