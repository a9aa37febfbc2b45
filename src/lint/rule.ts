import type { DesiredBucket } from "../desired/bucket-file.ts";
import { childOf, entryOf, stringOf, type Entry, type MapNode, type Node } from "../desired/node.ts";
import type { Severity, Span } from "../diagnostic.ts";
import { jsonText } from "../policy/json.ts";
import { scalarText } from "../policy/policy.ts";
import { textsIn, type Text, type Word } from "./texts.ts";

export type { Text, Word } from "./texts.ts";

/** One thing that a policy can get wrong. A rule is one file in rules/ and one line in rules/index.ts. */
export interface Rule {
  /** Public and stable. */
  readonly code: string;
  /**
   * Error: OSS would refuse it, it can never work, or it opens or locks by accident. Warning: it is
   * probably not what is meant. Note: worth knowing.
   */
  readonly severity: Severity;
  /** What it finds, in one line without a full stop: the table of rules is made of these. */
  readonly summary: string;
  /** Why it matters, with the source of the fact, and how to mend it: what `explain` prints. */
  readonly explanation: string;
  /** Whether its finding is behind all others about the same value, which are not shown then. */
  readonly isCause?: true;
  /** Whether its finding is not shown where another rule has an error about the same value. */
  readonly isLesser?: true;
  readonly check: (policy: PolicyInFile) => readonly Finding[];
}

/** What a rule judges: the policy as it is written, after variables and statement sets. */
export interface PolicyInFile {
  readonly bucket: DesiredBucket;
  readonly node: MapNode;
  /** The statements that are maps; policy-shape speaks of all others. */
  readonly statements: readonly StatementInFile[];
  /** Every string of the policy, wherever it stands. */
  readonly texts: readonly Text[];
  /** The size of the JSON that is sent, in UTF-8. */
  readonly bytes: number;
}

/** One statement with its places. A member that is not a string is left to policy-shape and unquoted-uid. */
export interface StatementInFile {
  readonly node: MapNode;
  readonly effect: string | undefined;
  readonly principals: readonly Word[];
  readonly actions: readonly Word[];
  readonly resources: readonly Word[];
  readonly tests: readonly TestInFile[];
  entry(field: string): Entry | undefined;
}

/** One key under one operator of a Condition. */
export interface TestInFile {
  readonly operator: Word;
  readonly key: Word;
  /** As text; JSON numbers and booleans too. */
  readonly values: readonly Word[];
}

export interface Finding {
  readonly message: string;
  readonly span: Span;
  /** The mend. */
  readonly help: string;
  /** The place of a finding that explains this one, which is not shown beside it. */
  readonly behind?: Span;
}

export function policyInFile(bucket: DesiredBucket, node: MapNode): PolicyInFile {
  const list = childOf(node, "Statement");
  const statements = list?.kind === "list" ? list.items.filter((item) => item.kind === "map") : [];
  const { policy } = bucket;
  return {
    bucket,
    node,
    statements: statements.map(statementInFile),
    texts: textsIn(node),
    bytes: policy.kind === "policy" ? Buffer.byteLength(jsonText(policy.document)) : 0,
  };
}

function statementInFile(node: MapNode): StatementInFile {
  const words = (field: string) => membersOf(childOf(node, field)).flatMap(wordOf);
  return {
    node,
    effect: stringOf(childOf(node, "Effect")),
    principals: words("Principal"),
    actions: words("Action"),
    resources: words("Resource"),
    tests: testsOf(childOf(node, "Condition")),
    entry: (field) => entryOf(node, field),
  };
}

function testsOf(condition: Node | undefined): readonly TestInFile[] {
  return entriesOf(condition).flatMap((operator) =>
    entriesOf(operator.value).map((key) => ({
      operator: { text: operator.name, span: operator.nameSpan },
      key: { text: key.name, span: key.nameSpan },
      values: membersOf(key.value).flatMap(valueOf),
    })),
  );
}

function entriesOf(node: Node | undefined): readonly Entry[] {
  return node?.kind === "map" ? node.entries : [];
}

/** The members of a field that may be one value or a list of them. */
export function membersOf(node: Node | undefined): readonly Node[] {
  if (node === undefined) return [];
  return node.kind === "list" ? node.items : [node];
}

function wordOf(node: Node): readonly Word[] {
  const text = stringOf(node);
  return text === undefined ? [] : [{ text, span: node.span }];
}

function valueOf(node: Node): readonly Word[] {
  if (node.kind !== "scalar" || node.value === null) return [];
  const { value, span, source } = node;
  return [{ text: scalarText(value), span, ...(source === undefined ? {} : { source }) }];
}
