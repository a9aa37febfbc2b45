import { jsonOf } from "../../desired/node.ts";
import type { Span } from "../../diagnostic.ts";
import { isObject } from "../../policy/json.ts";
import { canonicalStatement, statementKey } from "../../policy/policy.ts";
import type { Finding, Rule, StatementInFile, Word } from "../rule.ts";

export const duplicateStatement: Rule = {
  code: "duplicate-statement",
  severity: "warning",
  summary: "a statement that says the same as an earlier one",
  explanation: `The order of statements, and the order within their lists, has no meaning (OSS docs: authentication), so the second
of two equal statements changes nothing. It takes space below the limit of 16 KB, and a later
edit of only one of the two may change nothing.

Fix: remove one of the two.`,
  check: ({ statements }) => {
    const first = new Map<string, Span>();
    const outlines = statements.map(outlineOf);
    return statements.flatMap(({ node }, index): readonly Finding[] => {
      // Statements that cannot be equal, which are nearly all, need no canonical form.
      if (outlines.indexOf(outlines[index] ?? "") === outlines.lastIndexOf(outlines[index] ?? "")) return [];
      const document = jsonOf(node);
      if (!isObject(document)) return [];
      const key = statementKey(canonicalStatement(document));
      const known = first.get(key);
      if (known === undefined) {
        first.set(key, node.span);
        return [];
      }
      const message = `this statement says the same as ${placeOf(known, node.span)}`;
      return [{ message, span: node.span, help: "remove one of the two" }];
    });
  },
};

/** Returns a cheap key that equal statements share: the effect, and the first resource and action by name. */
function outlineOf({ effect, resources, actions }: StatementInFile): string {
  return [effect, leastOf(resources), leastOf(actions)].join("\n");
}

function leastOf(words: readonly Word[]): string {
  return words.reduce((least, { text }) => (least === "" || text < least ? text : least), "");
}

function placeOf({ file, start }: Span, seenFrom: Span): string {
  if (file !== seenFrom.file) return `the one in ${file}, line ${start.line}`;
  // An alias or a set that is used twice: both statements are written at one place.
  if (start.line === seenFrom.start.line) return "one before it, written at the same place";
  return `the one on line ${start.line}`;
}
