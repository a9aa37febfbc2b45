import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { hazardCodes } from "../../src/plan/hazard.ts";
import { allCodes } from "../../src/codes/index.ts";
import { rules } from "../../src/lint/rules/index.ts";
import { parseDesired } from "../../src/desired/desired.ts";
import { fixTexts } from "../../src/edit/fix-texts.ts";
import { lintBuckets } from "../../src/lint/lint.ts";
import { unifiedDiff } from "../../src/report/text/unified-diff.ts";
import { plainText } from "../../src/report/text/style.ts";
import { accountFile, runCli } from "../support/run-cli.ts";

const src = fileURLToPath(new URL("../../src", import.meta.url));
const bad = fileURLToPath(new URL("./bad", import.meta.url));
const codes = allCodes.map(({ code }) => code);

test("no code stands for two things", () => {
  expect(codes).toEqual([...new Set(codes)]);
});

test("every code that the product can print has its text", () => {
  const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  const hazards: readonly string[] = hazardCodes;
  const used = files.flatMap((name) => {
    const text = readFileSync(join(src, name), "utf8");
    return [...text.matchAll(/(?:code: |\b(?:refusal|problem|finding)\()"([a-z]+(?:-[a-z]+)*)"/g)].map(([, code = ""]) => code);
  });
  // zod's own issue code is no code of a finding.
  expect([...new Set([...used, ...hazards])].filter((code) => !codes.includes(code) && code !== "custom")).toEqual([]);
});

test("the examples that explain prints are the fixtures, and current", async () => {
  const examples = await Promise.all(rules.map(async ({ code }) => {
    const [first = ""] = readdirSync(join(bad, code)).filter((name) => name.endsWith(".yaml")).sort();
    const findings = readFileSync(join(bad, code, first.replace(".yaml", ".out")), "utf8");
    const file = readFileSync(join(bad, code, first), "utf8");
    const fix = await correction(file);
    const example = { file, findings: findings.replaceAll(`bad/${code}/`, "") };
    return [code, fix === "" ? example : { ...example, fix }] as const;
  }));
  const text = `${JSON.stringify(Object.fromEntries(examples), null, 2)}\n`;
  await expect(text).toMatchFileSnapshot("../../src/codes/examples.json");
});

/** The lines that correcting a bucket file changes. */
async function correction(file: string): Promise<string> {
  const { texts } = await fixTexts((texts) => {
    const text = texts.get("one.yaml") ?? file;
    const { buckets, diagnostics } = parseDesired([
      { path: "account.yaml", text: accountFile },
      { path: "one.yaml", text },
    ]);
    const findings = [...diagnostics, ...[...lintBuckets(buckets).values()].flat()];
    return Promise.resolve({ findings, sources: new Map([["one.yaml", text]]) });
  });
  const diff = unifiedDiff("one.yaml", file, texts.get("one.yaml") ?? file, plainText);
  return diff.split("\n").filter((line) => /^[-+](?![-+]{2} )/.test(line)).join("\n");
}

describe("explain", () => {
  test.each(codes)("%s", async (code) => {
    const { code: exit, stdout } = await runCli(["explain", code]);
    expect(exit).toBe(0);
    expect(stdout).toMatch(new RegExp(`^${code} \\((error|warning|note)\\): .+\\n\\n`));
    expect(stdout).toContain("\nFix: ");
  });

  test("shows what it looks like", async () => {
    const { stdout } = await runCli(["explain", "level-mismatch"]);
    await expect(stdout).toMatchFileSnapshot("../golden/explain.txt");
  });

  test("of a code that is none names the nearest", async () => {
    const { code, stderr } = await runCli(["explain", "level-mismtach"]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("did you mean `level-mismatch`?")]);
  });

  test("of a word like no code says where they are listed", async () => {
    const { code, stderr } = await runCli(["explain", "weather"]);
    expect([code, stderr]).toEqual([
      1,
      "error: no finding has the code `weather` [no-match]\n  help: `explain` without a code lists all\n",
    ]);
  });

  test("without a code lists every code once, in groups, with severity and summary", async () => {
    const { code: exit, stdout } = await runCli(["explain"]);
    const lines = stdout.split("\n").filter((line) => line.startsWith("  "));
    const words = lines.map((line) => /^ {2}([a-z-]+) +(error|warning|note) +(\S.*)$/.exec(line)?.slice(1));
    const texts = allCodes.map(({ code, severity, summary }) => [code, severity, summary]);
    expect(words.sort()).toEqual(texts.sort());
    expect(stdout).toMatch(/^Lint rules\n {2}action-case {2,}error {4}/);
    expect(stdout.indexOf("\nHazards of changes")).toBeLessThan(stdout.indexOf("\nOptions and runs\n"));
    expect([exit, stdout.trimEnd().split("\n").at(-1)]).toEqual([0, "Exit 0, success."]);
  });
});
