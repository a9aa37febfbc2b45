import type { Diagnostic, Span } from "../diagnostic.ts";
import { nearMiss } from "../near-miss.ts";
import { globMatches } from "../policy/glob.ts";
import type { Account } from "./account-file.ts";
import type { DesiredBucket } from "./bucket-file.ts";
import { childOf, stringOf, type Node } from "./node.ts";

/**
 * Reports guardrails whose `except` leaves out every bucket of the account, or names a bucket that no file has; a pattern
 * may be about buckets to come. Needs all buckets of the tree.
 */
export function exceptFindings(
  accounts: readonly Account[],
  buckets: readonly DesiredBucket[],
): readonly Diagnostic[] {
  return accounts.flatMap((account) => {
    const names = buckets.filter((bucket) => bucket.account === account).map(({ bucket }) => bucket);
    return names.length === 0
      ? []
      : itemsOf(childOf(account.node, "guardrails")).flatMap((item) => findingsIn(item, names));
  });
}

function findingsIn(item: Node, names: readonly string[]): readonly Diagnostic[] {
  const excepted = itemsOf(childOf(item, "except"));
  const patterns = excepted.flatMap((node) => stringOf(node) ?? []);
  const name = childOf(item, "name");
  if (names.every((one) => patterns.some((pattern) => globMatches(pattern, one))))
    return [
      warning(
        `guardrail \`${stringOf(name) ?? ""}\` guards nothing: its \`except\` leaves out every bucket of the account`,
        (name ?? item).span,
        "narrow `except`, or remove the guardrail",
      ),
    ];
  return excepted.flatMap((node): readonly Diagnostic[] => {
    const pattern = stringOf(node);
    if (pattern === undefined || /[*?]/.test(pattern) || names.includes(pattern)) return [];
    const near = nearMiss(pattern, names);
    return [
      warning(
        `\`except\`: no file of the account is about a bucket \`${pattern}\``,
        node.span,
        near === undefined ? "correct the name, or remove it" : `did you mean \`${near}\`?`,
      ),
    ];
  });
}

function itemsOf(node: Node | undefined): readonly Node[] {
  return node?.kind === "list" ? node.items : [];
}

function warning(message: string, span: Span, help: string): Diagnostic {
  return { code: "question", severity: "warning", message, span, help };
}
