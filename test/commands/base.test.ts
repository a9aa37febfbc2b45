import { sampled } from "../support/runs.ts";
import { describe, expect, test } from "vitest";
import {
  deletes,
  file,
  guard,
  planned,
  policy,
  reads,
  statement,
  tree,
  writes,
  type Spoken,
} from "../support/base-plans.ts";
import { newRepository, type Repository } from "../support/repository.ts";
import { accountFile } from "../support/run-cli.ts";

const open: Spoken = { who: "*" };

describe("the cause of a change", () => {
  test.each<[string, Spoken[], Spoken[] | undefined, string]>([
    ["edit", [reads], [reads], "edit"],
    ["drift", [reads, writes], [reads], "drift"],
    ["both", [reads], [deletes], "both"],
    ["edit", [reads], undefined, "both"],
    ["none", [reads], [reads, writes], "none"],
  ])("%s", async (_, before, live, cause) => {
    const repository = newRepository(tree(file(...before)));
    repository.write({ "policies/data.yaml": file(reads, writes) });
    const { change } = await planned({ repository, live: live && policy(...live) });
    expect(change?.cause).toBe(cause);
  });

  test("a bucket that no file spoke of is an edit", async () => {
    const repository = newRepository({
      "policies/account.yaml": accountFile,
      "policies/logs.yaml": "bucket: logs\npolicy: none\n",
    });
    repository.write({ "policies/data.yaml": file(reads) });
    const { change, document, stdout, code } = await planned({ repository });
    expect([change?.cause, code]).toEqual(["edit", 0]);
    expect(stdout).toContain("policies/data.yaml:2  edit  risk: note\n");
    const head = repository.git("rev-parse", "HEAD");
    expect([document.revision, document.base]).toEqual([head, head]);
  });

  test("is compared with the revision, not with the working tree", async () => {
    const repository = newRepository(tree(file(reads)));
    const first = repository.git("rev-parse", "HEAD");
    repository.commit({ "policies/data.yaml": file(writes) });
    const { change, document } = await planned({ repository, live: policy(reads), base: first });
    expect([change?.cause, document.base]).toEqual(["edit", first]);
    const later = await planned({ repository, live: policy(reads) });
    expect(later.change?.cause).toBe("drift");
  });
});

