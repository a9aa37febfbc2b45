import type { Diagnostic, Span } from "../diagnostic.ts";
import { isAccountFile, type Account } from "./account-file.ts";
import type { DesiredBucket } from "./bucket-file.ts";
import type { FileKind } from "./file-kind.ts";
import type { SourceFile } from "./load.ts";
import { childOf, type Node } from "./node.ts";

/** Account with the file that it is in. */
export interface AccountNode {
  readonly account: Account;
  readonly node: Node;
}

export function duplicateAccount(
  key: "account" | "name",
  value: string,
  { node }: AccountNode,
  first: AccountNode,
): Diagnostic {
  const spanOf = (top: Node) => (childOf(top, key) ?? top).span;
  const isUid = key === "account";
  return {
    code: "duplicate-account",
    severity: "error",
    message: isUid
      ? `account \`${value}\` has a second account.yaml`
      : `the name \`${value}\` is that of another account`,
    span: spanOf(node),
    help: isUid ? "keep one account.yaml, above the files of both folders" : "give each account its own name",
    related: [{ message: "the first place", span: spanOf(first.node) }],
  };
}

export function duplicate(bucket: DesiredBucket, other: DesiredBucket): Diagnostic {
  return {
    code: "duplicate-bucket",
    severity: "error",
    message: `bucket \`${bucket.bucket}\` is named a second time`,
    span: bucket.span,
    help: "name each bucket in one place",
    related: [{ message: "the first place", span: other.span }],
  };
}

export function emptyFile(file: string, kind: FileKind): Diagnostic {
  const fixes = {
    account: 'write `account: "UID"`',
    set: "write `Statement` with a list of statements, or remove the file",
    interpretations: "write it with `oss-policy conformance`, or remove the file",
  };
  const help =
    kind in fixes ? fixes[kind as keyof typeof fixes] : "write `bucket` and `policy`, or remove the file";
  return { code: "empty-file", severity: "error", message: "the file is empty", span: startOf(file), help };
}

/** Reports a file that cannot be in `_sets`; no other finding is about it. */
export function misplaced({ path }: SourceFile): Diagnostic {
  const isAccount = isAccountFile(path);
  return {
    code: "wrong-place",
    severity: "error",
    message: isAccount
      ? "an account.yaml cannot be in `_sets`"
      : "a statement set cannot be in a folder below `_sets`",
    span: startOf(path),
    help: isAccount
      ? "move it to the folder that holds `_sets`, or give the set another name"
      : "move it into `_sets` itself; a bucket file belongs outside of `_sets`",
  };
}

export function noBuckets(): Diagnostic {
  return {
    code: "no-policies",
    severity: "error",
    message: "the tree has no bucket file",
    help: "write bucket files with `oss-policy import`",
  };
}

export function noAccount(node?: Node): Diagnostic {
  return {
    code: "no-account",
    severity: "error",
    message: node ? "there is no account.yaml in this folder or above it" : "the tree has no account.yaml",
    ...(node ? { span: node.span, cause: "no account.yaml" } : {}),
    help: 'write one at the top of the policy folder: `account: "UID of the bucket owner"`',
  };
}

export function secondAccount(path: string, first: string): Diagnostic {
  return {
    code: "no-account",
    severity: "error",
    message: `\`${path}\` and \`${first}\` are in one folder`,
    span: startOf(path),
    help: "keep one of the two",
  };
}

function startOf(file: string): Span {
  const start = { line: 1, column: 1 };
  return { file, start, end: start };
}
