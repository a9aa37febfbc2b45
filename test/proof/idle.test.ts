import { describe, expect, test } from "vitest";
import { runCli, writeTree } from "../support/run-cli.ts";

const account = 'account: "1746495857600001"\nregion: cn-hangzhou\n';

interface Fields {
  readonly effect?: string;
  readonly who?: string;
  readonly what?: string;
  readonly on?: string;
  readonly under?: string;
}

function line({
  effect = "Allow",
  who = '"7"',
  what = "oss:GetObject",
  on = "one/*",
  under,
}: Fields): string {
  const condition = under === undefined ? "" : `, Condition: { ${under} }`;
  return `    - { Effect: ${effect}, Principal: [${who}], Action: ["${what}"], Resource: ["acs:oss:*:*:${on}"]${condition} }\n`;
}

async function findings(...statements: readonly Fields[]): Promise<readonly string[]> {
  return findingsIn(statements.map(line).join(""));
}

async function findingsIn(statements: string): Promise<readonly string[]> {
  const text = `bucket: one\npolicy:\n  Version: "1"\n  Statement:\n${statements}`;
  const folder = writeTree({ "account.yaml": account, "one.yaml": text });
  const { stdout } = await runCli(["validate", "--policies", folder]);
  const found = [...stdout.matchAll(/one\.yaml:(\d+):\d+: .*\[(never-matches|changes-nothing)\]/g)];
  const related = [...stdout.matchAll(/shadowed here: .*one\.yaml:(\d+)/g)].map(([, at]) => `by ${at ?? ""}`);
  return [...found.map(([, at = "", code = ""]) => `${at} ${code}`), ...related];
}

const vpc = (operator: string, value: string) => `${operator}: { "acs:SourceVpc": ["${value}"] }`;

describe("statements that do nothing are found by proof", () => {
  test.each<[string, readonly Fields[], readonly string[]]>([
    ["one that a wider one holds", [{}, { on: "one/logs/*" }], ["6 changes-nothing", "by 5"]],
    [
      "an Allow under a Deny",
      [{ who: '"*"', effect: "Deny" }, { on: "one/a" }],
      ["6 changes-nothing", "by 5"],
    ],
    [
      "one that two others hold together",
      [{ under: vpc("StringEquals", "vpc-1") }, { under: vpc("StringNotEquals", "vpc-1") }, { on: "one/a" }],
      ["7 changes-nothing"],
    ],
  ])("%s", async (_, statements, expected) => {
    expect(await findings(...statements)).toEqual(expected);
  });

  test("a key that no object can have, where the finding of its rule is silenced", async () => {
    const silenced = `    # oss-policy-ignore unlikely-key: to be tried\n${line({ on: "one//x" })}`;
    expect(await findingsIn(silenced)).toEqual(["6 never-matches"]);
  });

  test.each<[string, readonly Fields[]]>([
    ["two that overlap", [{ on: "one/a*" }, { on: "one/*a" }]],
    ["a key that no object can have, which unlikely-key explains", [{ on: "one//x" }]],
    ["an Allow for another", [{}, { who: '"8"' }]],
    ["a Deny beside no Allow: RAM policies act on it", [{ effect: "Deny" }]],
    ["an Allow for everyone and one for the owner", [{ who: '"*"' }, { who: '"1746495857600001"' }]],
    [
      "what depends on an open question of OSS",
      [
        {},
        { under: `StringNotEquals: { "acs:UserAgent": ["x"] }`, who: '"8"' },
        { who: '"8"', under: `StringLike: { "acs:UserAgent": ["*"] }` },
      ],
    ],
  ])("but not: %s", async (_, statements) => {
    expect(await findings(...statements)).toEqual([]);
  });
});

test("a comment with a reason silences it, and is not said to be of no use", async () => {
  const comment = "    # oss-policy-ignore changes-nothing: kept for readers\n";
  const text = `bucket: one\npolicy:\n  Version: "1"\n  Statement:\n${line({})}${comment}${line({ on: "one/logs/*" })}`;
  const folder = writeTree({ "account.yaml": account, "one.yaml": text });
  const { stdout } = await runCli(["validate", "--policies", folder]);
  expect(stdout).not.toMatch(/changes-nothing|unused-ignore/);
});

test("the same policy of another bucket has the same findings at its own place", async () => {
  const file = (name: string) =>
    `bucket: ${name}\npolicy:\n  Version: "1"\n  Statement:\n${line({ on: `${name}/*` })}${line({ on: `${name}/logs/*` })}`;
  const folder = writeTree({
    "account.yaml": account,
    "one.yaml": file("one"),
    "two.yaml": `\n${file("two")}`,
  });
  const { stdout } = await runCli(["validate", "--policies", folder]);
  const found = [...stdout.matchAll(/(\w+\.yaml:\d+):\d+: .*\[changes-nothing\]/g)].map(([, at]) => at);
  expect(found).toEqual(["one.yaml:6", "two.yaml:7"]);
});
