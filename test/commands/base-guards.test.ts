import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  deletes,
  file,
  guard,
  inFolder,
  planned,
  policy,
  reads,
  statement,
  tree,
  writes,
} from "../support/base-plans.ts";
import { newRepository, repositoryIn, type Repository } from "../support/repository.ts";
import { accountFile, environmentOf, runCli, writeTree } from "../support/run-cli.ts";

describe("the guards of both revisions", () => {
  const guarded = `${accountFile}guardrails:
  - { name: nobody deletes, Principal: ["*"], Action: ["oss:Delete*"], Resource: ["*"] }
operators: [{ principal: "7" }]
`;

  test("a revision cannot remove the guardrail that it breaks", async () => {
    const repository = newRepository({ ...tree(file(reads)), "policies/account.yaml": guarded });
    repository.write({ "policies/account.yaml": accountFile, "policies/data.yaml": file(reads, deletes) });
    const { code, hazards, document, stdout, stderr } = await planned({ repository, live: policy(reads) });
    expect([code, hazards.includes("guardrail-broken")]).toEqual([3, true]);
    expect(document.loosened?.map(({ message }) => message)).toEqual([
      "guardrail `nobody deletes` is gone",
      "operator `7` is gone",
    ]);
    expect(stdout.indexOf("guardrail `nobody deletes` is gone")).toBeLessThan(stdout.indexOf("update data"));
    expect(stderr).not.toContain("internal");
  });

  test("nor the operator whom it locks out", async () => {
    const repository = newRepository({ ...tree(file(reads)), "policies/account.yaml": guarded });
    const lockout = `{"Effect":"Deny","Principal":["7"],"Action":["oss:*"],"Resource":["acs:oss:*:1746495857600001:data"]}`;
    repository.write({
      "policies/account.yaml": accountFile,
      "policies/data.yaml": `bucket: data\npolicy: {"Version":"1","Statement":[${statement()},${lockout}]}\n`,
    });
    const { code, hazards } = await planned({ repository, live: policy(reads) });
    expect([code, hazards.includes("locks-out-operator")]).toEqual([3, true]);
  });

  test("of a file that is new, the guards of its account hold", async () => {
    const repository = newRepository({
      "policies/account.yaml": guarded,
      "policies/logs.yaml": "bucket: logs\npolicy: none\n",
    });
    repository.write({ "policies/account.yaml": accountFile, "policies/data.yaml": file(deletes) });
    expect(await planned({ repository })).toMatchObject({
      code: 3,
      hazards: expect.arrayContaining(["guardrail-broken"]) as unknown,
    });
  });

  test("a severity that is lowered counts from the next revision on, and is listed", async () => {
    const strict = `${accountFile}hazards: { grants-wildcard-principal: block }\n`;
    const role = { who: "arn:sts::1746495857600001:assumed-role/build*/*" };
    const repository = newRepository({ ...tree(file(reads)), "policies/account.yaml": strict });
    repository.write({
      "policies/account.yaml": `${accountFile}hazards: { grants-wildcard-principal: note, removes-deny: block }\n`,
      "policies/data.yaml": file(reads, role),
    });
    const { code, hazards, document } = await planned({ repository, live: policy(reads) });
    expect([code, hazards[0]]).toEqual([3, "grants-wildcard-principal"]);
    expect(document.loosened?.map(({ message }) => message)).toEqual([
      "the severity of `grants-wildcard-principal` is note, and was block",
    ]);
  });

  test("nor lower the default of what the base does not set", async () => {
    const closed = { effect: "Deny", who: "2", to: "data/closed" };
    const repository = newRepository(tree(file(reads, closed)));
    repository.write({
      "policies/account.yaml": `${accountFile}hazards: { overrides-deny: note }\n`,
      "policies/data.yaml": file(reads),
    });
    const { code, document } = await planned({ repository, live: policy(reads, closed) });
    expect([code, document.loosened?.map(({ message }) => message)]).toEqual([
      3,
      ["the severity of `overrides-deny` is note, and was block"],
    ]);
  });

  test("a revision cannot make the operator whom it gives administration", async () => {
    const admin = (who: string) => file(reads, { who, action: "oss:PutObjectAcl" });
    const repository = newRepository(tree(file(reads)));
    repository.write({
      "policies/account.yaml": `${accountFile}operators: [{ principal: "30" }]\n`,
      "policies/data.yaml": admin("30"),
    });
    const first = await planned({ repository, live: policy(reads) });
    expect([first.code, first.hazards[0]]).toEqual([3, "grants-administration"]);
    expect(first.document.loosened?.map(({ message }) => message)).toEqual(["operator `30` is new"]);
    repository.git("commit", "-qm", "an operator", "policies/account.yaml");
    expect((await planned({ repository, live: policy(reads) })).code).toBe(0);
  });

  test("an identity that is renamed is no new one, and a second name of a UID is", async () => {
    const named = (names: string) => `${accountFile}identities: { ${names} }\n`;
    const repository = newRepository({ ...tree(file(reads)), "policies/account.yaml": named('bob: "30"') });
    const loosened = async (names: string) => {
      repository.write({ "policies/account.yaml": named(names) });
      const { document } = await planned({ repository, live: policy(reads) });
      return document.loosened?.map(({ message }) => message);
    };
    expect(await loosened('robert: "30"')).toEqual([]);
    expect(await loosened('bob: "30", auditor: "30"')).toEqual(["identity `auditor` is new: 30"]);
    expect(await loosened('bob: "31"')).toEqual(["identity `bob` is 31, and was 30"]);
  });

  test("an identity that is new is listed, and known from the next revision on", async () => {
    const before = `${accountFile}identities: { alice: "2" }\n`;
    const repository = newRepository({ ...tree(file(reads)), "policies/account.yaml": before });
    repository.write({
      "policies/account.yaml": `${accountFile}identities: { alice: "2", bob: "30" }\n`,
      "policies/data.yaml": file(reads, { who: "30" }),
    });
    const { hazards, document } = await planned({ repository, live: policy(reads) });
    expect(hazards).toContain("grants-unknown-principal");
    expect(document.loosened?.map(({ message }) => message)).toEqual(["identity `bob` is new: 30"]);
  });

  test("an account without identities has one note, whatever gains there", async () => {
    const repository = newRepository(
      tree(file(reads), { "policies/logs.yaml": "bucket: logs\npolicy: none\n" }),
    );
    repository.write({
      "policies/data.yaml": file(reads, { who: "30" }),
      "policies/logs.yaml": file({ who: "31" }).replaceAll("data", "logs"),
    });
    const { hazards, document, code } = await planned({ repository, live: policy(reads) });
    expect([code, hazards.includes("grants-unknown-principal")]).toEqual([0, false]);
    expect(JSON.stringify(document).match(/names no identities/g)).toHaveLength(1);
  });

  test("new consents and silenced findings are listed, those that stood are not", async () => {
    const accept = (until: string) =>
      `accept: [{ hazard: grants-public-access, reason: web, until: ${until} }]\n`;
    const open = { who: "*" };
    const repository = newRepository(tree(`${file(open)}${accept("2026-12-31")}`));
    expect((await planned({ repository })).document.loosened).toEqual([]);
    repository.write({
      "policies/data.yaml": `# oss-policy-ignore public-policy: so it is\n${file(open)}${accept("2027-12-31")}`,
    });
    const { document } = await planned({ repository });
    expect(document.loosened?.map(({ message, line }) => [message, line])).toEqual([
      ["bucket `data` accepts grants-public-access until 2027-12-31, and was until 2026-12-31: web", 4],
      ["bucket `data` ignores public-policy: so it is", 1],
    ]);
  });

  test("a consent that has ended is an error where its file is edited, and a warning elsewhere", async () => {
    const accept = "accept: [{ hazard: grants-public-access, reason: web, until: 2026-01-31 }]\n";
    const repository = newRepository(tree(`${file(reads)}${accept}`));
    expect((await planned({ repository, live: policy(reads) })).code).toBe(0);
    repository.write({ "policies/data.yaml": `${file(writes)}${accept}` });
    const { code, stderr } = await planned({ repository, live: policy(reads) });
    expect([code, stderr]).toEqual([1, expect.stringContaining("error: this accept ended on 2026-01-31")]);
  });

  test("an accept of the base says that it was not written for this revision", async () => {
    const consent = "accept: [{ hazard: grants-public-access, reason: the website }]\n";
    const repository = newRepository(tree(file(reads) + consent));
    repository.write({ "policies/data.yaml": file(reads, { who: "*", action: "oss:PutObject" }) + consent });
    const { stdout, change } = await planned({ repository, live: policy(reads) });
    const found = change?.hazards?.find(({ code }) => code === "grants-public-access");
    expect(found?.accepted).toBe("the website, by an entry that the base has");
    expect(stdout).toMatch(/^Review: 1 change lets everyone write or delete \(accepted\)/);
  });

  test("a bucket cannot be moved to another account in passing", async () => {
    const logs = file(reads).replaceAll("data", "logs");
    const repository = newRepository(tree(file(reads), { "policies/logs.yaml": logs }));
    repository.write({ "policies/account.yaml": 'account: "1746495857600002"\nregion: cn-hangzhou\n' });
    const { code, stderr, sandbox } = await planned({ repository });
    expect([code, stderr]).toEqual([1, expect.stringContaining("is of account 1746495857600001 at HEAD")]);
    expect(stderr.match(/\[account-moved\]/g), "one line of account.yaml is one mistake").toHaveLength(1);
    expect(sandbox.requests).toEqual([]);
  });

  test("a revision cannot raise the limit that it breaks", async () => {
    const limit = (count: number) => `${accountFile}limits: { change: { count: ${count} } }\n`;
    const repository = newRepository({ ...tree(file(reads)), "policies/account.yaml": limit(0) });
    repository.write({ "policies/account.yaml": limit(5), "policies/data.yaml": file(writes) });
    const { code, document, stderr } = await planned({ repository, live: policy(reads) });
    expect(code).toBe(3);
    expect(document.loosened?.map(({ message }) => message)).toEqual([
      "the limit `change` is 5 count, and was 0 count",
    ]);
    expect(stderr).toContain("`limits` allows 0, at HEAD");
  });
});

