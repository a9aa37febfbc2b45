import { errorText, type CodeText } from "./code-text.ts";

/** The findings about options and runs. They cannot be silenced. */
export const runTexts: readonly CodeText[] = [
  {
    code: "wrong-region",
    severity: "warning",
    summary: "a bucket that is in another region than its file says",
    explanation: `OSS named another region as the bucket's own. The tool asked there, once, and went on with the answer; each
run makes one needless call for it.

Mend: write that region in the file.`,
  },
  errorText(
    "no-match",
    "a --bucket or --account that matches nothing",
    `What matches nothing is taken for a typing error: a run that does nothing would look like one that found
everything in order.

Mend: correct the name or the pattern; * is any run of characters, ? one character.`,
  ),
  errorText(
    "several-accounts",
    "a run over the buckets of several accounts with the credentials of one",
    `Credentials speak for one account, and the buckets of another would all look unreadable.

Mend: run once for each account, with --account and its credentials.`,
  ),
  errorText(
    "credentials",
    "no credentials, or half of them",
    `Without credentials nothing is connected to, and the sandbox is never a fallback. Half a pair is a mistake,
never a reason to look for another.

Mend: set OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET, or ask for --sandbox.`,
  ),
  errorText(
    "endpoint",
    "an --endpoint or OSS_ENDPOINT that is refused",
    `Over plain http everybody on the way could read and change policies, so it is allowed to the loopback only.

Mend: write https://HOST, with {region} where the region belongs.`,
  ),
  errorText(
    "list",
    "the buckets of the account cannot be listed",
    `scope: all and import ask OSS for all buckets of the account. Whatever else could be read is still shown.

Mend: allow oss:ListBuckets for the key, or write scope: listed.`,
  ),
  errorText(
    "npm-option",
    "an option that npm kept for itself",
    `npm takes options that stand before -- and hands only the rest on. npm run apply --bucket a would apply to every
bucket.

Mend: write npm run apply -- --bucket a.`,
  ),
  errorText(
    "option",
    "options that do not go together",
    `The message names them.

Mend: keep one of them.`,
  ),
  errorText(
    "seed",
    "a seed file for the sandbox that cannot be read",
    `The message names the place in the file.

Mend: correct it there; docs/sandbox.md shows a seed file.`,
  ),
  errorText(
    "sandbox",
    "a sandbox that cannot start",
    `Its port is taken, or its state folder holds what it did not write.

Mend: give another --port or --state.`,
  ),
  errorText(
    "consent",
    "an apply that nobody could agree to",
    `On a terminal apply asks before it writes, and in a pipeline (CI is set) it need not. Elsewhere nobody can answer.

Mend: add --yes.`,
  ),
  {
    code: "base",
    severity: "warning",
    summary: "policy files that have errors at the revision of --base",
    explanation: `What they asked for is not known, so that an edit cannot be distinguished from drift there. The same holds for a file
that is too large, a submodule, or a link that leads out of the policy folder. An account.yaml that cannot be read has
no guards: the buckets of its account are blocked (new-account). A revision without any account.yaml has no guards
either, and the plan goes on. Where the policy folder had another name at that revision, it is compared from there.

Mend: none is needed; look at the buckets concerned more closely than usual.`,
  },
  {
    code: "account-moved",
    severity: "error",
    summary: "a bucket that belongs to another account than at the revision of --base",
    explanation: `Whose bucket it is comes from the revision that was reviewed before. One that changes it could send a policy to
another account, or escape the guards of its own.

Mend: correct the account. If it is right and new, consent to it for one run with --accept new-account@UID.`,
  },
  {
    code: "limit",
    severity: "warning",
    summary: "a run that would change more of an account than its limits allow",
    explanation: `A tree that was moved, a variable that went empty or a wrong branch changes many buckets at once. So a run changes
at most 30 percent of the buckets of an account that have a file, and takes the policy from at most 10 percent, from
10 such buckets on; with --base, at most 10 percent may have lost their file. \`limits\` sets other numbers. Beyond
them nothing of the account is written, and the plan is shown all the same. First policies do not count. The limits
that the revision of --base has hold too, as shares of the buckets that it has.

Mend: look at the plan; if it is meant, raise the limit that the message names, in account.yaml, and have it reviewed.`,
  },
  errorText(
    "journal",
    "a journal that cannot be kept, or read",
    `What apply overwrites is on disk before it writes; where that cannot be, it writes nothing. For restore, a
line that cannot be read is left aside with a warning, since a run that was killed leaves half a line; a file of
another tool or of a newer format is refused as a whole.

Mend: for apply, name a new file in a folder that can be written, with room on the disk; for restore, the file
that apply wrote.`,
  ),
  errorText(
    "saved-plan",
    "a saved plan that apply cannot take",
    `apply --plan writes only what the plan writes, and only from where it began. So the plan must be whole: one that
was cut off, changed by hand, written by another major version, or that stopped at an error is refused.

Mend: make a new one with plan --json.`,
  ),
  errorText(
    "moved",
    "a bucket that somebody changed after the run that is to be undone",
    `restore puts back what stood before a run, over what that run wrote. Where something else stands now, a third
policy would be lost without a word.

Mend: look at what stands there, decide, and bring it about with the bucket's policy file.`,
  ),
  errorText(
    "report",
    "a report that cannot be written",
    `A run whose report is lost is not a success, whatever else it did.

Mend: name a file in a folder that is there and can be written.`,
  ),
  {
    code: "github",
    severity: "warning",
    summary: "something that GitHub could not be told",
    explanation: `With --github a run tells GitHub what it found: annotations, a job summary, outputs, a comment on the pull request, an
issue about drift. Each is tried by itself, and none changes how the run ends: the plan is the same without it.

Mend: what the message names. The comment needs GITHUB_TOKEN in the environment of the step and pull-requests: write,
the issue about drift needs issues: write; a run for a pull request from a fork has neither.`,
  },
  errorText(
    "import",
    "a live policy that cannot be written as a file",
    `import writes nothing that it cannot read back as the same policy, and never replaces a file that is not the
bucket's own.

Mend: do what the message says, or write this one file by hand.`,
  ),
  errorText(
    "unreadable",
    "a bucket whose policy cannot be read",
    `What could not be read is unknown, never absent: it is neither imported nor overwritten.

Mend: look at the answer of OSS that the message repeats.`,
  ),
  errorText(
    "other-account",
    "credentials of another account than the files'",
    `Importing the buckets of one account into the files of another would mix them.

Mend: use the credentials of the account in account.yaml, or another folder.`,
  ),
];
