import { actionsMatching, isGrantable, isPattern, readAction } from "../../policy/actions.ts";
import { nearAction } from "../../policy/near-action.ts";
import { givesAdministration } from "../certain.ts";
import { fitsLevel } from "../levels.ts";
import type { Finding, Rule, StatementInFile, Word } from "../rule.ts";
import { quoted, replacing } from "../texts.ts";

export const unknownAction: Rule = {
  code: "unknown-action",
  severity: "error",
  summary: "an action that is not one of OSS's, or a pattern that matches none",
  explanation: `OSS stores a policy with an action that it does not know: a test of one of its own tools stores an Allow on
ram:ListObjects. Such an action matches no request, so an Allow gives nothing and, worse, a Deny blocks nothing. This
tool knows the actions that OSS documents (OSS docs: policy syntax), and a few more from the SDKs. OSS adds actions, and
its list lacks some of them for months. So a name of OSS's form that is not close to a known one is a warning. Names of
other clouds are not OSS's: oss:ListObjects is the counterpart of s3:ListBucket.

Fix: write the action as OSS's documentation spells it.`,
  check: ({ statements, bucket: { bucket } }) =>
    statements.flatMap((statement) =>
      statement.actions.flatMap((word) =>
        judge(word, statement).map(({ replacement, ...finding }) =>
          // An action of another level would add a mistake to the statement, and administration is no guess.
          replacement !== undefined &&
          fitsLevel(replacement, statement, bucket) &&
          !givesAdministration(replacement)
            ? { ...finding, ...replacing(word, replacement) }
            : finding,
        ),
      ),
    ),
};

/** Finding, with the one action that is certainly meant. */
type JudgedAction = Omit<Finding, "fix"> & { readonly replacement?: string | undefined };

function judge(word: Word, { effect }: StatementInFile): readonly JudgedAction[] {
  const { text, span } = word;
  const read = readAction(text);
  if (read.kind === "foreign") {
    const names = read.needs.map((name) => `\`${name}\``).join(" and ");
    const isHere = read.needs.some((name) => actionsMatching(name).some(isGrantable));
    const help = isHere ? `write ${names}` : `remove it; a RAM policy can grant ${names}`;
    const [only, ...more] = read.needs;
    // A Deny of an action with another name may cover more than was meant.
    const isMeant = effect === "Allow" || (only !== undefined && isSameName(text, only));
    const replacement = isHere && isMeant && more.length === 0 ? only : undefined;
    return [{ message: `${quoted(text)} is not an action of OSS`, span, help, replacement }];
  }
  if (read.kind !== "unknown") return [];
  return [isPattern(text) ? patternFinding(word) : nameFinding(word)];
}

function isSameName(text: string, action: string): boolean {
  return text.toLowerCase().endsWith(action.toLowerCase().replace("oss:", ""));
}

function nameFinding({ text, span }: Word): JudgedAction {
  const near = nearAction(text);
  if (near !== undefined) {
    const message = `${quoted(text)} is not an action of OSS`;
    return { message, span, help: `did you mean \`${near}\`?`, replacement: near };
  }
  const help = "write an action as OSS documents it, or remove it";
  if (!/^oss:[A-Z][A-Za-z0-9]+$/.test(text))
    return { message: `${quoted(text)} is not an action of OSS`, span, help };
  const message = `${quoted(text)} is not an action that OSS documents, so it may match no request`;
  return { severity: "warning", message, span, help };
}

/** Reports a pattern without a match. Its prefix alone may be wrong: missing, or of another cloud with the same patterns. */
function patternFinding({ text, span }: Word): JudgedAction {
  const message = `${quoted(text)} matches no action of OSS`;
  const [, bare] = /^(?:(?:s3|cos|name\/cos|obs|acs:oss):)?([A-Za-z*?]*)$/.exec(text) ?? [];
  const meant = `oss:${bare ?? ""}`;
  if (bare !== undefined && actionsMatching(meant).length > 0)
    return { message, span, help: `write \`${meant}\``, replacement: meant };
  return { message, span, help: "write a pattern that matches the actions that are meant, or remove it" };
}
