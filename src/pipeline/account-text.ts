import type { Account } from "../desired/account-file.ts";

/** Returns an account as messages name it. */
export function accountText({ uid, name }: Pick<Account, "uid" | "name">): string {
  return name === undefined ? uid : `\`${name}\` (${uid})`;
}
