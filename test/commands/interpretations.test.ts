import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { inFolder, planned } from "../support/base-plans.ts";
import { newRepository } from "../support/repository.ts";
import { accountFile, environmentOf, runCli, writeTree } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";

const account = `${accountFile}interpretations: interpretations.yaml\n`;

/** A file as `conformance` writes it. */
function observations(
  observed: Readonly<Record<string, string>> = { namedRegion: "never matches" },
  more = "",
): string {
  const settled = Object.entries(observed).map(([name, position]) => `  ${name}: ${position}\n`);
  return `version: "1"
date: "2026-11-28"
region: cn-hangzhou
account: "1746495857600001"
bucket: scratch
tool: 0.1.0
observed:${settled.length === 0 ? " {}" : ""}
${settled.join("")}${more}`;
}

const inRegion = `bucket: data
policy:
  Version: "1"
  Statement:
    - { Effect: Allow, Principal: "*", Action: "oss:GetObject", Resource: "acs:oss:cn-hangzhou:*:data/*" }
`;

function tree(more: Readonly<Record<string, string>> = {}): string {
  return writeTree({
    "account.yaml": account,
    "interpretations.yaml": observations(),
    "data.yaml": inRegion,
    ...more,
  });
}

/** Returns the findings as `FILE:LINE:COLUMN: SEVERITY: MESSAGE`. */
async function findings(folder: string): Promise<readonly string[]> {
  const { stdout } = await runCli(["validate", "--policies", folder]);
  return stdout
    .replaceAll(`${folder}/`, "")
    .split("\n")
    .filter((line) => line.endsWith("[interpretations]") || /^(?!data).*error:/.test(line));
}

describe("validate", () => {
  test("says what is in force, and for which buckets", async () => {
    expect(await findings(tree())).toEqual([
      "account.yaml:3:18: note: 1 of 13 open questions are decided as observed in cn-hangzhou on 2026-11-28, for buckets of every region [interpretations]",
    ]);
  });

  // It would decide by what our own sandbox does.
  test("refuses a file that was observed on this machine, and decides nothing by it", async () => {
    const folder = tree({
      "interpretations.yaml": observations(undefined, "endpoint: http://127.0.0.1:9000\n"),
    });
    const [first = ""] = await findings(folder);
    expect(first).toContain(
      "account.yaml:3:18: error: `interpretations.yaml` has what the server http://127.0.0.1:9000",
    );
    const question = ["access", "can", "anonymous", "oss:GetObject", "data/x"];
    const { stdout } = await runCli([...question, "--policies", folder]);
    expect(stdout).not.toContain("observed");
  });

  test.each<[string, Readonly<Record<string, string>>, string]>([
    [
      "an unknown question, with the one that is meant",
      { "interpretations.yaml": observations({ namedRegoin: "matches" }) },
      "interpretations.yaml:8:3: error: `namedRegoin` is not an open question [interpretations]",
    ],
    [
      "an unknown position",
      { "interpretations.yaml": observations({ namedRegion: "match" }) },
      "interpretations.yaml:8:16: error: `match` is not a position of `namedRegion` [interpretations]",
    ],
    [
      "a position of another question",
      { "interpretations.yaml": observations({ absentKey: "counts" }) },
      "interpretations.yaml:8:14: error: `counts` is not a position of `absentKey` [interpretations]",
    ],
    [
      "a day that is none",
      { "interpretations.yaml": observations().replace("11-28", "02-30") },
      "interpretations.yaml:2:7: error: `2026-02-30` is not a day [interpretations]",
    ],
    [
      "a date of another form",
      { "interpretations.yaml": observations().replace("2026-11-28", "28 Nov 2026") },
      "interpretations.yaml:2:7: error: `date`: date is a day such as 2026-11-28 [wrong-value]",
    ],
    [
      "a version of another tool",
      { "interpretations.yaml": observations().replace('version: "1"', 'version: "2"') },
      'interpretations.yaml:1:10: error: `version`: the version of the file is `"1"`, in quotes [wrong-value]',
    ],
    [
      "a question that is settled and is not",
      { "interpretations.yaml": observations({ absentKey: "fails" }, "unsettled:\n  absentKey: no user\n") },
      "interpretations.yaml:8:3: error: `absentKey` is both observed and unsettled [interpretations]",
    ],
    [
      "a file that is missing",
      {
        "account.yaml": `${accountFile}interpretations: other.interpretations.yaml\n`,
      },
      "account.yaml:3:18: error: `other.interpretations.yaml` does not exist [interpretations]",
    ],
    [
      "a file outside of the folder",
      { "account.yaml": `${accountFile}interpretations: ../interpretations.yaml\n` },
      "account.yaml:3:18: error: `interpretations`: not `interpretations.yaml` or `NAME.interpretations.yaml`, a file beside account.yaml [wrong-value]",
    ],
    [
      "an absolute path",
      { "account.yaml": `${accountFile}interpretations: /etc/interpretations.yaml\n` },
      "account.yaml:3:18: error: `interpretations`: not `interpretations.yaml` or `NAME.interpretations.yaml`, a file beside account.yaml [wrong-value]",
    ],
    [
      "a key of a bucket file in it",
      { "interpretations.yaml": `${observations()}policy: none\n` },
      "interpretations.yaml:9:1: error: `policy` is not a key of this file [unknown-key]",
    ],
  ])("names %s once, at its place", async (_, files, message) => {
    const folder = tree(files);
    expect((await findings(folder)).filter((line) => !line.includes("warning:"))).toEqual([
      message,
      expect.stringMatching(/^Exit 1, error: 1 error finding/) as string,
    ]);
  });

  test("warns of a file that no account names", async () => {
    expect(await findings(tree({ "account.yaml": accountFile }))).toEqual([
      "interpretations.yaml:1:1: warning: no account.yaml beside it names this file, so it has no effect [interpretations]",
    ]);
  });
});

