import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { accessDifference } from "../../src/access/difference.ts";
import { parseDesired } from "../../src/desired/desired.ts";
import type { DesiredBucket } from "../../src/desired/bucket-file.ts";
import type { Diagnostic, Fix } from "../../src/diagnostic.ts";
import { applyEdits } from "../../src/edit/apply-edits.ts";
import { lintBucket } from "../../src/lint/lint.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { bucketOf } from "../../src/desired/desired-policy.ts";
import { accountFile } from "../support/run-cli.ts";
import { sampled } from "../support/runs.ts";

const bad = fileURLToPath(new URL("./bad", import.meta.url));

interface Judged {
  readonly bucket: DesiredBucket | undefined;
  readonly findings: readonly Diagnostic[];
  readonly problems: readonly Diagnostic[];
}

function judge(text: string): Judged {
  const { buckets, diagnostics } = parseDesired([
    { path: "account.yaml", text: accountFile },
    { path: "one.yaml", text },
  ]);
  return { bucket: buckets[0], findings: buckets.flatMap(lintBucket), problems: diagnostics };
}

/** The edit that somebody makes who follows a help that has no fix to the letter. */
function literalFix({ help = "", span }: Diagnostic): Fix | undefined {
  const [, replacement] = /^(?:write|did you mean) (?:what the operation needs: )?`([^`]+)`\??$/.exec(help) ?? [];
  if (replacement === undefined || span === undefined || /[:{[] /.test(replacement)) return undefined;
  return { edits: [{ span, text: replacement.startsWith('"') ? replacement : JSON.stringify(replacement) }] };
}

function countOf(findings: readonly Diagnostic[], code: string): number {
  return findings.filter((one) => one.code === code).length;
}

function errorsOf({ findings, problems }: Judged): readonly string[] {
  return [...findings, ...problems].filter(({ severity }) => severity === "error").map(({ code }) => code);
}

function policyOf({ bucket }: Judged): Policy | "none" {
  return bucket?.policy.kind === "policy" ? bucket.policy.canonical : "none";
}

/** The wildcards of a file, which no correction may add to. */
function wildcards(text: string): number {
  return text.replaceAll("acs:oss:*:", "").match(/[*?]/g)?.length ?? 0;
}

/** Applies one correction, and holds it against all that is promised of one. */
function expectSafe(text: string, before: Judged, finding: Diagnostic, fix: Fix): void {
  const fixed = applyEdits(text, fix.edits);
  const after = judge(fixed);
  const story = `${finding.code}: ${finding.message}\n${finding.help ?? ""}\n${fixed}`;
  expect(countOf(after.findings, finding.code), story).toBe(countOf(before.findings, finding.code) - 1);
  const left = [...errorsOf(before)];
  const added = errorsOf(after).filter((code) => {
    const at = left.indexOf(code);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  expect(added, story).toEqual([]);
  // A pattern of a masked text or of another cloud keeps its own.
  expect(wildcards(fixed), story).toBeLessThanOrEqual(wildcards(text));
  if (before.bucket === undefined) return;
  const difference = accessDifference(policyOf(before), policyOf(after), bucketOf(before.bucket));
  if (difference.verdict !== "different" || /Principal: .*"?\*/.test(text)) return;
  const opened = difference.regions.filter(
    ({ effect, witness }) => effect === "gains" && witness.principal === "anonymous",
  );
  expect(opened, story).toEqual([]);
}

const fixtures = readdirSync(bad, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".yaml") && !/policy-(size|nearly-full)|value-size/.test(name))
  .sort();

/** The same file in other spellings of YAML: as JSON on one line, and in blocks throughout. */
function spellings(text: string): readonly string[] {
  const value: unknown = parse(text);
  const block = stringify(value, { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN", lineWidth: 0 });
  return [text, `${JSON.stringify(value)}\n`, block];
}

describe("following a correction to the letter", () => {
  test.each(fixtures)("%s", (name) => {
    const written = readFileSync(join(bad, name), "utf8");
    for (const text of sampled(spellings(written), 2)) {
      const before = judge(text);
      for (const finding of before.findings) {
        const fix = finding.fix ?? literalFix(finding);
        if (fix !== undefined) expectSafe(text, before, finding, fix);
      }
    }
  });

  test("is tried for most rules", () => {
    const fixable = fixtures.flatMap((name) =>
      judge(readFileSync(join(bad, name), "utf8")).findings.flatMap(({ code, fix }) => (fix === undefined ? [] : [code])),
    );
    expect([...new Set(fixable)].sort()).toMatchInlineSnapshot(`
      [
        "action-case",
        "api-name-action",
        "condition-value",
        "decomposed-text",
        "double-wildcard",
        "foreign-resource",
        "impossible-value",
        "invisible-character",
        "joined-values",
        "line-break",
        "look-alike",
        "outer-space",
        "policy-shape",
        "resource-form",
        "resource-owner",
        "resource-region",
        "role-case",
        "undecided-value",
        "unknown-action",
        "unknown-condition-key",
        "unknown-field",
        "unknown-operator",
        "unlikely-key",
        "unquoted-uid",
        "unquoted-value",
        "version",
      ]
    `);
  });
});
