import type { DesiredBucket } from "../desired/bucket-file.ts";
import { variablesOf } from "../desired/bucket-file.ts";
import { childOf, jsonOf, stringOf, type ListNode, type MapNode, type Node } from "../desired/node.ts";
import { expandVariables } from "../desired/variables.ts";
import type { JsonObject } from "../policy/json.ts";
import { canonicalStatement, type Statement } from "../policy/policy.ts";
import type { ListField } from "./file-edit.ts";

/** Statement as a file writes it, read for one bucket. */
export interface WrittenStatement {
  readonly node: MapNode;
  readonly index: number;
  readonly bucket: DesiredBucket;
}

/** Member of a list field, with the words that OSS gets: several for a list variable. */
export interface WrittenMember {
  readonly text: string;
  readonly words: readonly string[];
}

/** Returns the members of a field; a field may be one value. */
export function membersOf({ node, bucket }: WrittenStatement, field: ListField): readonly WrittenMember[] {
  const value = childOf(node, field);
  const items = value === undefined ? [] : value.kind === "list" ? value.items : [value];
  return items.map((item) => ({ text: stringOf(item) ?? "", words: wordsOf(item, bucket) }));
}

function wordsOf(item: Node, bucket: DesiredBucket): readonly string[] {
  const list: ListNode = { kind: "list", items: [item], span: item.span };
  const expanded = expanding(list, bucket);
  return expanded?.kind === "list" ? expanded.items.flatMap((one) => stringOf(one) ?? []) : [];
}

/** Returns the canonical form of a statement, as OSS gets it. */
export function meaningOf({ node, bucket }: WrittenStatement): Statement {
  return canonicalStatement(jsonOf(expanding(node, bucket) ?? node) as JsonObject);
}

function expanding(node: Node, bucket: DesiredBucket): Node | undefined {
  return expandVariables(node, { variables: variablesOf(bucket), diagnostics: [], faults: [] });
}

/** Returns the statements of a list, read for one bucket. */
export function readFor(bucket: DesiredBucket, list: ListNode | undefined): readonly WrittenStatement[] {
  return (list?.items ?? []).flatMap((node, index) => (node.kind === "map" ? [{ node, index, bucket }] : []));
}
