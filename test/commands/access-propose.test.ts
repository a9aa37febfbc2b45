import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { accountFile, runCli, writeTree } from "../support/run-cli.ts";
import { etl, file, get, list, old, propose, put, statement } from "./proposals.ts";

describe("wildcard actions", () => {
  test.each([
    ['"oss:*Object*"', '["oss:GetObject", "oss:PutObject", "oss:PutObjectTagging"]'],
    ["[oss:*Object*] # all", '["oss:GetObject", "oss:PutObject", "oss:PutObjectTagging"] # all'],
    ['["oss:Get*", "oss:PutO*"]', '["oss:GetObject", "oss:PutObject", "oss:PutObjectTagging"]'],
    ['["oss:Get*", "oss:GetObject", "oss:PutObject"]', '["oss:GetObject", "oss:PutObject"]'],
    [
      "\n        - oss:Get* # reads\n        - oss:Put*\n",
      '\n        - "oss:GetObject"\n        - "oss:PutObject"\n        - "oss:PutObjectTagging"\n',
    ],
  ])("%j becomes the actions that were seen", async (before, after) => {
    const text = (action: string) => `# top\n${file(statement({ Action: action }))}# end\n`;
    const { file: written } = await propose({ "data.yaml": text(before) }, [get(), put()]);
    expect(written("data.yaml")).toBe(text(after));
  });

  test("one of which more than ten actions were seen stays", async () => {
    const many = ["acl", "tagging", "symlink", "uploads"].flatMap((query) => [
      list({ target: `/?${query}`, operation: "-" }),
      get({ target: `/raw/a?${query}`, operation: "-" }),
    ]);
    const more = ["cors", "logging", "website", "referer", "lifecycle", "versioning", "encryption", "policy"];
    const lines = [...many, ...more.map((query) => list({ target: `/?${query}`, operation: "-" }))];
    const text = file(
      statement({ Action: '"oss:*"', Resource: '["acs:oss:*:*:data", "acs:oss:*:*:data/*"]' }),
    );
    const { stderr, file: written } = await propose({ "data.yaml": text }, lines);
    expect(written("data.yaml")).toBe(text);
    expect(stderr).toMatch(/no narrower policy .*: `data`: only .*wildcards of more than 10 seen actions/);
  });

  test("one that OSS may match in any case stays", async () => {
    const text = file(statement({ Action: '["oss:*O*", "oss:PutObject"]' }));
    const { file: written, stays } = await propose({ "data.yaml": text }, [get()]);
    expect(written("data.yaml")).toBe(file(statement({ Action: '["oss:*O*"]' })));
    expect(stays).toMatchObject([{ why: "wildcards that OSS may match in any case are left" }]);
  });
});

describe("a file of several buckets", () => {
  const shared = file(
    statement({
      Principal: `["${etl}", "${old}"]`,
      Action: '["oss:GetObject", "oss:PutObject", "oss:Li*"]',
    }) + statement({ Action: '["oss:DeleteObject"]' }),
    "buckets: [data, logs]",
  );

  test("loses what no bucket used, and keeps what one of them did", async () => {
    const lines = [get(), get({ bucket: "logs", requester: old }), put({ bucket: "logs" })];
    const { file: written, stdout, stays } = await propose({ "shared.yaml": shared }, lines);
    const left = statement({
      Principal: `["${etl}", "${old}"]`,
      Action: '["oss:GetObject", "oss:PutObject"]',
    });
    expect(written("shared.yaml")).toBe(file(left, "buckets: [data, logs]"));
    expect(stdout).toContain(
      "Proposed in part in narrow.patch, proved to grant nothing new, and replayed with the requests that the logs have: data, logs.",
    );
    expect(stays).toEqual([
      { bucket: "data", why: "parts that another bucket of the file uses are left" },
      { bucket: "logs", why: "combinations are left" },
    ]);
  });

  test("keeps a statement that one of them used as a whole", async () => {
    const used = statement({ Action: '["oss:GetObject", "oss:PutObject"]' });
    const text = file(used + statement({ Action: '["oss:DeleteObject"]' }), "buckets: [data, logs]");
    const lines = [get(), get({ bucket: "logs" }), put({ bucket: "logs" })];
    const { file: written } = await propose({ "shared.yaml": text }, lines);
    expect(written("shared.yaml")).toBe(file(used, "buckets: [data, logs]"));
  });

  test("has a wildcard replaced by what all of them used", async () => {
    const wild = (action: string) => file(statement({ Action: action }), "buckets: [data, logs]");
    const lines = [get(), put({ bucket: "logs" })];
    const { file: written } = await propose({ "shared.yaml": wild('["oss:*Object*"]') }, lines);
    expect(written("shared.yaml")).toBe(wild('["oss:GetObject", "oss:PutObject", "oss:PutObjectTagging"]'));
  });

  test.each([
    ["has no request", "of which the logs have no request", [get()], []],
    [
      "is not selected",
      "which is not selected",
      [get(), get({ bucket: "logs", requester: old })],
      ["--bucket", "data"],
    ],
  ])("stays if one of them %s", async (_, why, lines, words) => {
    const { file: written, stderr } = await propose({ "shared.yaml": shared }, lines, ...words);
    expect(written("shared.yaml")).toBe(shared);
    expect(stderr).toContain(`\`data\`: its file is also for \`logs\`, ${why}`);
  });
});

