import { existsSync, linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { accountFile, runCli, writeTree } from "../support/run-cli.ts";

const live = '{"Version":"1","Statement":[]}';
const files = {
  "policies/account.yaml": accountFile,
  "policies/a.yaml": "bucket: alpha-one\npolicy: none\n",
  "seed.yaml": `buckets:\n  - { name: alpha-one, region: cn-hangzhou, policy: '${live}' }\n`,
  "kept.json": "kept",
};

interface Folder {
  readonly at: (name: string) => string;
  readonly run: (...words: readonly string[]) => ReturnType<typeof runCli>;
}

function folder(): Folder {
  const root = writeTree(files);
  const at = (name: string) => join(root, name);
  const common = ["--policies", at("policies"), "--sandbox", "--seed", at("seed.yaml")];
  return { at, run: (verb = "", ...words) => runCli([verb, ...words, ...common]) };
}

/** Two names of one file that is not there yet, made in a folder. */
const spellings: readonly (readonly [string, (at: Folder["at"]) => readonly [string, string]])[] = [
  ["the same name", (at) => [at("out"), at("out")]],
  ["a dot in the path", (at) => [at("out"), `${at("")}/./out`]],
  ["a step back", (at) => [at("out"), at("policies") + "/../out"]],
  [
    "a folder by a link",
    (at) => {
      symlinkSync(at("."), at("here"));
      return [at("out"), at("here/out")];
    },
  ],
  [
    "a link to what is not there yet",
    (at) => {
      symlinkSync("out", at("link"));
      return [at("out"), at("link")];
    },
  ],
  [
    "a link to a link",
    (at) => {
      symlinkSync("out", at("one"));
      symlinkSync(at("one"), at("two"));
      return [at("two"), at("out")];
    },
  ],
  [
    "a second name of a file",
    (at) => {
      linkSync(at("kept.json"), at("again.json"));
      return [at("kept.json"), at("again.json")];
    },
  ],
  ["in a folder that is not there yet", (at) => [at("new/out"), at("new/more/../out")]],
];

describe("two outputs that are one file are an error before anything is done", () => {
  test.each(spellings)("two reports, by %s", async (_, make) => {
    const { at, run } = folder();
    const [first, second] = make(at);
    const { code, stderr } = await run("plan", "--json", first, "--markdown", second);
    expect([code, stderr]).toEqual([
      1,
      `error: --json and --markdown both write to ${second}: name two places\n`,
    ]);
    expect(existsSync(at("out")) || existsSync(at("new"))).toBe(false);
    expect(readFileSync(at("kept.json"), "utf8")).toBe("kept");
  });

  test.each(spellings)("the journal and a report, by %s", async (_, make) => {
    const { at, run } = folder();
    const [first, second] = make(at);
    const { code, stderr } = await run("apply", "--yes", "--journal", first, "--html", second);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: --html and --journal both write to /);
    expect(existsSync(at("out"))).toBe(false);
  });

  test("other files, and nowhere twice, are taken", async () => {
    const { at, run } = folder();
    expect((await run("plan", "--json", "/dev/null", "--html", "/dev/null")).code).toBe(0);
    const names = ["--json", at("r"), "--markdown", at("r.md"), "--html", at("r.html"), "--sarif", "-"];
    expect((await run("plan", ...names)).code).toBe(0);
    expect((await run("plan", ...names)).code).toBe(0);
  });
});

