import { globMatches } from "./glob.ts";

/** Role session `arn:sts::UID:assumed-role/ROLE/SESSION`; parts may contain `*` and `?` (OSS docs: bucket policy). */
export interface RoleSession {
  /** UID of the account that owns the role. */
  readonly owner: string;
  readonly role: string;
  readonly session: string;
}

/**
 * Returns true for the UID of an account: that of the bucket owner, or one of 16 digits. The UID of a RAM user has 18 (OSS
 * docs: bucket policy; the numbers of digits are those of its examples).
 */
export function isAccountUid(word: string, owner: string): boolean {
  return word === owner || /^\d{16}$/.test(word);
}

/** Returns true for a UID that may be that of a RAM user. */
export function isUserUid(word: string, owner: string): boolean {
  return /^\d+$/.test(word) && !isAccountUid(word, owner);
}

/** Parses a principal as a role session; undefined if it has another form. */
export function parseRoleSession(text: string): RoleSession | undefined {
  const form = /^arn:sts::([0-9*?]+):([^/]+)\/([^/]+)\/([^/]+)$/;
  const [, owner, type, role, session] = form.exec(text) ?? [];
  if (owner === undefined || type === undefined || role === undefined || session === undefined)
    return undefined;
  return globMatches(type, "assumed-role") ? { owner, role, session } : undefined;
}