describe("what stays, with the reason", () => {
  test("a statement of a shared set", async () => {
    const set = `Statement:\n${statement({ Principal: `["${old}"]` }).replace(/^ {4}/gm, "  ")}`;
    const head = "bucket: data\nuse: [readers]";
    const own = (principal: string) => file(statement({ Principal: principal }), head);
    const files = { "_sets/readers.yaml": set, "data.yaml": own(`["${etl}", "${old}"]`) };
    const { file: written, stays, stdout } = await propose(files, [get()]);
    expect(stays).toEqual([{ bucket: "data", why: "shared sets are left" }]);
    expect(stdout).toContain(
      "Proposed in part in narrow.patch, proved to grant nothing new, and replayed with the requests that the logs have: data.",
    );
    expect(stdout).toContain("Not proposed in full: data: shared sets are left.");
    expect(written("_sets/readers.yaml")).toBe(set);
    expect(written("data.yaml")).toBe(own(`["${etl}"]`));
    const alone = await propose({ ...files, "data.yaml": own(`["${etl}"]`) }, [get()]);
    expect(alone.stderr).toMatch(/`data`: only shared sets.* are left/);
  });

  test("a list variable of which one word was used", async () => {
    const text = file(statement({ Principal: '["${both}"]', Action: '["oss:GetObject", "oss:PutObject"]' }));
    const { file: written, stays } = await propose({ "data.yaml": text }, [get()]);
    expect(written("data.yaml")).toBe(file(statement({ Principal: '["${both}"]' })));
    expect(stays).toEqual([{ bucket: "data", why: "parts of list variables are left" }]);
  });

  test("a list with an anchor; what has none goes all the same", async () => {
    const text = file(
      statement({ Principal: `&who ["${etl}", "${old}"]`, Action: '["oss:GetObject", "oss:PutObject"]' }) +
        statement({ Principal: "*who", Resource: '["acs:oss:*:*:data/tmp/*"]' }),
    );
    const {
      file: written,
      stays,
      stdout,
    } = await propose({ "data.yaml": text }, [get(), get({ object: "tmp/a" })]);
    expect(written("data.yaml")).toBe(text.replace(', "oss:PutObject"', ""));
    expect(stays).toEqual([{ bucket: "data", why: expect.stringContaining("such as an anchor") as string }]);
    expect(stdout).toContain("Not proposed in full: data: the layout of its file");
  });

  test("what an expectation of the file needs", async () => {
    const text = `${file(statement({ Principal: `["${etl}", "${old}"]` }))}expect:
  - { can: "${old}", do: "oss:GetObject", to: "acs:oss:*:*:data/raw/a" }
`;
    const { file: written, stderr } = await propose({ "data.yaml": text }, [get()]);
    expect(written("data.yaml")).toBe(text);
    expect(stderr).toContain("`data`: the narrower policy would bring an error");
  });

  test("a bucket whose policy is not decided, beside one that is", async () => {
    const files = {
      "data.yaml": file(statement({ Principal: `["${etl}", "${old}"]` })),
      "odd.yaml": file(statement().replace("Principal", "NotPrincipal"), "bucket: odd"),
    };
    const folder = writeTree({ "policies/account.yaml": accountFile });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, "policies", name), text);
    writeFileSync(join(folder, "log"), [get(), get({ bucket: "odd" })].join("\n"));
    const { stdout } = await runCli(["access", "unused", "--requests", "log", "--propose", "patch"], {
      folder,
    });
    expect(stdout).toContain(
      "Proposed in patch, proved to grant nothing new, and replayed with the requests that the logs have: data.",
    );
    expect(stdout).toMatch(/Not proposed: odd: .*NotPrincipal/);
  });

  test("a statement that a shared set has, too", async () => {
    const set = `Statement:\n${statement({ Principal: `["${old}"]` }).replace(/^ {4}/gm, "  ")}`;
    const text = file(statement({ Principal: `["${old}"]` }) + statement(), "bucket: data\nuse: [readers]");
    const { file: written, stderr } = await propose({ "_sets/readers.yaml": set, "data.yaml": text }, [
      get(),
    ]);
    expect(written("data.yaml")).toBe(text);
    expect(stderr).toContain("`data`: other statements of its policy are the same");
  });

  test("a file with an error, which is to be corrected first", async () => {
    const wrong = statement({ Resource: '["acs:oss:*:*:data"]' });
    const folder = writeTree({
      "policies/account.yaml": accountFile,
      "policies/data.yaml": file(statement({ Principal: `["${etl}", "${old}"]` }) + wrong),
      log: get(),
    });
    const asked = ["access", "unused", "--requests", "log", "--propose", "patch"];
    const { stdout, stderr } = await runCli(asked, { folder });
    expect(stdout).toContain(`principal ${old} of Allow`);
    expect(stderr).toContain("`data`: its file has an error: `oss:GetObject` can never match here");
  });

  test("every Deny, used or not", async () => {
    const deny = statement({ Action: '["oss:*"]' }).replace("Allow", "Deny").replace(etl, old);
    const text = (principal: string) => file(deny + statement({ Principal: principal }));
    const { file: written } = await propose({ "data.yaml": text(`["${etl}", "${old}"]`) }, [get()]);
    expect(written("data.yaml")).toBe(text(`["${etl}"]`));
  });
});

