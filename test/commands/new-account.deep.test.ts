import { renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { deletes, file, planned, policy, reads, tree } from "../support/base-plans.ts";
import { newRepository, type Repository } from "../support/repository.ts";
import { accountFile, writeTree } from "../support/run-cli.ts";

const guardrails = `guardrails:
  - { name: nobody deletes, Principal: ["*"], Action: ["oss:Delete*"], Resource: ["*"] }
`;
const guarded = `${accountFile}${guardrails}`;
const other = 'account: "1746495857600002"\nregion: cn-hangzhou\n';
const logs = "bucket: logs\npolicy: none\n";
const ofOther = file(deletes).replaceAll("1746495857600001", "1746495857600002");
const fileOfLogs = ofOther.replaceAll("data", "logs");
const logsOfFirst = file(deletes).replaceAll("data", "logs");

type Planned = Awaited<ReturnType<typeof planned>>;

function hazardsOf({ document }: Planned, bucket: string) {
  return document.changes.find((change) => change.bucket === bucket)?.hazards ?? [];
}

function expectHeld(result: Planned, bucket: string, account: string): void {
  const codes = hazardsOf(result, bucket).map(({ code }) => code);
  expect([result.code, codes]).toEqual([3, expect.arrayContaining(["new-account"])]);
  expect(result.stdout).toContain(`\`--accept new-account@${account}\` consents to that for one run`);
}

describe("a bucket of an account that the base does not have is blocked", () => {
  const changes: readonly [
    string,
    Readonly<Record<string, string | null>>,
    Readonly<Record<string, string>>,
  ][] = [
    [
      "in a folder of its own",
      tree(file(reads), { "policies/account.yaml": guarded }),
      { "policies/sub/account.yaml": other, "policies/sub/logs.yaml": fileOfLogs },
    ],
    [
      "in the folder of the account that was there, whose UID is another now",
      { "policies/account.yaml": guarded, "policies/gone.yaml": "bucket: gone\npolicy: none\n" },
      { "policies/account.yaml": other, "policies/logs.yaml": fileOfLogs },
    ],
    [
      "beside an account.yaml of the base that is broken",
      { "policies/account.yaml": "account: [\n", "policies/gone.yaml": "bucket: gone\npolicy: none\n" },
      { "policies/account.yaml": other, "policies/logs.yaml": fileOfLogs },
    ],
    [
      "beside an account.yaml of the base that names no account",
      {
        "policies/account.yaml": "region: cn-hangzhou\n",
        "policies/gone.yaml": "bucket: gone\npolicy: none\n",
      },
      { "policies/account.yaml": other, "policies/logs.yaml": fileOfLogs },
    ],
    [
      "in another tree, with its UID or another one",
      tree(file(reads), { "policies/account.yaml": guarded }),
      { "oss/account.yaml": other, "oss/logs.yaml": fileOfLogs },
    ],
    [
      "in a copy of the tree",
      tree(file(reads), { "policies/account.yaml": guarded }),
      { "oss/account.yaml": other, "oss/logs.yaml": fileOfLogs, "policies/account.yaml": guarded },
    ],
  ];

  test.each(changes)("%s", async (_, before, after) => {
    const repository = newRepository(before as Readonly<Record<string, string>>);
    if ("policies/gone.yaml" in before) repository.write({ "policies/gone.yaml": null });
    repository.write(after);
    const policies = "oss/account.yaml" in after ? "oss" : "policies";
    const only = ["--account", "1746495857600002"];
    expectHeld(await planned({ repository, policies, words: only }), "logs", "1746495857600002");
    const words = [...only, "--accept", "new-account@1746495857600002"];
    const accepted = await planned({ repository, policies, words });
    const found = hazardsOf(accepted, "logs").find(({ code }) => code === "new-account");
    expect(found?.accepted).toBe("for this run, by --accept");
  });

  test("and written only with the consent", async () => {
    const repository = newRepository(tree(file(reads), { "policies/account.yaml": accountFile }));
    repository.write({ "policies/sub/account.yaml": other, "policies/sub/logs.yaml": fileOfLogs });
    const only = ["--account", "1746495857600002"];
    const held = await planned({ repository, verb: "apply", words: only });
    expect([held.code, held.sandbox.policyOf("logs")]).toEqual([3, undefined]);
    const words = [...only, "--accept", "new-account@1746495857600002"];
    const applied = await planned({ repository, verb: "apply", words, account: "1746495857600002" });
    expect([applied.code, applied.sandbox.policyOf("logs")]).toEqual([0, expect.stringContaining("Delete")]);
  });

  test("no file can consent to it", async () => {
    const repository = newRepository(tree(file(reads), { "policies/account.yaml": guarded }));
    const accept = "accept: [{ hazard: new-account, reason: x }]\n";
    repository.write({
      "policies/sub/account.yaml": other,
      "policies/sub/logs.yaml": `${fileOfLogs}${accept}`,
    });
    expect((await planned({ repository })).code).toBe(1);
  });

  test("a bucket that had a file goes to no other account, but to a new one by consent", async () => {
    const repository = newRepository(tree(file(reads), { "policies/account.yaml": guarded }));
    repository.write({ "policies/account.yaml": other, "policies/data.yaml": ofOther });
    const refused = await planned({ repository, live: policy(reads) });
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringMatching(
        /is of account 1746495857600001 at HEAD[^]*`--accept new-account@1746495857600002`/,
      ),
    ]);
    const words = ["--accept", "new-account@1746495857600002"];
    const accepted = await planned({ repository, live: policy(reads), words });
    expect([accepted.code, accepted.hazards]).toEqual([3, expect.arrayContaining(["guardrail-broken"])]);
  });

  test("a first tree has no guard to lose", async () => {
    const repository = newRepository({ "README.md": "x\n", "chart/account.yaml": "name: x\n" });
    repository.write(tree(file(reads)));
    const { code, stderr } = await planned({ repository });
    expect([code, stderr]).toEqual([0, expect.stringContaining("there are no policy files in `policies`")]);
  });
});