describe("statements that nobody asked for", () => {
  test("are not overwritten without a consent that names the live policy", async () => {
    const repository = newRepository(tree(file(reads)));
    const live = policy(reads, guard);
    const { code, hazards, change, stdout } = await planned({ repository, live });
    expect([code, hazards.includes("overwrites-foreign-statements"), change?.blocked]).toEqual([
      3,
      true,
      true,
    ]);
    expect(stdout).toContain("the statement `Deny 9 oss:* acs:oss:*:1746495857600001:data/*`");
    const accept = (digest: string) =>
      `${file(reads)}accept: [{ hazard: overwrites-foreign-statements, reason: seen, live: "${digest}" }]\n`;
    repository.write({ "policies/data.yaml": accept(change?.digests?.live ?? "") });
    expect(await planned({ repository, live })).toMatchObject({ code: 0, change: { blocked: false } });
    repository.write({ "policies/data.yaml": accept(`sha256:${"0".repeat(64)}`) });
    expect(await planned({ repository, live })).toMatchObject({ code: 3, change: { blocked: true } });
  });

  test("a consent without the live policy is no consent", async () => {
    const repository = newRepository(tree(file(reads)));
    const accept = "accept: [{ hazard: overwrites-foreign-statements, reason: seen }]\n";
    repository.write({ "policies/data.yaml": `${file(reads)}${accept}` });
    const { code, stderr } = await planned({ repository, live: policy(reads, guard) });
    expect([code, stderr]).toEqual([1, expect.stringContaining("digest of the live policy as `live`")]);
  });

  test("those that stay are none", async () => {
    const repository = newRepository(tree(file(reads)));
    repository.write({ "policies/data.yaml": file(writes, guard) });
    const { hazards } = await planned({ repository, live: policy(reads, guard) });
    expect(hazards).not.toContain("overwrites-foreign-statements");
  });

  const histories: readonly (readonly [string, (repository: Repository) => void])[] = [
    [
      "an older version of the file",
      (repository) => {
        repository.commit(tree(file(reads, guard)));
        repository.commit({ "policies/data.yaml": file(reads) });
      },
    ],
    [
      "the file under another name",
      (repository) => {
        repository.commit({
          "policies/account.yaml": accountFile,
          "policies/team/old name.yml": file(reads, guard),
        });
        repository.commit({ "policies/team/old name.yml": null, "policies/data.yaml": file(reads) });
      },
    ],
    [
      "a set that it used",
      (repository) => {
        const used = `bucket: data\nuse: [guard]\npolicy: ${policy(reads)}\n`;
        repository.commit({
          ...tree(used),
          "policies/_sets/guard.yaml": `Statement: [${statement(guard)}]\n`,
        });
        repository.commit({ "policies/_sets/guard.yaml": null, "policies/data.yaml": file(reads) });
      },
    ],
    [
      "a variable of the account as it once was",
      (repository) => {
        const varied = file(reads, { ...guard, who: "${bad}" });
        repository.commit({
          ...tree(varied),
          "policies/account.yaml": `${accountFile}vars: { bad: ["9"] }\n`,
        });
        repository.commit({ "policies/account.yaml": `${accountFile}vars: { bad: ["8"] }\n` });
        repository.commit({ "policies/data.yaml": file(reads) });
      },
    ],
    [
      "a branch that was merged",
      (repository) => {
        repository.commit(tree(file(reads)));
        repository.git("checkout", "-q", "-b", "topic");
        repository.commit({ "policies/data.yaml": file(reads, guard) });
        repository.commit({ "policies/data.yaml": file(reads) });
        repository.git("checkout", "-q", "main");
        repository.commit({ "README.md": "x\n" });
        repository.git("merge", "-q", "--no-ff", "-m", "merge", "topic");
      },
    ],
  ];

  test.each(sampled(histories, 2))("were asked for by %s", async (_, history) => {
    const repository = newRepository();
    history(repository);
    const { hazards, code } = await planned({ repository, live: policy(reads, guard) });
    expect(hazards).not.toContain("overwrites-foreign-statements");
    expect(code).toBe(0);
  });

  test("what a branch asked for that was squashed before it came in, nobody asked for", async () => {
    const repository = newRepository(tree(file(reads)));
    repository.git("checkout", "-q", "-b", "topic");
    repository.commit({ "policies/data.yaml": file(reads, guard) });
    repository.commit({ "policies/data.yaml": file(reads, writes) });
    repository.git("checkout", "-q", "main");
    repository.git("merge", "-q", "--squash", "topic");
    repository.commit({});
    const { hazards } = await planned({ repository, live: policy(reads, guard) });
    expect(hazards).toContain("overwrites-foreign-statements");
  });
});

describe("what was closed by hand", () => {
  const closed = policy(reads);

  test("is not opened again without a consent", async () => {
    const repository = newRepository(tree(file(reads, writes)));
    const { code, change, hazards } = await planned({ repository, live: closed });
    expect([code, hazards.includes("reopens-drift")]).toEqual([3, true]);
    const found = change?.hazards?.find((one) => one.code === "reopens-drift");
    expect(found?.witness?.action).toBe("oss:PutObject");
    const accept = `accept: [{ hazard: reopens-drift, reason: over, live: "${change?.digests?.live ?? ""}" }]\n`;
    repository.write({ "policies/data.yaml": `${file(reads, writes)}${accept}` });
    expect((await planned({ repository, live: closed })).code).toBe(0);
  });

  test("a policy that was taken away closed all of it", async () => {
    const repository = newRepository(tree(file(reads)));
    expect((await planned({ repository })).hazards).toContain("reopens-drift");
    const accept = "accept: [{ hazard: reopens-drift, reason: over, live: none }]\n";
    repository.write({ "policies/data.yaml": `${file(reads)}${accept}` });
    expect((await planned({ repository })).code).toBe(0);
  });

  test("a Deny that was put there closes too", async () => {
    const repository = newRepository(tree(file(reads)));
    const live = policy(reads, { effect: "Deny", who: "2" });
    const { hazards } = await planned({ repository, live });
    expect(hazards).toEqual(expect.arrayContaining(["overwrites-foreign-statements", "reopens-drift"]));
  });

  test("an edit that gives other access reopens nothing", async () => {
    const repository = newRepository(tree(file(reads, writes)));
    repository.write({ "policies/data.yaml": file(reads, deletes) });
    const { hazards, change } = await planned({ repository, live: closed });
    expect([change?.cause, hazards.includes("reopens-drift")]).toEqual(["both", false]);
  });

  test("an edit that gives a part of it does, however it is spelled", async () => {
    const repository = newRepository(tree(file(reads, { action: "oss:Put*", to: "data/a*" })));
    repository.write({ "policies/data.yaml": file(reads, { ...writes, to: "data/*b" }) });
    const { hazards, change } = await planned({ repository, live: closed });
    expect(hazards).toContain("reopens-drift");
    expect(change?.hazards?.find(({ code }) => code === "reopens-drift")?.message).toMatch(
      /oss:PutObject on a.*b\//,
    );
  });

  test("and nothing of a part that the new file denies", async () => {
    const repository = newRepository(tree(file(reads, writes)));
    repository.write({ "policies/data.yaml": file(reads, writes, { effect: "Deny", action: "oss:Put*" }) });
    expect((await planned({ repository, live: closed })).hazards).not.toContain("reopens-drift");
  });

  test("cannot be where the live policy is that of the base, even if an edit has no known meaning", async () => {
    const repository = newRepository(tree(file(reads)));
    const odd = `{"Effect":"Allow","Principal":["1"],"Action":["oss:GetObject"],"Resource":["acs:oss:*:1746495857600001:data/*"],"Condition":{"StringLik":{"acs:UserAgent":["x"]}}}`;
    repository.write({
      "policies/data.yaml": `bucket: data\npolicy: {"Version":"1","Statement":[${odd}]}\n`,
    });
    const { hazards, change } = await planned({ repository, live: policy(reads) });
    expect([change?.cause, hazards.includes("access-undecided"), hazards.includes("reopens-drift")]).toEqual([
      "edit",
      true,
      false,
    ]);
  });
});

