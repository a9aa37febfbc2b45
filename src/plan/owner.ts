import type { Account } from "../desired/account-file.ts";
import { refusal, type Diagnostic } from "../diagnostic.ts";
import type { Exposure } from "../policy/live.ts";
import { hazard, type Hazard } from "./hazard.ts";

/**
 * Returns the hazard of a bucket that OSS says is of another account, or of which it does not say whose it is: the
 * guards of an account do not judge the buckets of another.
 */
export function ownerHazards(
  { uid, file }: Pick<Account, "uid" | "file">,
  exposure: Exposure,
): readonly Hazard[] {
  const { owner } = exposure;
  if (owner === uid) return [];
  if (owner !== undefined) {
    const message = `OSS says that account ${owner} owns it, and it is in the folder of account ${uid}; move its file, or correct \`account\` in ${file}`;
    return [hazard("wrong-owner", "block", message)];
  }
  const why = exposure.state === "unknown" ? exposure.problem.message : "OSS did not report its owner";
  const message = `it is not known whether account ${uid} owns it: ${why}; allow oss:GetBucketInfo`;
  return [hazard("unknown-owner", "block", message)];
}

/** Reports credentials that list the buckets of another account than the files are for. */
export function otherAccount({ uid, file }: Pick<Account, "uid" | "file">, owner: string): Diagnostic {
  const message = `the credentials are those of account ${owner}, the files those of ${uid}`;
  return refusal("other-account", message, `use the credentials of the account in ${file}`);
}
