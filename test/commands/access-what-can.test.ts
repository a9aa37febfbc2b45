import { describe, expect, test } from "vitest";
import { runCli, writeTree } from "../support/run-cli.ts";

const alice = "202147604049351234";
const allow = (bucket: string, principal: string, action: string, on: string) =>
  `    - { Effect: Allow, Principal: ["${principal}"], Action: ["${action}"], Resource: ["acs:oss:*:*:${bucket}${on}"] }\n`;
const file = (bucket: string, ...statements: readonly string[]) =>
  `bucket: ${bucket}\npolicy:\n  Version: "1"\n  Statement:\n${statements.join("")}`;

const tree = {
  "account.yaml": `account: "1746495857600001"\nregion: cn-hangzhou\nidentities: { alice: "${alice}" }\n`,
  "acme-logs.yaml": file("acme-logs", allow("acme-logs", "${alice}", "oss:GetObject", "/logs/*")),
  "acme-web.yaml": file("acme-web", allow("acme-web", "*", "oss:GetObject", "/*")),
  "other.yaml": file("other", allow("other", "1", "oss:GetObject", "/*")),
  "other/account.yaml": 'account: "2000000000000002"\nname: second\nregion: cn-hangzhou\n',
  "other/locked.yaml": file(
    "locked",
    `    - { Effect: Deny, Principal: ["*"], Action: ["oss:*"], Resource: ["acs:oss:*:*:locked/*"], Condition: { Bool: { "acs:SecureTransport": ["false"] } } }\n`,
  ),
};

async function ask(words: readonly string[], files: Readonly<Record<string, string>> = tree) {
  const folder = writeTree(files);
  const { code, stdout, stderr } = await runCli(["access", ...words, "--policies", folder]);
  return { code, text: (stdout + stderr).replaceAll(/ {2,}/g, "  ") };
}

describe("access what-can", () => {
  test.each([
    ["a name", "alice"],
    ["its UID", alice],
  ])("shows for %s every bucket, also where everyone is allowed", async (_, word) => {
    const { code, text } = await ask(["what-can", word]);
    expect(code).toBe(0);
    expect(text).toContain(`alice (${alice}) is allowed, by the policies of 2 of 4 buckets:\n`);
    expect(text).toContain("\nacme-logs  logs/*  none  none  none  none\n");
    expect(text).toContain("\nacme-web  all objects  none  none  none  none\n");
    expect(text).not.toMatch(/^(other|locked) /m);
  });

  test("shows what anonymous callers can do", async () => {
    const { text } = await ask(["what-can", "anonymous"]);
    expect(text).toContain("anonymous is allowed, by the policies of 1 of 4 buckets:\n");
    expect(text).toMatch(/^acme-web {2}all objects/m);
  });

  test("proves that there is nothing", async () => {
    const { text } = await ask(["what-can", "999", "--bucket", "other"]);
    expect(text).toContain("The policies of 1 bucket allow 999 nothing (proved).\n");
  });

  test("shows of the owner what is denied", async () => {
    const { text } = await ask(["what-can", "owner"]);
    expect(text).toContain("The owner does not need the policies");
    expect(text).toMatch(/^locked {2}partly denied {2}partly denied/m);
    expect(text).toContain("The policies of 3 buckets deny the owner nothing (proved).\n");
  });

  test("takes the UID of an account for the owner of its own buckets only", async () => {
    const { text } = await ask(["what-can", "2000000000000002"]);
    expect(text).toMatch(/^locked {2}partly denied/m);
    expect(text).toContain(
      "account second (2000000000000002) is allowed, by the policies of 1 of 3 buckets:\n",
    );
    expect(text).toMatch(/^acme-web {2}all objects/m);
  });

  test("gives the same as JSON", async () => {
    const folder = writeTree(tree);
    const words = ["access", "what-can", "alice", "--policies", folder, "--json", "-"];
    const { stdout } = await runCli(words);
    const parsed = JSON.parse(stdout) as { buckets: readonly { bucket: string }[] };
    expect(parsed).toMatchObject({
      formatVersion: "2.1",
      question: "what-can",
      principal: alice,
      name: "alice",
    });
    expect(parsed.buckets.find(({ bucket }) => bucket === "acme-logs")).toMatchObject({
      cells: {
        read: {
          extent: "some",
          text: "logs/*",
          on: { bucket: false, keys: [{ all: ["logs/*"], except: [] }] },
        },
        write: { extent: "none" },
      },
    });
  });

  test.each([
    ["a name that is near another", ["what-can", "alise"], "did you mean `alice`?"],
    [
      "a name that is none",
      ["what-can", "zzz"],
      "`zzz` is not a principal [question]\n  help: name `anonymous`, `owner`, a UID",
    ],
    ["a role that is no session", ["what-can", "arn:x"], "`arn:x` is not a role session"],
    ["everyone", ["what-can", "*"], "name `anonymous` for what everyone can do"],
    ["no word", ["what-can"], "what-can takes a principal"],
    ["two words", ["what-can", "alice", "bob"], "what-can takes a principal"],
  ])("refuses %s", async (_, words, expected) => {
    expect(await ask(words)).toEqual({ code: 1, text: expect.stringContaining(expected) as string });
  });

  test("refuses a name that two accounts give to two principals, unless --account chooses", async () => {
    const second = `account: "2000000000000002"\nname: second\nregion: cn-hangzhou\nidentities: { alice: "77" }\n`;
    const files = { ...tree, "other/account.yaml": second };
    const { code, text } = await ask(["what-can", "alice"], files);
    expect([code, text]).toEqual([1, expect.stringContaining(`name one of them: \`${alice}\`, \`77\``)]);
    expect((await ask(["what-can", "alice", "--account", "second"], files)).text).toContain(
      "allow alice (77) nothing (proved)",
    );
  });
});

describe("access who-can of a glob", () => {
  test("answers by bucket, and names those where no principal is allowed", async () => {
    const { code, text } = await ask(["who-can", "oss:GetObject", "acme-*/logs/x"]);
    expect(code).toBe(0);
    expect(text).toContain(`acme-logs:\n  alice (${alice}): oss:GetObject on logs/x\n`);
    expect(text).toContain("acme-web:\n  everyone except owner: oss:GetObject on logs/x\n");
    expect(text).not.toContain("other");
    expect((await ask(["who-can", "oss:PutObject", "acme-*/logs/x"])).text).toContain(
      "no principal in 2 buckets: acme-logs, acme-web\n",
    );
  });

  test("that matches nothing is refused", async () => {
    expect(await ask(["who-can", "oss:GetObject", "acne-*/x"])).toEqual({
      code: 1,
      text: expect.stringContaining("no file speaks of a bucket that matches `acne-*`") as string,
    });
  });
});
