import type { CodeText } from "./code-text.ts";
import { recentRequests } from "./request-hazard.ts";

/** Hazards of a change, and proofs about a policy. A hazard that blocks its bucket does so until it is accepted. */
export const hazardTexts: readonly CodeText[] = [
  {
    code: "new-account",
    severity: "error",
    summary: "a change to a bucket of an account that the revision of --base does not have",
    explanation: `Guards belong to an account. A pull request that writes another UID into account.yaml, or moves buckets into the
folder of a new account, would escape the guards that were reviewed before. A tree or an account folder that was only
moved or renamed is recognized by its UID, and keeps its guards. Once a base has the account, it is no longer new. An
account whose account.yaml has an error at the base counts as new, since the error may hide a guard.

Fix: correct the UID. If the account is right, review its account.yaml and its buckets, and accept it for one run with
--accept new-account@UID; no file can accept it.`,
  },
  {
    code: "wrong-owner",
    severity: "error",
    summary: "a change to a bucket that OSS says is of another account",
    explanation: `Each account has its own guardrails, operators, limits and credentials. A bucket in the folder of another account
would be judged by guards that are not its own. OSS names the owner of each bucket that would be written, in GetBucketInfo,
and nothing is written where that is not the account of the folder.

Fix: move the file to the folder of its account, or correct account in account.yaml. Nothing accepts it.`,
  },
  {
    code: "unknown-owner",
    severity: "error",
    summary: "a change to a bucket of which OSS did not say who owns it",
    explanation: `The owner of each bucket that would be written is read with GetBucketInfo. Where that fails, the guards that judged the
change may be those of another account.

Fix: allow oss:GetBucketInfo for the roles that plan and apply. For one run --accept unknown-owner@BUCKET consents; no file
can accept it.`,
  },
  {
    code: "grants-public-access",
    severity: "error",
    summary: "a change by which anonymous callers gain access",
    explanation: `Anyone on the Internet could do what the message names, without a signature. The example was evaluated against both
policies. RAM policies and Block Public Access are not part of this: they may still refuse the request.

It is also reported where a Deny goes away before a public ACL, which decides what no statement matches.

Fix: name the principals that need access, or accept the hazard in the bucket's file, under \`accept\`, with a reason.`,
  },
  {
    code: "grants-administration",
    severity: "error",
    summary: "a change by which a caller other than the owner and the operators gains administration",
    explanation: `Administration is whatever changes who can reach data, what is kept or destroyed, or what is logged: policies, ACLs,
lifecycle rules, versioning, encryption, logging and more, as docs/access.md lists. It may hide in a wildcard such as
oss:Put* or oss:*Policy. The example was evaluated against both policies.

Fix: name the actions that the caller needs. If it is meant to administer the bucket, make it an operator in account.yaml
in a revision before this one, or accept the hazard in the bucket's file, under \`accept\`, with a reason.`,
  },
  {
    code: "overrides-deny",
    severity: "error",
    summary: "a change that allows what a Deny refused",
    explanation: `The Deny is gone, was moved or narrowed, has an exception, or a condition that never holds, and an Allow covers what it
refused. All requests are compared, so it does not matter which statement was edited. A Deny that goes on to refuse all but
one more network is reported as weakens-condition.

Fix: keep the Deny. If it is obsolete, accept the hazard in the bucket's file, under \`accept\`, with the live digest that
the plan names: the entry is valid for this change, not for the next one.`,
  },
  {
    code: "drops-condition",
    severity: "error",
    summary: "a change that allows outside of a condition what was only allowed under it",
    explanation: `A caller could reach objects only from a fixed network (a VPC, an access point of a VPC, or an address range with at
least 8 fixed bits of IPv4 or 32 of IPv6), only over TLS, only with multi-factor authentication, or only before a date, and
now can without. The condition may be gone or inverted, or several statements together may cover everything. More than 16
ranges of the widest kind together confine nothing.

Fix: restore the condition. If it is obsolete, accept the hazard in the bucket's file, under \`accept\`, with the live
digest that the plan names.`,
  },
  {
    code: "weakens-condition",
    severity: "warning",
    summary: "a change that allows more networks, or more time, than a condition did",
    explanation: `What is allowed is still confined, but to a larger address range, another VPC, or a later date; or a Deny has one more
network in its exceptions.

Fix: nothing, if the wider condition is intended.`,
  },
  {
    code: "grants-unknown-principal",
    severity: "warning",
    summary: "a change by which a UID or a role that is not known gains access",
    explanation: `Known are the identities and operators of account.yaml and the principals of the policies, all at --base (without
--base, in the files), and the principals of the live policies. A role is known by its exact name. If one digit is missing,
added or wrong, or two neighbours are swapped, the message names the principal that was probably meant.

Fix: correct the UID, or name it under \`identities\` in account.yaml. A new identity is known from the next base on.`,
  },
  {
    code: "grants-wildcard-principal",
    severity: "warning",
    summary: "a change by which every role that a pattern matches, or callers of any account, gain access",
    explanation: `A role has a wildcard in its name, so anyone who can create a role of a matching name has the access (one in the name of
the session alone is common and not reported); or anyone with an account of Alibaba Cloud has it: \`arn:sts::*:\`, or \`*\`
under a condition that leaves out anonymous callers alone, such as a pattern of acs:AccessId.

Fix: name the roles and the UIDs.`,
  },
  {
    code: "locks-out-operator",
    severity: "error",
    summary: "a policy that may keep an operator of account.yaml from fixing it",
    explanation: `Each operator must be able to read, write and delete the policy over TLS, with the values of its \`with\`, whatever
the other keys of the request are. A Deny with a Condition may match some of those requests. Without any operators in
account.yaml, it is reported if only the account itself could still do so, and as a warning if no role could.

Fix: name the operators in account.yaml, exempt one from the Deny, or write in its \`with\` where its requests come from.`,
  },
  {
    code: "locks-out-owner",
    severity: "error",
    summary: "a policy that may keep the bucket owner from fixing it",
    explanation: `A Deny for everyone exempts the owner only where it has no Condition (OSS docs: bucket policy). With a Condition it
applies to the owner too, and how an owner regains access is not documented.

Fix: leave Get-, Put- and DeleteBucketPolicy out of the Deny, or name the principals that it is for instead of everyone.`,
  },
  {
    code: "overwrites-foreign-statements",
    severity: "error",
    summary: "a change that removes statements that no version of the bucket's file ever had",
    explanation: `The live policy has a statement that none of the versions of this bucket's file up to --base had. Someone added it
by hand, or the cloud's security service added a protective Deny. The change would remove it.

Fix: copy the statement into the file, or accept its removal there, under \`accept\`, with the live digest that the
message names. The entry accepts the removal for this live policy only, not for the next one.`,
  },
  {
    code: "reopens-drift",
    severity: "error",
    summary:
      "a change that restores access which the files granted and which was removed from the live policy",
    explanation: `The live policy allows less than the files at --base: someone removed access, maybe in an emergency, or the base
was never applied. The change would allow it. The example was evaluated against the live policy and the files' policies, at --base and now.

Fix: take it out of the file, or accept the hazard there, under \`accept\`, with the live digest that the message names.`,
  },
  {
    code: "refused-by-oss",
    severity: "error",
    summary: "a policy that OSS would refuse",
    explanation: `OSS refuses policies of 16 KB or more, values over 4095 bytes, two wildcards in a row, acs:SourceIp without
acs:SourceVpc in its statement, and any Version but "1", also where an ignore comment silences the finding. Every edit
makes OSS check the statements that are already stored again. OSS also refuses a policy that is public by its own
definition while Block Public Access of the bucket or of the account is on (OSS docs: Block Public Access).

Fix: correct the statement; explain has more on the code that the ignore comment names. For a public policy, name the
principals instead of everyone, or switch Block Public Access off first, which also opens stored public grants.`,
  },
  {
    code: "guardrail-broken",
    severity: "error",
    summary: "a policy that breaks a guardrail of its account",
    explanation: `A guardrail is proved over all requests. The message shows one request that breaks it, and the finding points at the
statement that breaks it. Where a guardrail requires a Deny that is missing, the finding points at the policy.

Fix: correct the statement, or accept the guardrail in the bucket's file, with a reason and, better, a region.`,
  },
  {
    code: "access-undecided",
    severity: "error",
    summary: "a change whose effect on access cannot be decided",
    explanation: `Either a statement has no known meaning (NotPrincipal, an unknown operator or key, a variable of RAM), or its patterns
take more work than a run may spend. The tool does not guess.

Fix: write the statement with what OSS documents, or accept the hazard in the bucket's file, under \`accept\`.`,
  },
  {
    code: "gains-forbidden",
    severity: "error",
    summary: "a change that grants something although --forbid gains is set",
    explanation: `A rewrite that is meant to change nothing must not grant anything. The message shows one request that is gained. The
hazard also blocks where a Deny is removed, since RAM policies and ACLs may allow what it denied, and where the result
depends on a point that OSS does not document.

Fix: correct the policy, or run without --forbid gains.`,
  },
  {
    code: "public-access-blocked",
    severity: "warning",
    summary: "a policy that OSS may refuse as public: that, or Block Public Access, is not known",
    explanation: `While it is on, OSS refuses a new policy that is public by its own definition, and ignores stored public grants (OSS
docs: Block Public Access). Either the call that reads the setting was refused or failed, or the setting is on and OSS
does not document whether the policy counts as public: a role with a wildcard, or a negated condition such as
NotIpAddress.

Fix: allow oss:GetBucketInfo and oss:GetPublicAccessBlock for the key in use, or name the principals instead of
everyone.`,
  },
  {
    code: "removes-deny",
    severity: "warning",
    summary: "requests that a Deny refused and no Deny refuses any more",
    explanation: `The policy does not allow them, but a RAM policy or an ACL may. Where the policy itself allows them, overrides-deny or
drops-condition is reported instead. Someone may have added the Deny for a reason that is not in the files; the cloud's
security service adds such statements, too.

Fix: keep the Deny if the requests must stay denied whatever RAM allows.`,
  },
  recentRequests,
  {
    code: "removes-policy",
    severity: "warning",
    summary: "a bucket that is left without a policy",
    explanation: `Callers with access through the policy alone lose it, and RAM policies and ACLs may allow what it denied.

Fix: write a policy, unless the bucket is meant to have none.`,
  },
  {
    code: "widens-access",
    severity: "warning",
    summary: "a change that grants something",
    explanation: `The plan lists each gain, with one request that shows it.

Fix: nothing, if the change is intended.`,
  },
  {
    code: "narrows-access",
    severity: "warning",
    summary: "a change that takes or blocks something",
    explanation: `The plan lists each loss, with one request that shows it.

Fix: nothing, if the change is intended.`,
  },
  {
    code: "loosened",
    severity: "warning",
    summary: "a guard that is weaker than at the revision before, or a new accept",
    explanation: `Guards of both revisions apply, so this change alone cannot get past a guard that it weakens. Once it is merged, the
weaker guard is the one that counts.

Fix: nothing, if it is intended; have it reviewed as a weaker guard.`,
  },
  {
    code: "abandoned",
    severity: "warning",
    summary: "a bucket whose file is gone, and whose policy stays live",
    explanation: `Removing a file never deletes a policy. From now on no file manages the live policy.

Fix: write policy: none for the bucket if its policy must be removed, or keep the file.`,
  },
  {
    code: "expect",
    severity: "error",
    summary: "an access test of a bucket file that its policy does not meet",
    explanation: `\`can\` requires that all of its requests are allowed, \`cannot\` that none is, \`denied\` that a Deny matches all of
them. Patterns, and keys that \`with\` leaves open, are proved for all values; acs:SecureTransport is true unless \`with\`
says otherwise. The tests cover this policy alone, not RAM policies or ACLs.

Fix: correct the statement that the message names, or the expectation.`,
  },
  {
    code: "question",
    severity: "error",
    summary: "an expectation, a guardrail, an accept or a query that cannot be evaluated",
    explanation: `It names an identity, an action, a condition key or a guardrail that does not exist, or its actions do not fit its
resources. If it were skipped, it would look as if it were met.

Fix: do what the message says.`,
  },
  {
    code: "contradiction",
    severity: "error",
    summary: "two expectations that no policy can meet together",
    explanation: `One says that something is allowed, the other that it is not, and both cover the request in the message. Whatever the
policy says, one of the two fails.

Fix: narrow one of them, or remove it.`,
  },
  {
    code: "expired-accept",
    severity: "warning",
    summary: "an accept whose last day is past",
    explanation: `It no longer accepts anything: the next change that has the hazard is blocked. What OSS has stays as it is.

Fix: remove it, or give it a later day and have it reviewed.`,
  },
  {
    code: "ending-accept",
    severity: "warning",
    summary: "an accept whose last day is within 30 days",
    explanation: `After that day the next change that has the hazard is blocked.

Fix: remove it if it is no longer needed, or give it a later day and have it reviewed.`,
  },
  {
    code: "unused-accept",
    severity: "warning",
    summary: "an accept that accepts nothing",
    explanation: `The hazard is gone, or never existed. The entry would let the next one of its kind pass without a review.

Fix: remove it.`,
  },
  {
    code: "never-matches",
    severity: "warning",
    summary: "a statement that no request can meet",
    explanation: `Its resources are not this bucket's, its actions do not fit them, or its conditions exclude one another. This is proved
over all requests, under every interpretation of the points that OSS's documentation leaves open.

Fix: correct the part that keeps it from matching, or remove it.`,
  },
  {
    code: "changes-nothing",
    severity: "note",
    summary: "a statement without which the policy decides the same",
    explanation: `Other statements allow or deny everything that it does. The message names the statement that does so alone, if there is
one. This is proved over all requests, under every interpretation of the points that OSS's documentation leaves open.

Fix: remove it, unless it is there for the reader.`,
  },
  {
    code: "revision",
    severity: "error",
    summary: "a git revision that does not exist, is ambiguous, or has no policy files",
    explanation: `A shallow clone, which pipelines make, has the last commit alone. An ambiguous name, such as a branch and a tag, or a
tag and a short commit id, is refused: git would take the tag, and anyone who can push can create one. The repository is
the one that contains the working directory. A policy folder outside of it, in a repository inside it, or reached through
a link is refused, since the guards there would not be the ones that decide. Variables such as GIT_DIR are ignored.

Fix: run in the checkout, with the folder itself; fetch more of its history (git fetch --unshallow), and write
the revision in full, such as refs/remotes/origin/main.`,
  },
];
