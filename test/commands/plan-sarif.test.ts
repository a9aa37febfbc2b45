import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { Log } from "sarif";
import { describe, expect, test } from "vitest";
import { accountFile, environmentOf, runCli, writeTree } from "../support/run-cli.ts";
import { describeWith } from "../support/describe-with.ts";
import { sandboxWith } from "../support/store.ts";

const grant = (bucket: string, who: string, more = "") =>
  `bucket: ${bucket}\npolicy:\n  Version: "1"\n  Statement: [{ Effect: Allow, Principal: ["${who}"], Action: ["oss:GetObject"], Resource: ["acs:oss:*:*:${bucket}/*"] }]\n${more}`;

const tree = {
  "account.yaml": accountFile,
  "accepted.yaml": grant("accepted", "*", "accept: [{ hazard: grants-public-access, reason: web assets }]\n"),
  "closed.yaml": grant("closed", "1"),
  "opened.yaml": grant("opened", "*"),
};

async function world() {
  const at = (name: string) => ({ name, region: "cn-hangzhou" });
  const sandbox = await sandboxWith({ buckets: ["accepted", "closed", "opened"].map(at) });
  sandbox.addFault({
    bucket: "closed",
    effect: { kind: "status", status: 403, code: "AccessDenied", message: "no" },
  });
  return environmentOf(sandbox);
}

async function sarifOf(
  verb: string,
  files: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>>,
) {
  const folder = writeTree(files);
  const target = join(folder, "out.sarif");
  await runCli([verb, "--policies", relative(process.cwd(), folder), "--sarif", target], { env });
  const log = JSON.parse(readFileSync(target, "utf8")) as Log;
  return { log, results: log.runs[0]?.results ?? [], folder: relative(process.cwd(), folder) };
}

describe("--sarif of a plan has its hazards beside the findings", () => {
  test.each(["plan", "apply"])("%s", async (verb) => {
    const { log, results, folder } = await sarifOf(verb, tree, await world());
    const rows = results.map(({ ruleId, level, locations }) => {
      const { artifactLocation, region } = locations?.[0]?.physicalLocation ?? {};
      return [artifactLocation?.uri?.replace(`${folder}/`, ""), region?.startLine, level, ruleId];
    });
    expect(rows).toEqual([
      ["accepted.yaml", 2, "warning", "grants-public-access"],
      ["accepted.yaml", 2, "note", "widens-access"],
      ["closed.yaml", 2, "error", "unreadable"],
      ["opened.yaml", 2, "error", "grants-public-access"],
      ["opened.yaml", 2, "note", "widens-access"],
      ["opened.yaml", 4, "warning", "public-policy"],
    ]);
    expect(results[0]?.message.text).toMatch(/^`accepted`: everyone can read .*; accepted: web assets$/);
    expect(results[3]?.message.text).toMatch(/; it blocks this bucket$/);
    const rules = log.runs[0]?.tool.driver.rules ?? [];
    for (const { ruleId, ruleIndex } of results) expect(rules[ruleIndex ?? -1]?.id).toBe(ruleId);
  });

  test("where nothing could be planned, it has the findings, each with a place, for GitHub refuses one without", async () => {
    const { results } = await sarifOf("plan", { "x.yaml": "bukcet: x\n" }, {});
    expect(results.length).toBeGreaterThan(0);
    for (const { locations } of results)
      expect(locations?.[0]?.physicalLocation?.artifactLocation?.uri).toBeTruthy();
    const { results: none, folder } = await sarifOf("plan", {}, {});
    expect(none.map(({ ruleId, locations }) => [ruleId, locations?.[0]?.physicalLocation])).toEqual([
      ["no-policies", { artifactLocation: { uri: folder }, region: { startLine: 1 } }],
    ]);
  });
});

describeWith("sarif-schema", "as the official schema has it, SARIF", (officialSchema) => {
  test.each([
    ["hazards", tree],
    ["an errored plan", { "x.yaml": "bukcet: x\n" }],
    ["no files", {}],
  ])("of %s", async (_, files) => {
    const schema = JSON.parse(readFileSync(officialSchema, "utf8")) as object;
    const accepts = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
    const { log } = await sarifOf("plan", files, await world());
    accepts(log);
    expect(accepts.errors).toBeNull();
  });
});
