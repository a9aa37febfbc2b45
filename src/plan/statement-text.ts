import type { Statement } from "../policy/policy.ts";

const maxLength = 120;

/** Renders a statement in one short line, which may be cut. A principal with a name stands under it. */
export function statementText(
  { effect, principal, action, resource, condition }: Statement,
  names: ReadonlyMap<string, string> = new Map(),
): string {
  const who = principal?.map((word) => names.get(word) ?? word);
  const parts = [effect, who?.join(", "), action?.join(", "), resource?.join(", ")];
  const keys = (condition ?? []).map(({ operator, key }) => `${operator} ${key ?? ""}`);
  const text = [...parts, ...keys].filter(Boolean).join(" ");
  return text.length > maxLength ? `${text.slice(0, maxLength)}...` : text;
}
