import type { Failed } from "../../result.ts";
import type { Account } from "../../desired/account-file.ts";
import type { DesiredBucket } from "../../desired/bucket-file.ts";
import { nearMiss } from "../../near-miss.ts";
import { problemOf } from "../../proof/expectations.ts";
import { problem } from "./reply.ts";

/** Caller that a user names: `anonymous`, `owner`, a UID or a role session. */
export interface NamedCaller {
  readonly principal: string;
}

/** Returns the caller that a name from the `identities` of any account means, or that is named as policies do. */
export function callerOf(
  word: string,
  buckets: readonly DesiredBucket[],
  help = callersHelp,
): NamedCaller | Failed {
  const accounts = [...new Set(buckets.map(({ account }) => account))];
  const meant = [...new Set(accounts.flatMap(({ identities }) => identities.get(word) ?? []))];
  const [principal = word, ...others] = meant;
  if (others.length > 0)
    return problem(
      `the accounts call several principals \`${word}\``,
      `name one of them: ${meant.map((who) => `\`${who}\``).join(", ")}`,
    );
  return problemWith(principal, buckets, accounts, help) ?? { principal };
}

function problemWith(
  principal: string,
  [bucket]: readonly DesiredBucket[],
  accounts: readonly Account[],
  help: string,
): Failed | undefined {
  if (principal === "*") return problem("`*` is no caller", "name `anonymous` for what everyone can do");
  if (bucket === undefined) return undefined;
  const question = { principal, actions: ["oss:*"], to: "*", context: new Map<string, string>() };
  const odd = problemOf(question, bucket);
  if (odd === undefined) return undefined;
  const names = accounts.flatMap(({ identities }) => [...identities.keys()]);
  const near = nearMiss(principal, ["anonymous", "owner", ...names]);
  if (near !== undefined) return problem(odd.message, `did you mean \`${near}\`?`);
  return problem(odd.message, principal.startsWith("arn:") ? odd.help : help);
}

const callersHelp =
  "name `anonymous`, `owner`, a UID, a role session's ARN, or a name from `identities` in an account.yaml";

/** Returns the word for a caller in the policies of an account, whose own UID is its owner. */
export function principalIn({ uid }: Account, { principal }: NamedCaller): string {
  return principal === uid ? "owner" : principal;
}
