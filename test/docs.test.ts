import { spawnSync } from "node:child_process";
import { cpSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { parseDesired } from "../src/desired/desired.ts";
import { questionFindings } from "../src/proof/guardrails.ts";
import { parseSeed, type Seed } from "../src/sandbox/seed/seed.ts";
import { filesOf, pages, root, wordsOf, type Page } from "./support/pages.ts";
import { newRepository } from "./support/repository.ts";
import { accountFile, environmentOf, runCli, type CliResult } from "./support/run-cli.ts";
import { sandboxWith } from "./support/store.ts";

/** Commands that this test does not run, each with the reason. */
const notRun: readonly (readonly [command: RegExp, reason: string])[] = [
  [/^npm ci( && npm (run demo|test))?$/, "a fresh checkout is installed, tried and tested by .ci/run"],
  [/^npm install --save-dev /, "needs a network and a published repository"],
  [/^npm (test|run test:deep|run check|run format|run build)\b/, "runs for minutes; .ci/run runs them"],
  [/^npm run (bench|pictures|simulate|soak)\b/, "runs for minutes or needs a browser"],
  [/^npx vitest run /, "runs a test from within a test; docs-names.test.ts checks that its file exists"],
  [/^OSS_POLICY_SEED=\S+ npx vitest run /, "the same"],
  [
    /^(git (tag|push)|npm (version|pkg|pack)) /,
    "changes the repository, or builds in it; test/workflows/release.deep.test.ts",
  ],
  [/^docker /, "needs a daemon and a registry; test/package/image.deep.test.ts follows the Dockerfile"],
  [/^export OSS_/, "sets variables of a shell"],
  [/--(profile|ecs-role) /, "needs a profile or an instance: test/commands/credentials.test.ts"],
  [/^npx oss-policy watch /, "serves until it is stopped: test/commands/watch/ starts it"],
  [/^npx oss-policy sandbox /, "serves until it is stopped: test/sandbox/admin.test.ts starts it"],
  [/^git commit /, "test/edit/leaked-key.deep.test.ts commits between these commands"],
  [/^kubectl /, "needs a cluster; test/deploy/shards.deep.test.ts runs what the Jobs run"],
  [/^curl -X PUT /, "needs that server: test/sandbox/admin.test.ts makes this call"],
  [/^curl -si /, "needs that server: test/commands/sandbox.test.ts reads this header"],
  [/--endpoint '?https:/, "connects to OSS"],
];

/** Values of the variables that the pages use. */
const variables: Readonly<Record<string, string>> = { BASE: "origin/main" };

/** No credentials of whoever runs the tests, and none of npm's own settings. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_|OSS_|ALIBABA_|CI$|FORCE_COLOR)/i.test(name)),
);

const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};

/** The commands of a page that a reader is to type, by section, in their order. */
function commandsOf({ fences }: Page): ReadonlyMap<string, readonly string[]> {
  const commands = new Map<string, readonly string[]>();
  for (const { language, text, section } of fences) {
    if (language !== "sh") continue;
    commands.set(section, [...(commands.get(section) ?? []), ...text.trim().split("\n")]);
  }
  return commands;
}

/** A git repository that holds the files of a page, and the example policies where the page shows no others and makes none. */
function worldOf(page: Page): string {
  const repository = newRepository();
  const files = filesOf(page);
  const startsEmpty = page.fences.some(({ text }) => text.includes("oss-policy init "));
  if (!startsEmpty && ![...files.keys()].some((path) => path.startsWith("policies/")))
    cpSync(join(root, "policies"), join(repository.folder, "policies"), { recursive: true });
  repository.commit(Object.fromEntries(files));
  // As after a merge: the revision before it asks for the same.
  repository.commit({});
  repository.git("update-ref", "refs/remotes/origin/main", "HEAD");
  return repository.folder;
}

/** What OSS holds: the buckets of the seed file of the page, and those of its policy files with or without their policy. */
function seedOf(page: Page, folder: string, isApplied: boolean): Pick<Seed, "buckets"> {
  const files = filesOf(page);
  const seed = files.get("seed.yaml");
  const parsed = seed === undefined ? undefined : parseSeed(seed, "seed.yaml");
  const seeded = parsed !== undefined && "seed" in parsed ? parsed.seed.buckets : [];
  const trees = new Set([...files.keys(), "policies/x"].map((path) => path.split("/")[0] ?? ""));
  const others = [...trees].flatMap((tree) =>
    desiredIn(folder, tree, files, isApplied && seed === undefined),
  );
  return { buckets: [...new Map([...others, ...seeded].map((one) => [one.name, one])).values()] };
}

function desiredIn(
  folder: string,
  tree: string,
  shown: ReadonlyMap<string, string>,
  isApplied: boolean,
): Seed["buckets"] {
  const names = ["account", "audit-logs", "examplebucket", "finance-reports", "old-exports", "web-assets"];
  const paths = [...shown.keys(), ...names.map((name) => `policies/${name}.yaml`)];
  const files = [...new Set(paths)]
    .filter((path) => path.startsWith(`${tree}/`) && existsSync(join(folder, path)))
    .map((path) => ({ path, text: readFileSync(join(folder, path), "utf8") }));
  return parseDesired(files).buckets.map(({ bucket, region, policy }) => ({
    name: bucket,
    region,
    ...(isApplied && policy.kind === "policy" ? { policy: policy.text } : {}),
  }));
}

/** One command line of the tool, however it is called; undefined for any other command. */
async function runTool(
  command: string,
  folder: string,
  cloud: Readonly<Record<string, string>>,
): Promise<CliResult | undefined> {
  const [call = "", read] = (command.split(/ +# /)[0] ?? "").split(/ +< +/);
  const input = read === undefined ? "" : readFileSync(join(folder, read.trim()), "utf8");
  const words = wordsOf(call.replaceAll(/\$(\w+)/g, (whole, name: string) => variables[name] ?? whole));
  const [program, second = "", third = "", ...others] = words;
  if (program === "npx" && second === "oss-policy")
    return runCli([third, ...others], { folder, env: cloud, input });
  const script = /^node dist\/cli\.js (\w+)$/.exec(scripts[third] ?? "")?.[1];
  if (program !== "npm" || second !== "run" || script === undefined) return undefined;
  return runCli([script, ...others.filter((word) => word !== "--")], { folder, env: cloud });
}

/** The exit codes that the comment behind a command allows, such as `# exits with 2 if changes are pending`. */
function expectedCodes(command: string): readonly number[] {
  const [, code, condition] = /# .*\bexits with (\d)( if )?/.exec(command) ?? [];
  return code === undefined ? [0] : condition === undefined ? [Number(code)] : [0, Number(code)];
}

describe.each(pages.map((page) => [page.path, page] as const))("%s", (_, page) => {
  const shown = page.fences.filter(({ language }) => language === "console");

  test.skipIf(shown.length === 0)("shows what the tool prints", async () => {
    const world = worldOf(page);
    for (const { text } of shown) {
      const command = /^\$ (.*)/.exec(text)?.[1] ?? "";
      const folder = command.includes("test/") ? root : world;
      const ran = command === "npm run demo" ? demo() : await runTool(command, folder, {});
      expect(ran?.stdout.replace(/^\n+/, "").trimEnd(), command).toMatch(
        patternOf(text.split("\n").slice(1).join("\n")),
      );
    }
  });

  const commands = commandsOf(page);
  test.skipIf(commands.size === 0).each([...commands])("the commands of %s work", async (_, lines) => {
    const folder = worldOf(page);
    // What is restored must have been written before.
    const isApplied = !lines.some((line) => line.includes("oss-policy restore "));
    const sandbox = await sandboxWith(seedOf(page, folder, isApplied));
    for (const line of lines) {
      if (notRun.some(([command]) => command.test(line))) continue;
      const ran = await runTool(line, folder, environmentOf(sandbox));
      expect(
        ran,
        `${line}: it is neither a call of the tool nor in the list of commands that are not run`,
      ).toBeDefined();
      expect(expectedCodes(line), `${line}\n${ran?.stdout ?? ""}${ran?.stderr ?? ""}`).toContain(ran?.code);
    }
  });

  test("shows policy files that are valid", async () => {
    const files = filesOf(page);
    const trees = new Set(
      [...files.keys()].filter((path) => path.includes("/")).map((path) => path.split("/")[0]),
    );
    const outputs = shown.map(({ text }) => text).join("");
    const folder = worldOf(page);
    for (const tree of trees) {
      if (outputs.includes(`validate --policies ${tree ?? ""}`)) continue;
      const { stdout } = await runCli(["validate", "--policies", tree ?? ""], { folder });
      expect(stdout, tree).toMatch(/Validate: \d+ buckets?, 0 errors, 0 warnings/);
    }
    for (const { language, text } of page.fences) {
      if (language !== "yaml") continue;
      expect(() => parse(text) as unknown, text).not.toThrow();
      if (!text.startsWith("bucket")) continue;
      const { buckets, diagnostics } = parseDesired([
        { path: "account.yaml", text: accountFile },
        { path: "bucket.yaml", text },
      ]);
      const findings = buckets.flatMap((bucket) => questionFindings(bucket, "2026-01-01"));
      expect([buckets.length, ...diagnostics, ...findings], text).toEqual([1]);
    }
  });
});

/** Output in which a line `...` stands for any lines. */
function patternOf(shown: string): RegExp {
  const [first = "", ...parts] = shown
    .split(/^\.\.\.$/m)
    .map((part) => part.replaceAll(/^\n+|\n+$/g, "").replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const rest = parts.map((part) => (part === "" ? "(?:\n.*)*" : `(?:\n.*)*\n${part}`)).join("");
  return new RegExp(first === "" ? `^${rest.replace("(?:\n.*)*\n", "(?:.*\n)*")}$` : `^${first}${rest}$`);
}

/** In a process of its own, as a newcomer runs it. */
function demo(): CliResult {
  const { status, stdout, stderr } = spawnSync("npm", ["run", "--silent", "demo"], {
    cwd: root,
    env,
    encoding: "utf8",
  });
  return { code: status ?? 1, stdout, stderr };
}

test("the README has the set-up commands, each in a block of its own", () => {
  const readme = pages.find(({ path }) => path === "README.md");
  const blocks = readme?.fences.filter(({ language }) => language === "sh").map(({ text }) => text);
  expect(blocks).toEqual(expect.arrayContaining(["npm ci && npm run demo\n", "npm ci && npm test\n"]));
});

test("the bucket file of the README is the one in policies/", () => {
  const readme = pages.find(({ path }) => path === "README.md");
  const [text] =
    readme?.fences.filter(({ language }) => language === "yaml").map((fence) => fence.text) ?? [];
  const example = readFileSync(join(root, "policies/examplebucket.yaml"), "utf8");
  expect(text).toBe(example.replaceAll(/^#.*\n/gm, ""));
});

test.each(pages.map((page) => [page.path, page] as const))("the seed files of %s are valid", (_, page) => {
  for (const [path, text] of filesOf(page))
    if (/^seed[^/]*\.yaml$/.test(path)) expect(parseSeed(text, path)).toHaveProperty("seed");
});