describe("files that are gone", () => {
  const many = (count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [
        `policies/b${index}.yaml`,
        file(reads).replaceAll("data", `b-${index}`),
      ]),
    );

  test("leave their policies, and are told", async () => {
    const repository = newRepository(
      tree(file(reads), { "policies/b0.yaml": many(1)["policies/b0.yaml"] ?? "" }),
    );
    repository.write({ "policies/b0.yaml": null });
    const { code, document, stdout } = await planned({ repository, live: policy(reads) });
    expect(document.abandoned?.map(({ bucket }) => bucket)).toEqual(["b-0"]);
    expect(code).toBe(0);
    expect(stdout).toContain(
      "Buckets whose file is gone, and whose policies stay live (a file with policy: none removes one):\n    ! b-0",
    );
    expect(stdout).toContain("1 abandoned.");
  });

  test("a tree that shrank is blocked, by a limit that can be raised", async () => {
    const repository = newRepository(tree(file(reads), many(12)));
    const gone = Object.fromEntries(Object.keys(many(12)).map((name) => [name, null]));
    repository.write({ ...gone, "policies/data.yaml": file(writes) });
    const { code, change, stderr } = await planned({ repository, live: policy(reads) });
    expect([code, change?.blocked]).toEqual([3, true]);
    expect(stderr).toContain(
      "12 of the 13 buckets of account 1746495857600001 have lost their file (92.3 %)",
    );
    expect(stderr).toContain("`limits: { abandon: { percent: 93 } }`");
  });

  test("also where nothing would be written", async () => {
    const repository = newRepository(tree(file(reads), many(12)));
    repository.write(Object.fromEntries(Object.keys(many(12)).map((name) => [name, null])));
    const { code, stdout } = await planned({ repository, live: policy(reads) });
    expect(code).toBe(3);
    expect(stdout).toMatch(/^Blocked: 12 of the 13 buckets of account \d+ have lost their file/);
  });
});

