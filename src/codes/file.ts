import { errorText, type CodeText } from "./code-text.ts";

/** Findings about the form of the files, whatever policy they describe. They cannot be silenced. */
export const fileTexts: readonly CodeText[] = [
  errorText(
    "yaml",
    "a file that is not valid YAML, or uses YAML that this tool refuses",
    `A file must be one YAML 1.2 document of JSON values. Refused on purpose are directives, tags (such as !!timestamp
and !!binary), several documents in one file, duplicate keys, merge keys, aliases that expand without end, numbers that
JSON cannot write (.inf, 0x1F), control characters, typographic quotes, and files that are larger or nested more deeply
than any policy. Different programs read each of these as different values.

A file with this error is not checked any further, since most other findings would follow from it.

Fix: follow the message at its place. Text that begins with * & ! % @ or a backtick, or that contains a colon and a
space, needs quotes; so does text with \${...} in brackets.`,
  ),
  errorText(
    "file",
    "a file or folder that cannot be read, or a link that leaves the tree",
    `A file that cannot be read is never skipped: its bucket would look as if it had no policy file. A link is followed
only to a file of the same tree, since a tree must not depend on files outside of it.

Fix: make it readable, or remove it.`,
  ),
  {
    code: "not-read",
    severity: "note",
    summary: "files in the policy folder that are not YAML files",
    explanation: `Only files that end in .yaml or .yml are read. A policy in another file, such as .json, looks as if it were in
force, and no plan includes it. schema.json, Markdown documents and files whose name begins with a dot are expected
and not reported.

Fix: rename bucket files to .yaml (JSON is YAML), and keep other files in another folder.`,
  },
  errorText(
    "variable",
    "a variable that is not known, or is not allowed at its place",
    `In policies, \${name} is replaced by the value of a variable: account, bucket and region are built in, others come
from vars and identities. A list can only be a whole list item, and its members take the item's place. Variables may add
at most 65536 characters to one policy, four times what OSS accepts as a policy. The statement with the error is not
checked any further.

Fix: correct the name. To keep the characters as they are, write two dollar signs.`,
  ),
  errorText(
    "interpretations",
    "a file of interpretations that is missing, not used, or says what cannot be",
    `account.yaml can name a file of interpretations beside it: what \`oss-policy conformance\` observed of OSS where its
documentation leaves a question open. The analysis then considers the observed position alone, and each answer that
rests on it says so. A question or a position that does not exist, a day that is none, a question that is both observed
and unsettled, and a file that is missing are errors: a danger must not be switched off by a slip. A file that no
account names is a warning. What is in force is a note.

Fix: run \`oss-policy conformance\` again, or correct the file at the place that is named.`,
  ),
  errorText(
    "empty-file",
    "a policy file with nothing in it",
    `An empty file says nothing about its bucket, and its content was most likely lost.

Fix: write the bucket and its policy, or remove the file; removing a file does not remove the live policy.`,
  ),
  errorText(
    "unknown-key",
    "a key that a policy file does not have",
    `Keys must match exactly, since a misspelt one would silently have no effect.

Fix: correct the spelling. Version and Statement belong below policy, indented.`,
  ),
  errorText(
    "missing-key",
    "a key that a policy file must have",
    `A bucket file needs a bucket (or buckets), a policy (or use), and a region of its own or from its account.yaml.
An account.yaml needs the account.

Fix: add the key that the message names.`,
  ),
  errorText(
    "wrong-value",
    "a value that its key cannot have",
    `Each key takes one kind of value, and the message names it.

Fix: write the value in the form that the message names.`,
  ),
  errorText(
    "no-policies",
    "a policy folder that does not exist, or has no bucket file",
    `An empty tree counts as a mistake, never as a request to have no policies.

Fix: name the folder with --policies, or write the live policies as files with import.`,
  ),
  errorText(
    "no-account",
    "a bucket file without an account.yaml in its folder or above it, or two in one folder",
    `A bucket belongs to the account of the nearest account.yaml, in its own folder or above. Without one, the owner is
unknown.

Fix: write one account.yaml at the top of the policy folder, with the UID of the owner.`,
  ),
  errorText(
    "duplicate-bucket",
    "a bucket that is named in two places",
    `A bucket has one policy, defined in one place. With two, the order of files would decide.

Fix: keep one of the two places that the message shows.`,
  ),
  errorText(
    "duplicate-account",
    "an account.yaml with the UID or the name of another",
    `One account has one account.yaml. With two, it is unclear which one applies to a bucket, and --account would select
both.

Fix: put the files of both folders below one account.yaml, or correct the UID or the name.`,
  ),
  errorText(
    "duplicate-set",
    "two statement sets of one name in one _sets folder",
    `\`use\` names a set by its file name, without .yaml or .yml. With two of one name, the order of files would decide which
statements a bucket gets.

Fix: keep one of the two files, or rename one.`,
  ),
  errorText(
    "wrong-place",
    "a file in a folder where it is not allowed",
    `A _sets folder contains the files of statement sets and nothing else. It has no subfolders and no account.yaml,
which applies to the folder that contains it.

Fix: move the file to the place that the message names.`,
  ),
  errorText(
    "name-taken",
    "a variable or identity whose name already means something else",
    `account, bucket and region are built in, and a variable with the name of an identity would change who that name
refers to.

Fix: choose another name.`,
  ),
  errorText(
    "no-such-set",
    "a statement set that does not exist",
    `\`use\` names files in a _sets folder: in the folder of the bucket file, or in one above it, the nearest first.

Fix: correct the name, or write the file.`,
  ),
  {
    code: "unused-set",
    severity: "warning",
    summary: "a statement set that no bucket file uses",
    explanation: `A set is checked where it is used, with the variables of the bucket. A set that no file uses is not checked at
all: a mistake in it appears only with its first use.

Fix: name it under \`use\` in a bucket file, or remove it.`,
  },
  errorText(
    "ignore-without-reason",
    "an ignore comment without a reason",
    `Silencing a finding takes a reason, which the next reader of the file needs. A comment without a reason silences
nothing.

Fix: write the reason after the code: # oss-policy-ignore CODE: reason.`,
  ),
  {
    code: "unused-ignore",
    severity: "warning",
    summary: "an ignore comment that silences nothing",
    explanation: `The line below the comment has no such finding: it was fixed, or the line moved. The comment would silence the
next mistake on that line unseen.

Fix: remove the comment, or put it directly above the line that it is for.`,
  },
];