test("a new identity is called new, and not one that nothing names", async () => {
  const account = (names: string) => `${accountFile}identities: { ${names} }\n`;
  const alice = 'alice: "202147604049351234"';
  const repository = newRepository({ ...tree(file(reads)), "policies/account.yaml": account(alice) });
  const grant: Spoken = { who: "202147604049350055", action: "oss:PutObject" };
  repository.write({
    "policies/account.yaml": account(`${alice}, carol: "202147604049350055"`),
    "policies/data.yaml": file(reads, grant),
  });
  const { change } = await planned({ repository, live: policy(reads) });
  const found = change?.hazards?.find(({ code }) => code === "grants-unknown-principal");
  expect(found?.message).toContain("only this revision names 202147604049350055, as the identity carol");
  expect(found?.message).not.toContain("no identity");
});

test("a file that takes over what was set in OSS is reviewed, though there is nothing to write", async () => {
  const repository = newRepository(tree(file(reads)));
  repository.write({ "policies/data.yaml": file(reads, writes) });
  const { change, stdout, stderr, code } = await planned({ repository, live: policy(reads, writes) });
  expect([change?.cause, code]).toEqual(["none", 0]);
  expect(stdout).toMatch(/^Review: 1 file takes over access that was set in OSS\n/);
  expect(stderr).toContain("warning: the file takes over what OSS has already: 2 can write all objects");
  const less = newRepository(tree(file(reads, writes)));
  less.write({ "policies/data.yaml": file(reads) });
  const { stdout: taken } = await planned({ repository: less, live: policy(reads) });
  expect(taken).toMatch(/^No changes\n/);
});

test.each<[string, Spoken[] | undefined, Spoken[], RegExp]>([
  [
    "the file drops what the base asked for",
    [reads],
    [open],
    /^Review: 1 file takes over access that was set in OSS\n/,
  ],
  [
    "the file is new, and what it takes over is public",
    undefined,
    [reads, open],
    /^Review: 1 file takes over access/,
  ],
  ["the file is new, and nothing of it is public", undefined, [reads], /^No changes\n/],
])("what was set in OSS is taken over, though %s", async (_, before, after, verdict) => {
  const other = {
    "policies/logs.yaml": "bucket: logs\npolicy: none\n",
    "policies/account.yaml": accountFile,
  };
  const repository = newRepository(before === undefined ? other : tree(file(...before)));
  repository.write({ "policies/data.yaml": file(...after) });
  const live = before === undefined ? policy(...after) : policy(...before, ...after);
  const { stdout } = await planned({ repository, live });
  expect(stdout).toMatch(verdict);
});
