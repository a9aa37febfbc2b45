import type { CodeText } from "./code-text.ts";

function error(code: string, summary: string, explanation: string): CodeText {
  return { code, severity: "error", summary, explanation };
}

/** Findings about how the files are written, whatever they ask for. They cannot be silenced. */
export const fileTexts: readonly CodeText[] = [
  error(
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
  error(
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
  error(
    "variable",
    "a variable that is not known, or is where it cannot be",
    `In policies, \${name} stands for a variable: account, bucket and region are given, others come from vars and
identities. A list can only be a whole list item, where its members are spliced in. All that variables put into one
policy is 65536 characters at most, four times what OSS takes as a policy. The statement with the error is not judged
any further.

Mend: correct the name. A text that shall hold the characters as they are is written with two dollar signs.`,
  ),
];
