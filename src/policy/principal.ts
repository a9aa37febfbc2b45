import { globMatches } from "./glob.ts";

/** Role session `arn:sts::UID:assumed-role/ROLE/SESSION`; parts may contain `*` and `?` (OSS docs: bucket policy). */
export interface RoleSession {
  /** UID of the account that owns the role. */
  readonly owner: string;
  readonly role: string;
  readonly session: string;
}

/** Parses a principal as a role session; undefined if it has another form. */
export function parseRoleSession(text: string): RoleSession | undefined {
  const form = /^arn:sts::([0-9*?]+):([^/]+)\/([^/]+)\/([^/]+)$/;
  const [, owner, type, role, session] = form.exec(text) ?? [];
  if (owner === undefined || type === undefined || role === undefined || session === undefined)
    return undefined;
  return globMatches(type, "assumed-role") ? { owner, role, session } : undefined;
}
