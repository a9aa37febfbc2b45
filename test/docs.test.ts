import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parseDesired } from "../src/desired/desired.ts";
import { lintBuckets } from "../src/lint/lint.ts";
import { rules } from "../src/lint/rules/index.ts";
import { checkExpectations } from "../src/proof/expectations.ts";
import { guardrailFindings, questionFindings } from "../src/proof/guardrails.ts";
import { parseSeed } from "../src/sandbox/seed.ts";
import { accountFile, environmentOf, writeTree } from "./support/run-cli.ts";
import { sandboxWith } from "./support/store.ts";
import { spawn } from "node:child_process";

const root = fileURLToPath(new URL("..", import.meta.url));
const readme = readFileSync(join(root, "README.md"), "utf8");

function blocks(language: string): readonly string[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map(
    ([, text = ""]) => text,
  );
}

/** No credentials of whoever runs the tests, and none of npm's own settings. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_|OSS_|ALIBABA_|CI$|FORCE_COLOR)/i.test(name)),
);

function shell(command: string): string {
  const words = command.replace(/^npm run /, "npm run --silent ").split(" ");
  const { stdout } = spawnSync(words[0] ?? "", words.slice(1), {
    cwd: root,
    env: environment,
    encoding: "utf8",
  });
  return stdout;
}

describe("what the README shows is what the tool prints", () => {
  test.each(blocks("console").map((block) => [/^\$ (.*)/.exec(block)?.[1] ?? "", block] as const))(
    "%s",
    (command, block) => {
      const shown = block.split("\n").slice(1).join("\n");
      const pattern = shown
        .split(/^\.\.\.$/m)
        .map((part) => part.replaceAll(/^\n+|\n+$/g, "").replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"))
        .join("\n(?:.*\n)*?");
      expect(shell(command).trim()).toMatch(new RegExp(`^${pattern}$`));
    },
  );
});

describe("what the README tells to type exists", () => {
  const lines = blocks("sh").flatMap((block) => block.trim().split("\n"));
  const calls = [...lines, ...[...readme.matchAll(/`(npm run [^`]*)`/g)].map(([, call = ""]) => call)];
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };

  test.each([...new Set(calls)])("%s", (call) => {
    for (const [, script = ""] of call.matchAll(/npm run ([\w:]+)/g))
      expect(Object.keys(scripts)).toContain(script);
    const [, verb = "", words = ""] = /npm run (\w+) -- (.*)/.exec(call) ?? [];
    if (verb === "") return;
    const help = shell(`npx oss-policy ${verb} --help`);
    for (const [option] of words.matchAll(/--[\w-]+/g)) expect(help).toContain(option);
  });
});

test("the bucket file of the README is a valid one, and the same as in policies/", () => {
  const text = blocks("yaml")[0] ?? "";
  const { buckets, diagnostics } = parseDesired([
    { path: "account.yaml", text: accountFile },
    { path: "examplebucket.yaml", text },
  ]);
  expect([buckets.length, diagnostics]).toEqual([1, []]);
  const example = readFileSync(join(root, "policies/examplebucket.yaml"), "utf8");
  expect(example.replaceAll(/^#.*\n/gm, "")).toBe(text);
});

test("the table of rules is made of the rules", () => {
  const rows = rules.map(
    ({ code, severity, summary }) => `| \`${code}\` | ${severity} | ${summary.replaceAll("|", "&#124;")} |`,
  );
  const table = readme.split("\n").filter((line) => /^\| `[a-z-]+` \| (error|warning|note) \|/.test(line));
  expect(table).toEqual(rows);
});

test("the file that shares statements is a valid one", () => {
  const set = 'Statement: [{ Effect: Deny, Principal: ["*"], Action: "oss:*", Resource: "*" }]\n';
  const { buckets, diagnostics } = parseDesired([
    { path: "account.yaml", text: accountFile },
    { path: "_sets/tls-only.yaml", text: set },
    { path: "team.yaml", text: blocks("yaml")[1] ?? "" },
  ]);
  expect([buckets.map(({ bucket }) => bucket), diagnostics]).toEqual([["team-data", "team-logs"], []]);
  const errors = [...lintBuckets(buckets).values()].flat().filter(({ severity }) => severity === "error");
  expect(errors).toEqual([]);
});

test("the seed file of the README is a valid one", () => {
  expect(parseSeed(blocks("yaml").at(-1) ?? "", "seed.yaml")).toHaveProperty("seed");
});

test("first import, plan, apply as the README has them, in the real process", async () => {
  const policy =
    '{"Version":"1","Statement":[{"Effect":"Allow","Principal":["1"],"Action":"oss:*","Resource":"*"}]}';
  const sandbox = await sandboxWith({ buckets: [{ name: "web-1", region: "us-west-1", policy }] });
  const folder = writeTree({});
  const run = (script: string, ...words: string[]) =>
    new Promise<string>((resolve) => {
      const env = { ...environment, ...environmentOf(sandbox) };
      const child = spawn("npm", ["run", "--silent", script, "--", "--policies", folder, ...words], {
        cwd: root,
        env,
      });
      let text = "";
      child.stdout.on("data", (part: Buffer) => (text += part.toString()));
      child.on("close", (code) => resolve(`${code ?? "signal"}\n${text}`));
    });
  expect(await run("import")).toContain("Import: 1 written");
  expect(await run("validate")).toMatch(/^0\n/);
  expect(await run("plan", "--detailed-exitcode", "--bucket", "web-*")).toMatch(/^0\nPlan: 0 to create/);
  sandbox.setPolicy("web-1", undefined);
  expect(await run("plan", "--detailed-exitcode")).toMatch(/^2\n/);
  expect(await run("apply")).toContain("Apply: 1 applied.\nExit 0, success.");
});

test("the README's guardrails, expectations and accepts hold together", () => {
  const [bucket = "", account = ""] = blocks("yaml").slice(2, 4);
  const { buckets, diagnostics } = parseDesired([
    { path: "account.yaml", text: account },
    { path: "examplebucket.yaml", text: bucket },
  ]);
  const findings = buckets.flatMap((one) => [
    ...checkExpectations(one),
    ...questionFindings(one, "2026-01-01"),
    ...guardrailFindings(one, "2026-01-01"),
  ]);
  expect([buckets.length, buckets[0]?.expects.length, buckets[0]?.guardrails.length]).toEqual([1, 2, 1]);
  expect([...diagnostics, ...findings]).toEqual([]);
});