describe("what a run reads is not overwritten", () => {
  test("the seed", async () => {
    const { at, run } = folder();
    const { code, stderr } = await run("plan", "--json", `${at("")}/./seed.yaml`);
    expect([code, stderr]).toEqual([1, expect.stringContaining("which --seed reads")]);
    expect(readFileSync(at("seed.yaml"), "utf8")).toBe(files["seed.yaml"]);
  });

  test("but stdin is not what stdout writes", async () => {
    const words = ["access", "unused", "--policies", folder().at("policies"), "--requests", "-"];
    const { code, stdout } = await runCli([...words, "--json", "-"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ requests: { read: 0 } });
  });

  test("the saved plan", async () => {
    const { at, run } = folder();
    expect((await run("plan", "--json", at("plan.json"))).code).toBe(0);
    const saved = readFileSync(at("plan.json"), "utf8");
    symlinkSync("plan.json", at("link"));
    for (const [option, file] of [
      ["--json", at("plan.json")],
      ["--markdown", at("policies/../plan.json")],
      ["--journal", at("link")],
    ] as const) {
      const { code, stderr } = await run("apply", "--yes", "--plan", at("plan.json"), option, file);
      const problem = `error: ${option} would overwrite ${at("plan.json")}, which --plan reads: name another place\n`;
      expect([code, stderr]).toEqual([1, problem]);
    }
    expect(readFileSync(at("plan.json"), "utf8")).toBe(saved);
  });

  test("a policy that is compared", async () => {
    const { at } = folder();
    const [before, after] = [at("before.json"), at("after.json")];
    for (const file of [before, after]) writeFileSync(file, live);
    for (const file of [before, after]) {
      const { code, stderr } = await runCli(["access", "diff", before, after, "--json", file]);
      expect([code, stderr]).toEqual([1, expect.stringContaining("which access diff reads")]);
      expect(readFileSync(file, "utf8")).toBe(live);
    }
  });

  test("the journal that is restored", async () => {
    const { at, run } = folder();
    writeFileSync(at("j.jsonl"), "kept");
    const { code, stderr } = await run("restore", "--journal", at("j.jsonl"), "--json", at("j.jsonl"));
    expect([code, stderr]).toEqual([1, expect.stringContaining("which --journal reads")]);
    expect(readFileSync(at("j.jsonl"), "utf8")).toBe("kept");
  });

  test.each<[string, (at: Folder["at"]) => string]>([
    ["a policy file", (at) => at("policies/a.yaml")],
    ["one that is not there yet", (at) => at("policies/new/b.yml")],
    [
      "one by a link",
      (at) => {
        symlinkSync("policies/a.yaml", at("report"));
        return at("report");
      },
    ],
    [
      "one by a second name",
      (at) => {
        linkSync(at("policies/a.yaml"), at("report"));
        return at("report");
      },
    ],
  ])("%s", async (_, make) => {
    for (const words of [
      ["plan", "--markdown"],
      ["apply", "--yes", "--journal"],
    ]) {
      const { at, run } = folder();
      const { code, stderr } = await run(...words, make(at));
      expect([code, stderr]).toEqual([1, expect.stringContaining("which is in the policy files")]);
      expect(readFileSync(at("policies/a.yaml"), "utf8")).toBe(files["policies/a.yaml"]);
    }
  });
});

describe("a journal is a file that can be kept", () => {
  test("a dash is none", async () => {
    const { code, stderr } = await folder().run("apply", "--yes", "--journal", "-");
    expect([code, stderr]).toEqual([1, expect.stringContaining("--journal names a file")]);
    expect(existsSync("-")).toBe(false);
  });

  test.each([
    "/proc/x/j",
    "/proc/self/x/y/j",
    "/dev/null/j",
    "/dev/stdout",
    "/dev/null",
    "/proc/self/status",
  ])("%s cannot be started, and the run ends", async (file) => {
    const { code, stderr } = await folder().run("apply", "--yes", "--journal", file);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/the journal .* cannot be started \(E[A-Z]+: \//),
    ]);
  });

  test("the error is that of the operating system, with the path", async () => {
    const { at, run } = folder();
    mkdirSync(at("new"));
    writeFileSync(at("new/file"), "");
    const { stderr } = await run("apply", "--yes", "--journal", at("new/file/more/j"));
    expect(stderr).toContain(`(ENOTDIR: ${at("new/file/more")})`);
  });
});
