import type { Statement } from "../policy/policy.ts";

const maxLength = 120;

/** Renders a statement in one short line, which may be cut. */
export function statementText({ effect, principal, action, resource, condition }: Statement): string {
  const parts = [effect, principal?.join(", "), action?.join(", "), resource?.join(", ")];
  const keys = (condition ?? []).map(({ operator, key }) => `${operator} ${key ?? ""}`);
  const text = [...parts, ...keys].filter(Boolean).join(" ");
  return text.length > maxLength ? `${text.slice(0, maxLength)}...` : text;
}