describe("access", () => {
  test("public access that an observation rules out is none, and access can says why", async () => {
    const folder = tree();
    const open = await runCli(["access", "public", "--policies", tree({ "account.yaml": accountFile })]);
    expect(open.stdout).toContain("only if a Resource with a region other than `*` matches");
    const can = await runCli(["access", "can", "2", "oss:GetObject", "data/x", "--policies", folder]);
    expect(can.stdout).toContain(
      "  since a Resource with a region other than `*` never matches (observed in cn-hangzhou on 2026-11-28)",
    );
    expect(can.stdout).toMatch(/^no: /);
    const json = join(folder, "out.json");
    const matrix = await runCli(["access", "matrix", "--policies", folder, "--json", json]);
    expect(matrix.stdout).toContain("as observed");
  });
});

describe("a plan against a base", () => {
  const files = (policies: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(policies).map(([name, text]) => [`policies/${name}`, text]));
  const base = {
    "account.yaml": account,
    "interpretations.yaml": observations(),
    "data.yaml": "bucket: data\npolicy: none\n",
  };

  test("what both revisions observed decides, and says so in text and JSON", async () => {
    const repository = newRepository(files(base));
    repository.write(files({ "data.yaml": inRegion }));
    const { stdout, hazards, change, document } = await planned({ repository });
    expect(hazards).not.toContain("grants-public-access");
    expect(document.loosened).toEqual([]);
    expect(stdout).toContain(
      "This rests on what was observed: a Resource with a region other than `*` never matches (observed in cn-hangzhou on 2026-11-28)",
    );
    expect(JSON.stringify(change)).toContain(
      '"observed":[{"name":"namedRegion","position":"never matches","observed":{"region":"cn-hangzhou","date":"2026-11-28"}}]',
    );
  });

  // A pull request could otherwise bring a file that settles what blocks it.
  test.each<[string, Readonly<Record<string, string>>, Readonly<Record<string, string>>, string]>([
    [
      "settles a question",
      { ...base, "interpretations.yaml": observations({}) },
      { "interpretations.yaml": observations() },
      "the open question `namedRegion` is settled as `never matches`, and was open",
    ],
    [
      "settles it otherwise",
      { ...base, "interpretations.yaml": observations({ namedRegion: "matches" }) },
      { "interpretations.yaml": observations() },
      "the open question `namedRegion` is settled as `never matches`, and was `matches`",
    ],
    [
      // The base alone would decide that nothing is granted.
      "no longer rules out what it grants",
      base,
      { "interpretations.yaml": observations({ namedRegion: "matches" }) },
      "the open question `namedRegion` is settled as `matches`, and was `never matches`",
    ],
    [
      "names a file",
      { "account.yaml": accountFile, "data.yaml": base["data.yaml"] },
      { "account.yaml": account, "interpretations.yaml": observations() },
      "the open question `namedRegion` is settled as `never matches`, and was open",
    ],
  ])("a revision that %s decides nothing by it, and is listed", async (_, before, after, message) => {
    const repository = newRepository(files(before));
    repository.write(files({ ...after, "data.yaml": inRegion }));
    const { code, hazards, document } = await planned({ repository });
    expect(document.loosened?.map((one) => one.message)).toEqual([message]);
    expect([code, hazards.includes("grants-public-access")]).toEqual([3, true]);
  });

  test("a revision that settles less is not listed, and has the question open", async () => {
    const repository = newRepository(files(base));
    repository.write(files({ "interpretations.yaml": observations({}), "data.yaml": inRegion }));
    const { hazards, document } = await planned({ repository });
    expect([document.loosened, hazards.includes("grants-public-access")]).toEqual([[], true]);
  });

  test("an account that is new brings no observation of its own", async () => {
    const repository = newRepository({ "README.md": "nothing yet\n" });
    repository.write(files({ ...base, "data.yaml": inRegion }));
    const { hazards } = await planned({ repository });
    expect(hazards).toContain("grants-public-access");
  });
});

test("a file of interpretations is no bucket: plan and apply pass over it", async () => {
  const sandbox = await sandboxWith({ buckets: [{ name: "data", region: "cn-hangzhou" }] });
  const folder = tree();
  const run = await inFolder(folder, () =>
    runCli(["plan", "--policies", "."], { env: environmentOf(sandbox) }),
  );
  expect(run.stdout).toContain("Plan: 1 to create");
});
