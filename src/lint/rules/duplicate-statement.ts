import { jsonOf } from "../../desired/node.ts";
import type { Span } from "../../diagnostic.ts";
import { isObject } from "../../policy/json.ts";
import { canonicalStatement, statementKey } from "../../policy/policy.ts";
import type { Finding, Rule, StatementInFile, Word } from "../rule.ts";

export const duplicateStatement: Rule = {
  code: "duplicate-statement",
  severity: "warning",
  summary: "a statement that says the same as an earlier one",
  explanation: `The order of statements, and the order within their lists, has no meaning (OSS docs: authentication), so
the second of two equal statements changes nothing. It costs room below the limit of 16 KB, and whoever
edits one of the two later will wonder why nothing changes.

Mend: remove one of the two.`,
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

/** Equal for equal statements, and cheap: the effect, and the first of the resources and of the actions by name. */
function outlineOf({ effect, resources, actions }: StatementInFile): string {
  return [effect, leastOf(resources), leastOf(actions)].join("\n");
}

function leastOf(words: readonly Word[]): string {
  return words.reduce((least, { text }) => (least === "" || text < least ? text : least), "");
}

function placeOf({ file, start }: Span, seenFrom: Span): string {
  if (file !== seenFrom.file) return `the one in ${file}, line ${start.line}`;
  // An alias or a set that is used twice: both statements stand at one place.
  if (start.line === seenFrom.start.line) return "one before it, written at the same place";
  return `the one on line ${start.line}`;
}
