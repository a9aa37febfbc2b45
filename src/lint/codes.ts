import type { CodeText } from "./code-text.ts";
import { fileTexts } from "./file-texts.ts";
import { hazardTexts } from "./hazard-texts.ts";
import { rules } from "./rules/index.ts";

/** The text of a code; undefined for one that no finding has. */
export function codeText(code: string): CodeText | undefined {
  return allCodes.find((candidate) => candidate.code === code);
}

function error(code: string, summary: string, explanation: string): CodeText {
  return { code, severity: "error", summary, explanation };
}

/** The findings that are no lint rule: about files, options and runs. They cannot be silenced. */
const otherCodes: readonly CodeText[] = [
  error(
    "empty-file",
    "a policy file with nothing in it",
    `An empty file says nothing about its bucket, and most likely something was lost.

Mend: write the bucket and its policy, or remove the file; a file that is removed removes no policy.`,
  ),
  error(
    "unknown-key",
    "a key that a policy file does not have",
    `Keys are read exactly, since a misspelt one would silently be without effect.

Mend: correct the spelling. Version and Statement belong below policy, indented.`,
  ),
  error(
    "missing-key",
    "a key that a policy file must have",
    `A bucket file needs a bucket (or buckets), a policy (or use), and a region of its own or of its account.yaml.
An account.yaml needs the account.

Mend: add the key that the message names.`,
  ),
  error(
    "wrong-value",
    "a value that its key cannot have",
    `Each key takes one kind of value; the message says which.

Mend: write it in the form that the message names.`,
  ),
  error(
    "no-policies",
    "a policy folder that is not there, or holds no bucket file",
    `An empty tree is taken for a mistake, never for the wish to have no policies.

Mend: name the folder with --policies, or write the live policies as files with import.`,
  ),
  error(
    "no-account",
    "a bucket file without an account.yaml in its folder or above it, or two in one folder",
    `A bucket belongs to the account of the nearest account.yaml upward. Without one, nobody knows whose it is.

Mend: write one account.yaml at the top of the policy folder, with the UID of the owner.`,
  ),
  error(
    "duplicate-bucket",
    "a bucket that is named in two places",
    `A bucket has one policy, and one place says which. With two, the order of files would decide.

Mend: keep one of the two places that the message shows.`,
  ),
  error(
    "duplicate-account",
    "an account.yaml with the UID or the name of another",
    `One account has one account.yaml: with two, a bucket's file would not say which of them holds for it, and
--account would pick both.

Mend: put the files of both folders below one account.yaml, or correct the UID or the name.`,
  ),
  error(
    "duplicate-set",
    "two statement sets of one name in one _sets folder",
    `use names a set by the name of its file, without .yaml or .yml. With two of one name, the order of files would
decide which statements a bucket gets.

Mend: keep one of the two files, or rename one.`,
  ),
  error(
    "wrong-place",
    "a file that cannot stand where it stands",
    `A folder _sets holds the files of statement sets and nothing else: no folders, and no account.yaml, which rules
the folder that it stands in.

Mend: move the file to the place that the message names.`,
  ),
  error(
    "name-taken",
    "a variable or identity with a name that stands for something else",
    `account, bucket and region are given, and a variable with the name of an identity would change who is meant.

Mend: choose another name.`,
  ),
  error(
    "no-such-set",
    "a statement set that is not there",
    `use names files in a folder _sets: in the folder of the bucket file, or in one above it, the nearest first.

Mend: correct the name, or write the file.`,
  ),
  {
    code: "unused-set",
    severity: "warning",
    summary: "a statement set that no bucket file uses",
    explanation: `What a set says is judged where it is used, with the variables of the bucket. A set that nothing uses is
not judged at all: a mistake in it shows when somebody uses it.

Mend: name it in the use of a bucket file, or remove it.`,
  },
  error(
    "ignore-without-reason",
    "an ignore comment that does not say why",
    `A finding is silenced for a reason, and whoever reads the file next wants to know it. Without a reason the
comment silences nothing.

Mend: write the reason behind the code: # oss-policy-ignore CODE: reason.`,
  ),
  {
    code: "unused-ignore",
    severity: "warning",
    summary: "an ignore comment that silences nothing",
    explanation: `There is no such finding on the line below the comment: it was mended, or the line moved away. The next
mistake on that line would be silenced unseen.

Mend: remove the comment, or put it right above the line that is meant.`,
  },
  {
    code: "wrong-region",
    severity: "warning",
    summary: "a bucket that is in another region than its file says",
    explanation: `OSS named another region as the bucket's own. The tool asked there, once, and went on with the answer; each
run makes one needless call for it.

Mend: write that region in the file.`,
  },
  error(
    "no-match",
    "a --bucket or --account that matches nothing",
    `What matches nothing is taken for a typing error: a run that does nothing would look like one that found
everything in order.

Mend: correct the name or the pattern; * is any run of characters, ? one character.`,
  ),
  error(
    "several-accounts",
    "a run over the buckets of several accounts with the credentials of one",
    `Credentials speak for one account, and the buckets of another would all look unreadable.

Mend: run once for each account, with --account and its credentials.`,
  ),
  error(
    "credentials",
    "no credentials, or half of them",
    `Without credentials nothing is connected to, and the sandbox is never a fallback. Half a pair is a mistake,
never a reason to look for another.

Mend: set OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET, or ask for --sandbox.`,
  ),
  error(
    "endpoint",
    "an --endpoint or OSS_ENDPOINT that is refused",
    `Over plain http everybody on the way could read and change policies, so it is allowed to the loopback only.

Mend: write https://HOST, with {region} where the region belongs.`,
  ),
  error(
    "list",
    "the buckets of the account cannot be listed",
    `scope: all and import ask OSS for all buckets of the account. Whatever else could be read is still shown.

Mend: allow oss:ListBuckets for the key, or write scope: listed.`,
  ),
  error(
    "npm-option",
    "an option that npm kept for itself",
    `npm takes options that stand before -- and hands only the rest on. npm run apply --bucket a would apply to every
bucket.

Mend: write npm run apply -- --bucket a.`,
  ),
  error(
    "option",
    "options that do not go together",
    `The message names them.

Mend: keep one of them.`,
  ),
  error(
    "seed",
    "a seed file for the sandbox that cannot be read",
    `The message names the place in the file.

Mend: correct it there; docs/sandbox.md shows a seed file.`,
  ),
  error(
    "sandbox",
    "a sandbox that cannot start",
    `Its port is taken, or its state folder holds what it did not write.

Mend: give another --port or --state.`,
  ),
  error(
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
no guards: the buckets of its account are held back (new-account). A revision without any account.yaml has no guards
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
  error(
    "journal",
    "a journal that cannot be kept, or read",
    `What apply overwrites is on disk before it writes; where that cannot be, it writes nothing. For restore, a
line that cannot be read is left aside with a warning, since a run that was killed leaves half a line; a file of
another tool or of a newer format is refused as a whole.

Mend: for apply, name a new file in a folder that can be written, with room on the disk; for restore, the file
that apply wrote.`,
  ),
  error(
    "saved-plan",
    "a saved plan that apply cannot take",
    `apply --plan writes only what the plan writes, and only from where it began. So the plan must be whole: one that
was cut off, changed by hand, written by another major version, or that stopped at an error is refused.

Mend: make a new one with plan --json.`,
  ),
  error(
    "moved",
    "a bucket that somebody changed after the run that is to be undone",
    `restore puts back what stood before a run, over what that run wrote. Where something else stands now, a third
policy would be lost without a word.

Mend: look at what stands there, decide, and bring it about with the bucket's policy file.`,
  ),
  error(
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
  error(
    "import",
    "a live policy that cannot be written as a file",
    `import writes nothing that it cannot read back as the same policy, and never replaces a file that is not the
bucket's own.

Mend: do what the message says, or write this one file by hand.`,
  ),
  error(
    "unreadable",
    "a bucket whose policy cannot be read",
    `What could not be read is unknown, never absent: it is neither imported nor overwritten.

Mend: look at the answer of OSS that the message repeats.`,
  ),
  error(
    "other-account",
    "credentials of another account than the files'",
    `Importing the buckets of one account into the files of another would mix them.

Mend: use the credentials of the account in account.yaml, or another folder.`,
  ),
];

/** Every code that a finding can have, rules first. */
export const allCodes: readonly CodeText[] = [...rules, ...hazardTexts, ...fileTexts, ...otherCodes];
