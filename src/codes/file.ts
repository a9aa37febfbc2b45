import { errorText, type CodeText } from "./code-text.ts";

/** Findings about how the files are written, whatever they ask for. They cannot be silenced. */
export const fileTexts: readonly CodeText[] = [
  errorText(
    "yaml",
    "a file that is no YAML, or holds what this tool refuses in it",
    `The file cannot be read as one YAML 1.2 document of JSON values. Refused on purpose are directives, tags (such as
!!timestamp and !!binary), several documents in one file, duplicate keys, merge keys, aliases that unfold without end,
numbers that JSON has no word for (.inf, 0x1F), control characters, typographic quotes, and files that are larger or
nested more deeply than any policy. Each of them would be another value to another reader.

A file with such an error is not judged any further, since most of what could be said of it would follow from that.

Mend: do what the message says at its place. Text that begins with * & ! % @ or a backtick, or holds a colon and a
space, needs quotes; so does text with \${...} in brackets.`,
  ),
  errorText(
    "file",
    "a file or folder that cannot be read, or a link that leaves the tree",
    `What cannot be read is never passed over: a policy that is not seen would look as if no file asked for it. A link
is followed only to a file of the same tree, since a tree must not speak for what it does not hold.

Mend: make it readable, or remove it.`,
  ),
  {
    code: "not-read",
    severity: "note",
    summary: "files in the policy folder that are not YAML files",
    explanation: `Only files that end in .yaml or .yml are read. A policy in another file, such as .json, looks as if it were in
force, and no plan knows of it. schema.json, documents in Markdown and files whose name begins with a dot are expected
there.

Mend: rename bucket files to .yaml (JSON is YAML), and keep other files in another folder.`,
  },
  errorText(
    "variable",
    "a variable that is not known, or is where it cannot be",
    `In policies, \${name} stands for a variable: account, bucket and region are given, others come from vars and
identities. A list can only be a whole list item, where its members are spliced in. All that variables put into one
policy is 65536 characters at most, four times what OSS takes as a policy. The statement with the error is not judged
any further.

Mend: correct the name. A text that shall hold the characters as they are is written with two dollar signs.`,
  ),
  errorText(
    "empty-file",
    "a policy file with nothing in it",
    `An empty file says nothing about its bucket, and most likely something was lost.

Mend: write the bucket and its policy, or remove the file; a file that is removed removes no policy.`,
  ),
  errorText(
    "unknown-key",
    "a key that a policy file does not have",
    `Keys are read exactly, since a misspelt one would silently be without effect.

Mend: correct the spelling. Version and Statement belong below policy, indented.`,
  ),
  errorText(
    "missing-key",
    "a key that a policy file must have",
    `A bucket file needs a bucket (or buckets), a policy (or use), and a region of its own or of its account.yaml.
An account.yaml needs the account.

Mend: add the key that the message names.`,
  ),
  errorText(
    "wrong-value",
    "a value that its key cannot have",
    `Each key takes one kind of value; the message says which.

Mend: write it in the form that the message names.`,
  ),
  errorText(
    "no-policies",
    "a policy folder that is not there, or holds no bucket file",
    `An empty tree is taken for a mistake, never for the wish to have no policies.

Mend: name the folder with --policies, or write the live policies as files with import.`,
  ),
  errorText(
    "no-account",
    "a bucket file without an account.yaml in its folder or above it, or two in one folder",
    `A bucket belongs to the account of the nearest account.yaml upward. Without one, nobody knows whose it is.

Mend: write one account.yaml at the top of the policy folder, with the UID of the owner.`,
  ),
  errorText(
    "duplicate-bucket",
    "a bucket that is named in two places",
    `A bucket has one policy, and one place says which. With two, the order of files would decide.

Mend: keep one of the two places that the message shows.`,
  ),
  errorText(
    "duplicate-account",
    "an account.yaml with the UID or the name of another",
    `One account has one account.yaml: with two, a bucket's file would not say which of them holds for it, and
--account would pick both.

Mend: put the files of both folders below one account.yaml, or correct the UID or the name.`,
  ),
  errorText(
    "duplicate-set",
    "two statement sets of one name in one _sets folder",
    `use names a set by the name of its file, without .yaml or .yml. With two of one name, the order of files would
decide which statements a bucket gets.

Mend: keep one of the two files, or rename one.`,
  ),
  errorText(
    "wrong-place",
    "a file that cannot stand where it stands",
    `A folder _sets holds the files of statement sets and nothing else: no folders, and no account.yaml, which rules
the folder that it stands in.

Mend: move the file to the place that the message names.`,
  ),
  errorText(
    "name-taken",
    "a variable or identity with a name that stands for something else",
    `account, bucket and region are given, and a variable with the name of an identity would change who is meant.

Mend: choose another name.`,
  ),
  errorText(
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
  errorText(
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
];