describe("an account.yaml of the base that has an error holds the buckets of its account back", () => {
  const second = { "policies/account.yml": accountFile };
  const errors: readonly [string, string, Readonly<Record<string, string>>][] = [
    ["a key that is not known", `${guarded}wrong: 1\n`, {}],
    ["a key twice", `${guarded}region: cn-beijing\n`, {}],
    ["YAML that is cut off", `${guarded}operators: [\n`, {}],
    ["a guardrail without a name", guarded.replace("name: nobody deletes, ", ""), {}],
    ["an operator that is not known", `${guarded}operators: [nobody-known]\n`, {}],
    ["a limit of no number", `${guarded}limits: { change: { count: many } }\n`, {}],
    ["a variable with a name that is taken", `${guarded}vars: { bucket: x }\n`, {}],
    ["a second one in its folder", guarded, second],
    ["a second one of its UID", guarded, { "policies/sub/account.yaml": accountFile }],
  ];

  test.each(errors)("%s", async (_, account, more) => {
    const repository = newRepository(tree(file(reads), { "policies/account.yaml": account, ...more }));
    const gone = Object.fromEntries(Object.keys(more).map((path) => [path, null]));
    repository.write({ ...gone, ...tree(file(deletes)), "policies/logs.yaml": logsOfFirst });
    const { code, document, stderr } = await planned({ repository, live: policy(reads) });
    const isHeld = document.changes.length > 0 && document.changes.every(({ blocked }) => blocked);
    expect([code, isHeld, stderr]).toEqual([3, true, expect.stringContaining("have errors")]);
  });

  test.each([
    ["names no identity", guarded.replace('Principal: ["*"]', 'Principal: ["nobody-known"]')],
    ["has an unknown variable", guarded.replace("oss:Delete*", "${none}")],
  ])("a guardrail that %s is an error, and nothing is written", async (_, broken) => {
    const repository = newRepository(tree(file(reads), { "policies/account.yaml": broken }));
    repository.write({ ...tree(file(deletes)), "policies/logs.yaml": logsOfFirst });
    const { code, stderr, sandbox } = await planned({ repository, verb: "apply", live: policy(reads) });
    expect([code, sandbox.policyOf("data"), sandbox.policyOf("logs")]).toEqual([1, policy(reads), undefined]);
    expect(stderr).toContain("policies/account.yaml:4:");
  });

  test("unless the run consents to it, and says where the error is", async () => {
    const broken = `${guarded}vars: { bucket: x }\n`;
    const repository = newRepository(tree(file(reads), { "policies/account.yaml": broken }));
    repository.write(tree(file(deletes)));
    const held = await planned({ repository, verb: "apply", live: policy(reads) });
    expectHeld(held, "data", "1746495857600001");
    expect(held.stdout).toMatch(
      /account 1746495857600001 has an error at HEAD \(policies\/account\.yaml:5: /,
    );
    expect(held.sandbox.policyOf("data")).toBe(policy(reads));
    const words = ["--accept", "new-account@1746495857600001"];
    const accepted = await planned({ repository, live: policy(reads), words });
    const found = hazardsOf(accepted, "data").find(({ code }) => code === "new-account");
    expect(found?.accepted).toBe("for this run, by --accept");
    expect(accepted.hazards).toContain("guardrail-broken");
  });

  test("and an error in a bucket file leaves its guards in force", async () => {
    const repository = newRepository(
      tree(file(reads), { "policies/account.yaml": guarded, "policies/logs.yaml": "bucket: logs\n" }),
    );
    repository.write({ ...tree(file(deletes)), "policies/logs.yaml": logs });
    const { code, hazards } = await planned({ repository, live: policy(reads) });
    expect([code, hazards.includes("guardrail-broken"), hazards.includes("new-account")]).toEqual([
      3,
      true,
      false,
    ]);
  });
});

describe("a consent that means nothing is refused", () => {
  test.each([
    ["new-acount@1746495857600001", "did you mean `new-account`?"],
    ["new-account", "names no account"],
    ["new-account@", "names no account"],
    ["new-account@1746495857600003", "did you mean `1746495857600001`?"],
    ["new-account@data", "allowed here: `1746495857600001`"],
    ["new-account@1746495857600001", "names an account that is not new since HEAD"],
  ])("%s", async (accept, message) => {
    const repository = newRepository(tree(file(reads)));
    const { code, stderr, sandbox } = await planned({ repository, words: ["--accept", accept] });
    expect([code, stderr, sandbox.requests]).toEqual([1, expect.stringContaining(message), []]);
  });
});

/** Moves as `git mv` does, and commits. */
function move(repository: Repository, from: string, to: string): void {
  repository.git("mv", from, to);
  repository.commit({});
}

describe("what is moved keeps its guards", () => {
  const weakened = (folder: string) => ({
    [`${folder}/account.yaml`]: accountFile,
    [`${folder}/data.yaml`]: file(deletes),
  });

  test.each([
    ["the tree", "policies", "oss", "oss", "oss"],
    ["the tree into a folder", "policies", "a/b/oss", "a/b/oss", "a/b/oss"],
    ["the tree to a hidden folder", "policies", ".oss", ".oss", ".oss"],
  ])("%s", async (_, from, to, policies, folder) => {
    const repository = newRepository(tree(file(reads), { "policies/account.yaml": guarded, "a/b/x": "x\n" }));
    move(repository, from, to);
    const moved = await planned({ repository, policies, base: "HEAD^", live: policy(reads) });
    expect([moved.code, moved.change?.cause, moved.document.loosened]).toEqual([0, "none", []]);
    expect(moved.document.abandoned).toEqual([]);
    repository.write(weakened(folder));
    const { code, hazards, document } = await planned({
      repository,
      policies,
      base: "HEAD^",
      live: policy(reads),
    });
    expect([code, hazards]).toEqual([3, expect.arrayContaining(["guardrail-broken"])]);
    expect(document.loosened?.map(({ message }) => message)).toEqual(["guardrail `nobody deletes` is gone"]);
  });

  test("the folder of an account, inside of the tree and out of it", async () => {
    const before = { "policies/a/account.yaml": guarded, "policies/a/data.yaml": file(reads) };
    for (const [to, policies] of [
      ["policies/b", "policies"],
      ["team", "team"],
    ] as const) {
      const repository = newRepository(before);
      move(repository, "policies/a", to);
      repository.write(weakened(to));
      const { code, hazards } = await planned({ repository, policies, base: "HEAD^", live: policy(reads) });
      expect([code, hazards]).toEqual([3, expect.arrayContaining(["guardrail-broken"])]);
    }
  });

  test("the tree to the top of the checkout, and from there", async () => {
    const repository = newRepository({ "account.yaml": guarded, "data.yaml": file(reads) });
    repository.write({ "account.yaml": null, "data.yaml": null, ...weakened("policies") });
    const down = await planned({ repository, live: policy(reads) });
    expect([down.code, down.hazards]).toEqual([3, expect.arrayContaining(["guardrail-broken"])]);
    const back = newRepository(tree(file(reads), { "policies/account.yaml": guarded }));
    back.write({ "policies/account.yaml": null, "policies/data.yaml": null });
    back.write({ "account.yaml": accountFile, "data.yaml": file(deletes) });
    const up = await planned({ repository: back, policies: ".", live: policy(reads) });
    expect([up.code, up.hazards]).toEqual([3, expect.arrayContaining(["guardrail-broken"])]);
  });

  test("with another UID, or with a file left where it was, it is blocked", async () => {
    for (const account of [other, accountFile]) {
      const repository = newRepository(tree(file(reads), { "policies/account.yaml": guarded }));
      const uid = account === other ? "1746495857600002" : "1746495857600001";
      if (account === other) repository.write({ "policies/account.yaml": null });
      repository.write({
        "policies/data.yaml": null,
        "oss/account.yaml": account,
        "oss/data.yaml": account === other ? ofOther : file(deletes),
      });
      expectHeld(await planned({ repository, policies: "oss", live: policy(reads) }), "data", uid);
    }
  });

  test("beside another tree of the same account, which may have weaker guards, it is blocked", async () => {
    const repository = newRepository(
      tree(file(reads), {
        "policies/account.yaml": guarded,
        "lab/account.yaml": accountFile,
        "lab/logs.yaml": logs,
      }),
    );
    repository.git("mv", "lab", "oss");
    repository.write({ "oss/data.yaml": file(deletes) });
    const held = await planned({ repository, policies: "oss", live: policy(reads) });
    expectHeld(held, "data", "1746495857600001");
  });

  test("an account.yaml that was a link, or broken, counts as one that judged", async () => {
    const linked = newRepository(tree(file(reads), { "policies/own.txt": guarded }));
    linked.write({ "policies/account.yaml": null });
    symlinkSync("own.txt", join(linked.folder, "policies/account.yaml"));
    const broken = newRepository(tree(file(reads), { "policies/account.yaml": "account: [\n" }));
    for (const repository of [linked, broken]) {
      repository.commit({});
      renameSync(join(repository.folder, "policies"), join(writeTree({}), "policies"));
      repository.write(weakened("oss"));
      const result = await planned({ repository, policies: "oss", live: policy(reads) });
      expectHeld(result, "data", "1746495857600001");
    }
  });

  test("what the files asked for, and their history, are found there too", async () => {
    const repository = newRepository(tree(file(reads, deletes), { "policies/logs.yaml": logs }));
    repository.commit({ "policies/data.yaml": file(reads) });
    move(repository, "policies", "oss");
    const live = policy(reads, deletes);
    const { hazards, change } = await planned({ repository, policies: "oss", base: "HEAD^", live });
    expect([change?.cause, hazards.includes("overwrites-foreign-statements")]).toEqual(["drift", false]);
  });
});