describe("a history that does not reach", () => {
  test("is an error that names the depth", async () => {
    const origin = newRepository(tree(file(reads)));
    const first = origin.git("rev-parse", "HEAD");
    origin.commit({ "policies/data.yaml": file(writes) });
    const folder = join(writeTree({}), "clone");
    origin.git("clone", "-q", "--depth", "1", `file://${origin.folder}`, folder);
    const { code, stderr } = await planned({ repository: repositoryIn(folder), base: first });
    expect(code).toBe(1);
    expect(stderr).toContain(`git finds no revision \`${first}\` here`);
    expect(stderr).toContain("`fetch-depth: 0`");
    const cut = await planned({ repository: repositoryIn(folder), live: policy(writes, guard) });
    expect(cut.stdout).toContain("the history is incomplete here");
  });

  test.each([
    ["is no revision at all", "-x", "`-x` does not name one commit"],
    ["is a revision that is not there", "nowhere", "git finds no revision `nowhere` here"],
  ])("%s", async (_, base, message) => {
    const repository = newRepository(tree(file(reads)));
    const { code, stderr, sandbox } = await planned({ repository, base });
    expect([code, stderr]).toEqual([1, expect.stringContaining(message)]);
    expect(sandbox.requests).toEqual([]);
  });

  test("no repository is said", async () => {
    const folder = writeTree({ "policies/account.yaml": accountFile, "policies/data.yaml": file(reads) });
    const { code, stderr } = await planned({ repository: { folder } as Repository });
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining("the working directory is not in a git repository"),
    ]);
  });

  test("files that are broken at the base leave their buckets unknown, and are told", async () => {
    const repository = newRepository(
      tree("bucket: data\npolicy: [\n", { "policies/logs.yaml": "bucket: logs\npolicy: none\n" }),
    );
    repository.write({ "policies/data.yaml": file(reads) });
    const { code, change, stderr } = await planned({ repository });
    expect([code, change?.cause]).toEqual([0, "unknown"]);
    expect(stderr).toContain("at HEAD the policy files have errors");
  });
});

test("apply blocks what plan does, and writes the rest", async () => {
  const repository = newRepository(tree(file(reads)));
  repository.write({ "policies/logs.yaml": file(reads).replaceAll("data", "logs") });
  const live = policy(reads, guard);
  const { code, stdout, sandbox } = await planned({ repository, live, verb: "apply" });
  expect(code).toBe(3);
  expect(stdout).toMatch(/blocked +update data/);
  expect(stdout).toContain("applied       create logs");
  expect(sandbox.policyOf("data")).toBe(live);
});

test("a saved plan is applied under the guards that it was made under", async () => {
  const repository = newRepository(tree(file(reads)));
  const first = await planned({ repository, live: policy(reads, guard) });
  const saved = join(writeTree({ "plan.json": JSON.stringify(first.document) }), "plan.json");
  const sandbox = first.sandbox;
  const words = ["apply", "--plan", saved];
  const { code, stdout } = await inFolder(repository.folder, () =>
    runCli(words, { env: environmentOf(sandbox) }),
  );
  expect([code, stdout]).toEqual([3, expect.stringContaining("overwrites-foreign-statements")]);
  expect(sandbox.policyOf("data")).toBe(policy(reads, guard));
});
