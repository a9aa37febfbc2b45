import type { CodeText } from "./code-text.ts";

/** Hazards of a change, and what is proved of a policy. A hazard that blocks blocks its bucket until it is accepted. */
export const hazardTexts: readonly CodeText[] = [
  {
    code: "new-account",
    severity: "error",
    summary: "a change to a bucket of an account that the revision of --base does not have",
    explanation: `Guards belong to an account. A pull request that writes another UID into account.yaml, or moves buckets into the
folder of a new account, would be judged by no guard from before. A tree or an account folder that was only moved or
renamed is found by its UID, and keeps its guards. From the next base on the account is known. An account whose
account.yaml has an error at the base counts as new, since a guard may be lost by the error.

Mend: correct the UID. If the account is meant, look at its account.yaml and its buckets, and consent for one run with
--accept new-account@UID; no file can consent to it.`,
  },
  {
    code: "grants-public-access",
    severity: "error",
    summary: "a change by which anonymous callers gain access",
    explanation: `Anybody on the Internet could do what the message names, without a signature. The example was asked of both
policies. RAM policies, ACLs and Block Public Access are not part of this: they may refuse it still.

Mend: name who shall have access, or consent to it in the bucket's file, under accept, with a reason.`,
  },
  {
    code: "locks-out-operator",
    severity: "error",
    summary: "a policy that may deny an operator of account.yaml to mend it",
    explanation: `Each operator must be able to read, write and delete the policy over TLS, as its with says, whatever the other keys
of the request are. A Deny with a Condition may hit some of those requests.

Mend: except the operator from the Deny, or say in its with from where it comes.`,
  },
  {
    code: "locks-out-owner",
    severity: "error",
    summary: "a policy that may deny the bucket owner to mend it",
    explanation: `A Deny for everyone spares the owner only where it has no Condition (OSS docs: bucket policy). With one it reaches
the owner too, and how an owner comes back in is not documented.

Mend: leave Get-, Put- and DeleteBucketPolicy out of the Deny, or name those it shall hit instead of everyone.`,
  },
  {
    code: "overwrites-foreign-statements",
    severity: "error",
    summary: "a change that removes statements that no version of the bucket's file ever asked for",
    explanation: `The live policy has a statement that none of the versions of this bucket's file up to --base asked for: somebody set
it by hand, or the cloud's security service put a protective Deny there. The change would remove it.

Mend: take the statement into the file, or consent to its removal there, under accept, with the live digest that the
message names: the consent is to this policy, and not to the next one.`,
  },
  {
    code: "reopens-drift",
    severity: "error",
    summary: "a change that gives back access which the files asked for and which somebody took away",
    explanation: `The live policy allows less than the files at --base ask for: somebody closed it, maybe in an emergency. The change
would allow it again. The example was asked of the live policy and of what the files ask for, before and now.

Mend: take it out of the file, or consent to it there, under accept, with the live digest that the message names.`,
  },
  {
    code: "refused-by-oss",
    severity: "error",
    summary: "a policy that OSS would refuse",
    explanation: `OSS refuses policies of 16 KB or more, values over 4095 bytes, two wildcards in a row, acs:SourceIp without
acs:SourceVpc in its statement, and any Version but "1", also where an ignore comment silences the finding. A statement
that is stored already is judged anew with every edit. OSS also refuses a policy that is public by its own definition
while Block Public Access of the bucket or of the account is on (OSS docs: Block Public Access).

Mend: correct the statement; explain has more on the code that the ignore comment names. For a public policy: name who
has access instead of everyone, or switch Block Public Access off first, which also opens public grants that are stored.`,
  },
  {
    code: "guardrail-broken",
    severity: "error",
    summary: "a policy that breaks a guardrail of its account",
    explanation: `A guardrail is proved over all requests. The message has one that breaks it, and the place is the statement that
does; where a guardrail requires a Deny that is missing, it is the policy.

Mend: correct the statement, or accept the guardrail in the bucket's file, with a reason and, better, a region.`,
  },
  {
    code: "access-undecided",
    severity: "error",
    summary: "a change of which nobody can say what access it gives",
    explanation: `Either a statement has no known meaning (NotPrincipal, an unknown operator or key, a variable of RAM), or its patterns
take more work than a run may spend. Nothing is guessed then.

Mend: write the statement with what OSS documents, or consent to it in the bucket's file, under accept.`,
  },
  {
    code: "gains-forbidden",
    severity: "error",
    summary: "a change that grants something where --forbid gains says that none may",
    explanation: `A rewriting that is meant to change nothing must not grant anything. The message has one request that is
gained. It blocks, too, where a Deny goes away, since RAM policies and ACLs may allow what it denied, and where
the result depends on something that OSS does not document.

Mend: correct the policy, or run without --forbid gains.`,
  },
  {
    code: "public-access-blocked",
    severity: "warning",
    summary: "a public policy where it is not known whether Block Public Access is on",
    explanation: `While it is on, OSS refuses a new policy that is public by its own definition, and ignores public grants that are
stored (OSS docs: Block Public Access). The call that would say it was refused or failed.

Mend: allow oss:GetBucketInfo and oss:GetPublicAccessBlock for the key in use, or name who has access instead of everyone.`,
  },
  {
    code: "removes-deny",
    severity: "warning",
    summary: "a Deny of the live policy that would be removed or changed",
    explanation: `Somebody may have put it there for a reason that the files do not know, the cloud's security service among them.

Mend: look at it in the plan, and add it to the file if it shall stay.`,
  },
  {
    code: "lifts-block",
    severity: "warning",
    summary: "requests that were denied and no longer are",
    explanation: `Without the Deny the policy allows them, or says nothing of them: a RAM policy or an ACL may then allow them.

Mend: keep the Deny, if the requests shall stay refused whatever RAM says.`,
  },
  {
    code: "removes-policy",
    severity: "warning",
    summary: "a bucket that is left without a policy",
    explanation: `Whoever had access through the policy alone loses it, and whatever it denied is open to RAM policies and ACLs.

Mend: write a policy, unless none is meant.`,
  },
  {
    code: "widens-access",
    severity: "warning",
    summary: "a change that grants something",
    explanation: `The plan lists what, each with one request that shows it.

Mend: nothing, if it is meant.`,
  },
  {
    code: "narrows-access",
    severity: "warning",
    summary: "a change that takes or blocks something",
    explanation: `The plan lists what, each with one request that shows it.

Mend: nothing, if it is meant.`,
  },
  {
    code: "loosened",
    severity: "warning",
    summary: "a guard that is weaker than at the revision before, or a new consent",
    explanation: `Guards are judged under both revisions, so nothing gets past them by this one alone. Once it is merged, the weaker
guard is the one that counts.

Mend: nothing, if it is meant; have it reviewed as what it is.`,
  },
  {
    code: "abandoned",
    severity: "warning",
    summary: "a bucket whose file is gone, and whose policy stays live",
    explanation: `Absence is never deletion. Nobody looks after the policy from now on.

Mend: write policy: none for the bucket if its policy shall go, or keep the file.`,
  },
  {
    code: "expect",
    severity: "error",
    summary: "an access test of a bucket file that its policy does not meet",
    explanation: `can asks that all it speaks of is allowed, cannot that none of it is, denied that a Deny hits all of it. Patterns and
keys that with leaves open are proved for all values; acs:SecureTransport is true unless with says otherwise. The tests
speak of this policy alone, not of RAM policies or ACLs.

Mend: correct the statement that the message names, or the expectation.`,
  },
  {
    code: "question",
    severity: "error",
    summary: "an expectation, a guardrail or an accept that cannot be asked",
    explanation: `It names somebody, an action, a condition key or a guardrail that is not there, or its actions do not go with its
resources. What cannot be asked would pass as if it were met.

Mend: do what the message says.`,
  },
  {
    code: "contradiction",
    severity: "error",
    summary: "two expectations that no policy can meet together",
    explanation: `One says that something is allowed, the other that it is not, and some request is in both. The message names one.
Whatever the policy says, one of the two fails.

Mend: narrow one of them, or remove it.`,
  },
  {
    code: "expired-accept",
    severity: "warning",
    summary: "an accept whose last day is past",
    explanation: `It accepts nothing any more: the hazard blocks its bucket again.

Mend: remove it, or have it reviewed and give it a later day.`,
  },
  {
    code: "unused-accept",
    severity: "warning",
    summary: "an accept that accepts nothing",
    explanation: `The hazard is gone, or never was. The next one of its kind would pass without a review.

Mend: remove it.`,
  },
  {
    code: "never-matches",
    severity: "warning",
    summary: "a statement that no request can meet",
    explanation: `Its resources are not this bucket's, its actions do not go with them, or its conditions exclude one another. It was
proved over all requests, under every reading of what OSS's documentation leaves open.

Mend: correct the part that keeps it from matching, or remove it.`,
  },
  {
    code: "changes-nothing",
    severity: "note",
    summary: "a statement without which the policy decides the same",
    explanation: `Other statements allow or deny all that it does: the message names the one that does so alone, if there is one. It
was proved over all requests, under every reading of what OSS's documentation leaves open.

Mend: remove it, unless it is there for the reader.`,
  },
  {
    code: "revision",
    severity: "error",
    summary: "a git revision that is not there, means several things, or has no policy files",
    explanation: `A shallow clone, which pipelines make, holds the last commit alone. A name that means several things, such as a branch
and a tag, or a tag and a short commit id, is refused: git would take the tag, which anyone who pushes can make. The
repository is the one that the run stands in. A policy folder outside of it, in a repository inside of it, or behind a
link is refused, since guards there would not be those that judge. Variables such as GIT_DIR are not used.

Mend: run it in the checkout, with the folder itself, fetch more of its history (git fetch --unshallow), and name
the revision in full, such as refs/remotes/origin/main.`,
  },
];
