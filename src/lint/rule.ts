import type { DesiredBucket, ParsedBucket } from "../desired/bucket-file.ts";
import { childOf, entryOf, stringOf, type Entry, type MapNode, type Node } from "../desired/node.ts";
import type { Fix, Severity, Span } from "../diagnostic.ts";
import { scalarText } from "../policy/policy.ts";
import { kindOfKey } from "./condition-kind.ts";
import { meantPrincipal, meantText, partsOf, type Kind } from "./meaning.ts";
import { textsIn, type Text, type Word } from "./texts.ts";

export type { Text, Word } from "./texts.ts";

/** Check for one kind of mistake. A rule is one file in rules/ and one line in rules/index.ts. */
export interface Rule {
  /** Public and stable. */
  readonly code: string;
  /**
   * Error: OSS would refuse it, it can never work, or it opens or locks access by accident. Warning: it is
   * probably a mistake. Note: for information.
   */
  readonly severity: Severity;
  /** Finding in one line without a full stop, as in the table of docs/rules.md. */
  readonly summary: string;
  /** Text that `explain` prints: the fact with its source, why it matters, and the fix. */
  readonly explanation: string;
  /** Its finding causes all others about the same value, which are then not shown. */
  readonly isCause?: true;
  /** Its finding is not shown if another rule has an error or warning about the same value. */
  readonly isLesser?: true;
  /** Code of the finding that causes this one: if both are at one place, only the cause is shown. */
  readonly follows?: string;
  readonly check: (policy: PolicyInFile) => readonly Finding[];
}

/** Policy as it is written, after variables and statement sets: the input of a rule. */
export interface PolicyInFile {
  readonly bucket: DesiredBucket;
  readonly node: MapNode;
  /** The statements that are maps; policy-shape reports all others. */
  readonly statements: readonly StatementInFile[];
  /** Every string of the policy, as it is written. */
  readonly texts: readonly Text[];
  /** Size of the JSON that is sent, in UTF-8. */
  readonly bytes: number;
}

/**
 * Statement with its places. Its words are those that are meant: a list in one string counts as its members, and a
 * look-alike character as the plain one; each has a rule of its own. A member that is not a string is left to
 * policy-shape and unquoted-uid.
 */
export interface StatementInFile {
  readonly node: MapNode;
  readonly effect: string | undefined;
  readonly principals: readonly Word[];
  readonly actions: readonly Word[];
  readonly resources: readonly Word[];
  readonly tests: readonly TestInFile[];
  entry(field: string): Entry | undefined;
}

/** Key under an operator of a Condition. */
export interface TestInFile {
  readonly operator: Word;
  readonly key: Word;
  /** The values as text, including JSON numbers and booleans. */
  readonly values: readonly Word[];
}

export interface Finding {
  /** Set if it differs from the rule's. */
  readonly severity?: Severity;
  readonly message: string;
  readonly span: Span;
  /** Correction that is safe to follow literally. */
  readonly help: string;
  /** Place of a finding that explains this one; if there is one, this one is not shown. */
  readonly behind?: Span;
  readonly fix?: Fix;
}

/** Returns the input of the rules; undefined if the bucket is to have no policy. */
export function policyInFile(bucket: ParsedBucket): PolicyInFile | undefined {
  const { policy, policyNode: node } = bucket;
  if (policy.kind === "none" || node === undefined) return undefined;
  const list = childOf(node, "Statement");
  const statements = list?.kind === "list" ? list.items.filter((item) => item.kind === "map") : [];
  return {
    bucket,
    node,
    statements: statements.map((statement) => statementInFile(statement, bucket.bucket)),
    texts: textsIn(node),
    bytes: Buffer.byteLength(policy.text),
  };
}

function statementInFile(node: MapNode, bucket: string): StatementInFile {
  const words = (field: string, kind: Kind) =>
    membersOf(childOf(node, field)).flatMap((member) => wordsOf(member, kind, bucket));
  return {
    node,
    effect: stringOf(childOf(node, "Effect")),
    principals: words("Principal", "principal"),
    actions: words("Action", "action"),
    resources: words("Resource", "resource"),
    tests: testsOf(childOf(node, "Condition"), bucket),
    entry: (field) => entryOf(node, field),
  };
}

function testsOf(condition: Node | undefined, bucket: string): readonly TestInFile[] {
  return entriesOf(condition).flatMap((operator) =>
    entriesOf(operator.value).map((key) => ({
      operator: nameOf(operator),
      key: nameOf(key),
      values: membersOf(key.value).flatMap((member) => valuesOf(member, kindOfKey(key.name), bucket)),
    })),
  );
}

function nameOf({ name, nameSpan }: Entry): Word {
  const text = meantText(name);
  return { text, span: nameSpan, isWhole: !name.includes("${") };
}

function entriesOf(node: Node | undefined): readonly Entry[] {
  return node?.kind === "map" ? node.entries : [];
}

/** Returns the members of a field that may be one value or a list of values. */
export function membersOf(node: Node | undefined): readonly Node[] {
  if (node === undefined) return [];
  return node.kind === "list" ? node.items : [node];
}

/** Splits a string into the words that are meant: one, unless it is a list. */
function wordsOf(node: Node, kind: Kind, bucket: string): readonly Word[] {
  const written = stringOf(node);
  if (written === undefined) return [];
  const text = kind === "principal" ? meantPrincipal(written) : meantText(written);
  const parts = partsOf(text, kind, bucket);
  if (parts !== undefined) return parts.map((part) => ({ text: part, span: node.span, isWhole: false }));
  return [{ text, span: node.span, isWhole: isWritten(node) }];
}

function valuesOf(node: Node, kind: Kind | undefined, bucket: string): readonly Word[] {
  if (node.kind !== "scalar" || node.value === null) return [];
  const { value, span, source } = node;
  if (typeof value === "string" && kind !== undefined) return wordsOf(node, kind, bucket);
  const word = { text: scalarText(value), span, isWhole: isWritten(node) };
  return [source === undefined ? word : { ...word, source }];
}

/** Reports whether a scalar is written in the source as it is, without variables and comments. */
export function isWritten(node: Node): boolean {
  return node.kind === "scalar" && node.isExpanded !== true && node.hasComment !== true;
}