describe("edges", () => {
  test("the last member of a list takes its statement with it, and the last statement the policy", async () => {
    const two = file(statement() + statement({ Principal: `"${old}"`, Action: '"oss:PutObject"' }));
    expect((await propose({ "data.yaml": two }, [get()])).file("data.yaml")).toBe(file(statement()));
    const { file: written, stdout } = await propose({ "data.yaml": two }, [get({ requester: "203" })]);
    expect(written("data.yaml")).toBe("bucket: data\nregion: cn-hangzhou\npolicy: none\n");
    expect(stdout).toContain("Proposed");
  });

  test("line ends stay as they are", async () => {
    const crlf = (text: string) => text.replaceAll("\n", "\r\n");
    const block = "\n        - oss:*Object*\n        - oss:PutObject\n";
    const before = crlf(file(statement({ Action: block }) + statement({ Principal: `["${old}"]` })));
    const { file: written } = await propose({ "data.yaml": before }, [get()]);
    expect(written("data.yaml")).toBe(crlf(file(statement({ Action: '\n        - "oss:GetObject"\n' }))));
  });

  test.each(["my data.yaml", "\u6570\u636e.yaml", "it's.yaml", "a/b -- c.yaml"])(
    "git finds a file with the name %j",
    async (name) => {
      const text = (principal: string) => file(statement({ Principal: principal }));
      const { file: written } = await propose({ [name]: text(`["${etl}", "${old}"]`) }, [get()]);
      expect(written(name)).toBe(text(`["${etl}"]`));
    },
  );

  test("a patch applies in a folder of a repository where it was made", async () => {
    const text = (principal: string) => file(statement({ Principal: principal }));
    const top = writeTree({
      "infra/policies/account.yaml": accountFile,
      "infra/policies/data.yaml": text(`["${etl}", "${old}"]`),
      "infra/log": get(),
    });
    const folder = join(top, "infra");
    await runCli(["access", "unused", "--requests", "log", "--propose", "patch"], { folder });
    execFileSync("git", ["init", "-q"], { cwd: top });
    execFileSync("git", ["apply", "patch"], { cwd: folder });
    expect(readFileSync(join(folder, "policies/data.yaml"), "utf8")).toBe(text(`["${etl}"]`));
  });

  test("a byte order mark stays", async () => {
    const text = (principal: string) => `\ufeff${file(statement({ Principal: principal }))}`;
    const { file: written } = await propose({ "data.yaml": text(`["${etl}", "${old}"]`) }, [get()]);
    expect(written("data.yaml")).toBe(text(`["${etl}"]`));
  });

  test("a file without a line end at its end keeps none", async () => {
    const before = file(statement() + statement({ Principal: `["${old}"]` })).trimEnd();
    expect((await propose({ "data.yaml": before }, [get()])).file("data.yaml").trimEnd()).toBe(
      file(statement()).trimEnd(),
    );
  });

  test("statements that are equal, and one that covers another, are edited alike", async () => {
    const wide = (principal: string) => statement({ Principal: principal });
    const narrow = statement({ Principal: `["${old}"]`, Resource: '["acs:oss:*:*:data/raw/*"]' });
    const both = `["${etl}", "${old}"]`;
    const { file: written } = await propose({ "data.yaml": file(wide(both) + wide(both) + narrow) }, [get()]);
    expect(written("data.yaml")).toBe(file(wide(`["${etl}"]`) + wide(`["${etl}"]`)));
  });

  test("everyone beside others stays for whoever used it, and goes where only the others did", async () => {
    const text = (principal: string) => file(statement({ Principal: principal }));
    const both = text(`["*", "${etl}"]`);
    expect((await propose({ "data.yaml": both }, [get({ requester: "203" })])).file("data.yaml")).toBe(
      text('["*"]'),
    );
    // A request of the one falls into both.
    expect((await propose({ "data.yaml": both }, [get()])).file("data.yaml")).toBe(both);
  });

  test("a statement whose condition a request may have met stays; one that it cannot have met goes", async () => {
    const on = (key: string, value: string) =>
      `${statement()}      Condition: { StringEquals: { "${key}": ["${value}"] } }\n`;
    const text = file(on("acs:SourceVpc", "vpc-1") + on("acs:UserAgent", "other"));
    expect((await propose({ "data.yaml": text }, [get()])).file("data.yaml")).toBe(
      file(on("acs:SourceVpc", "vpc-1")),
    );
  });
});
