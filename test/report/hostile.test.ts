import { printable } from "../../src/report/printable.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Diagnostic } from "../../src/diagnostic.ts";
import { allCodes } from "../../src/codes/index.ts";
import { renderAnnotations } from "../../src/report/github/annotations.ts";
import { renderDiagnostic } from "../../src/report/text/diagnostics.ts";
import { renderFixes, renderOutcomes } from "../../src/report/text/outcome.ts";
import { planFindings } from "../../src/report/plan-findings.ts";
import { renderPlan } from "../../src/report/text/plan.ts";
import { sarifDocument } from "../../src/report/json/sarif.ts";
import { renderStepOutputs } from "../../src/report/github/step-outputs.ts";
import { plainText } from "../../src/report/text/style.ts";
import { runnerCommands, stepOutputs } from "../support/actions.ts";
import { hostile, unprintable } from "../support/hostile.ts";
import { planWith } from "../support/plans.ts";
import { runs } from "../support/runs.ts";

const severities = ["error", "warning", "note"] as const;
const names = { error: "error", warning: "warning", note: "notice" };
const at = ({ span }: Diagnostic) => (span === undefined ? "" : `${span.file}:${span.start.line}`);

test("annotations, as the runner reads them, are exactly ours, at their places, the worst first", () => {
  const law = fc.property(planWith(hostile), fc.boolean(), (plan, isInside) => {
    const findings = planFindings(plan);
    const log = renderAnnotations(findings, (file) => (isInside ? file : undefined));
    const shown = severities.flatMap((severity) =>
      findings.filter((finding) => finding.severity === severity).slice(0, 10),
    );
    const commands = runnerCommands(log);
    expect(commands.map(({ name, properties }) => [name, properties["title"]])).toEqual(
      shown.map(({ severity, code }) => [names[severity], printable(`oss-policy: ${code}`).trimEnd()]),
    );
    for (const [index, { properties, data }] of commands.entries()) {
      const finding = shown[index]!;
      const { file, line } = properties;
      if (isInside && finding.span !== undefined)
        expect([file, line]).toEqual([printable(finding.span.file), String(finding.span.start.line)]);
      else expect([file, line]).toEqual([undefined, undefined]);
      const texts = [
        ...(isInside || finding.span === undefined ? [] : [at(finding)]),
        finding.message,
        ...(finding.help === undefined ? [] : [`help: ${finding.help}`]),
      ].map(printable);
      if (texts.join("").length < 1_500) expect(data).toBe(texts.join("\n"));
      expect(data.length).toBeLessThan(4_096 * 2);
    }
    const rest = log.trimEnd().split("\n").slice(commands.length).join("");
    expect(rest).toMatch(/^(and \d+ (error|warning|notice)s?.* more, in the job summary)?$/);
    expect(log.match(unprintable)).toBeNull();
  });
  fc.assert(law, { numRuns: runs(100) });
});

test("no line of a text is a command to the runner, whatever stands in the plan", () => {
  const result = fc.constantFrom("applied" as const, "failed" as const, "stale" as const);
  const law = fc.property(planWith(hostile), hostile, result, (plan, text, outcome) => {
    const sources = new Map(plan.diagnostics.map(({ span }) => [span?.file ?? "", `${text}\n${text}`]));
    const told = { bucket: text, action: "update", result: outcome, message: text, help: text } as const;
    const log = [
      renderPlan(plan, plainText),
      ...plan.diagnostics.map((diagnostic) => renderDiagnostic(diagnostic, sources, plainText)),
      ...renderOutcomes([told], plainText),
      ...renderFixes([told]),
    ].join("\n");
    expect(runnerCommands(log)).toEqual([]);
    expect(log.match(unprintable)).toBeNull();
  });
  fc.assert(law, { numRuns: runs(100) });
});

test("outputs are what was given, and nothing else", () => {
  const value = fc.oneof(
    hostile,
    fc.constantFrom("END", "a\nEND", "a\nEND\nchanges<<x\n0\nx", "END_END\nEND", "", "\n"),
  );
  const law = fc.property(
    value,
    value,
    fc.constantFrom("", "other=1", "other=1\n"),
    (first, second, before) => {
      const read = stepOutputs(`${before}${renderStepOutputs({ changes: first, plan_path: second })}`);
      expect(read).toEqual({ changes: first, plan_path: second, ...(before === "" ? {} : { other: "1" }) });
    },
  );
  fc.assert(law, { numRuns: runs(150) });
});

test("SARIF has a result for each finding, in plain text that makes no link", () => {
  const law = fc.property(planWith(hostile), (plan) => {
    const findings = planFindings(plan);
    const log = JSON.parse(sarifDocument(findings, allCodes, { version: "1", policies: "policies" })) as {
      runs: { results: { ruleId: string; message: { text: string } }[] }[];
    };
    const results = log.runs[0]?.results ?? [];
    expect(results.map(({ ruleId }) => ruleId)).toEqual(findings.map(({ code }) => code));
    for (const [index, { message }] of results.entries()) {
      expect(message.text).not.toMatch(/\]\(/);
      expect(message.text.match(unprintable)).toBeNull();
      const { message: said, help } = findings[index]!;
      const whole = printable(help === undefined ? said : `${said}; ${help}`);
      expect(message.text.replaceAll("] (", "](")).toBe(whole.replaceAll("] (", "]("));
    }
  });
  fc.assert(law, { numRuns: runs(70) });
});

test("more than ten of a kind are counted in one line", () => {
  const findings = Array.from({ length: 26 }, (_, index): Diagnostic => {
    const severity = severities[index % 2] ?? "note";
    const start = { line: index + 1, column: 3 };
    return {
      code: "yaml",
      severity,
      message: "m",
      span: { file: "a.yaml", start, end: { line: index + 2, column: 1 } },
    };
  });
  const log = renderAnnotations(findings, (file) => file);
  expect(runnerCommands(log)).toHaveLength(20);
  expect(log.split("\n").at(0)).toBe("::error file=a.yaml,line=1,endLine=2,title=oss-policy%3A yaml::m");
  expect(log.split("\n").at(-2)).toBe("and 3 errors, 3 warnings more, in the job summary");
  const one = {
    ...findings[0]!,
    help: "100 %, or:\nless",
    span: { file: "a,b:c.yaml", start: { line: 1, column: 3 }, end: { line: 1, column: 5 } },
  };
  expect(renderAnnotations([one], (file) => file)).toBe(
    "::error file=a%2Cb%3Ac.yaml,line=1,col=3,endLine=1,title=oss-policy%3A yaml::m%0Ahelp: 100 %25, or:\\u{a}less\n",
  );
});
