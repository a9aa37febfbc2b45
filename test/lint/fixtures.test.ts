import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parseDesired } from "../../src/desired/desired.ts";
import { lintBucket } from "../../src/lint/lint.ts";
import { rules } from "../../src/lint/rules/index.ts";
import { renderDiagnostic } from "../../src/report/text/diagnostics.ts";
import { plainText } from "../../src/report/text/style.ts";
import { accountFile } from "../support/run-cli.ts";

const here = fileURLToPath(new URL(".", import.meta.url));

/** A fixture is a whole bucket file of the example account; the bucket is called `examplebucket`. */
function findingsOf(path: string) {
  const text = readFileSync(join(here, path), "utf8");
  const { buckets, diagnostics } = parseDesired([
    { path: "account.yaml", text: accountFile },
    { path, text },
  ]);
  expect(diagnostics).toEqual([]);
  const findings = buckets.flatMap(lintBucket);
  const sources = new Map([[path, text]]);
  return { findings, text: findings.map((finding) => `${renderDiagnostic(finding, sources, plainText)}\n`).join("") };
}

function files(folder: string): readonly string[] {
  const path = join(here, folder);
  return existsSync(path) ? readdirSync(path).filter((name) => name.endsWith(".yaml")) : [];
}

describe.each(rules.map(({ code }) => code))("%s", (code) => {
  test("says nothing of what is right", () => {
    expect(files("ok")).toContain(`${code}.yaml`);
    expect(findingsOf(`ok/${code}.yaml`).text).toBe("");
  });

  test("has fixtures of what is wrong", () => {
    expect(files(`bad/${code}`).length).toBeGreaterThan(0);
  });

  test.each(files(`bad/${code}`))("finds %s", async (name) => {
    const { findings, text } = findingsOf(`bad/${code}/${name}`);
    expect(findings.map((finding) => finding.code)).toContain(code);
    await expect(text).toMatchFileSnapshot(`bad/${code}/${name.replace(".yaml", ".out")}`);
  });

  test("explains itself", () => {
    const { summary = "", explanation = "" } = rules.find((rule) => rule.code === code) ?? {};
    expect(summary).toMatch(/^[^\n]{10,110}[^.\n]$/);
    expect(explanation).toMatch(/\n\nFix: /);
    expect(Math.max(...explanation.split("\n").map((line) => line.length))).toBeLessThanOrEqual(120);
  });
});

test("every fixture folder belongs to a rule", () => {
  const codes = new Set(rules.map(({ code }) => code));
  const folders = existsSync(join(here, "bad")) ? readdirSync(join(here, "bad")) : [];
  expect(folders.filter((name) => !codes.has(name))).toEqual([]);
});
