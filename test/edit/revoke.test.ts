import { describe, expect, test } from "vitest";
import { alice, allows, bob, bucketFile, edited, owner } from "../support/edited.ts";

const objects = `"acs:oss:*:${owner}:logs/*"`;
const itself = `"acs:oss:*:${owner}:logs"`;
const reads = '"oss:GetObject"';
const both = '"oss:GetObject", "oss:PutObject"';

/** Revokes over one bucket file, `logs.yaml`. */
const revoked = (text: string, ...words: readonly string[]) =>
  edited({ "logs.yaml": text }, "revoke", ...words);

describe("takes exactly what was asked", () => {
  test.each([
    [
      "from a list of principals",
      [allows(`"${alice}", "${bob}"`, reads, objects)],
      [],
      [allows(`"${bob}"`, reads, objects)],
    ],
    [
      "by name or by UID, whichever way the file writes it",
      [allows(`"\${alice}", "${bob}"`, reads, objects)],
      [],
      [allows(`"${bob}"`, reads, objects)],
    ],
    [
      "with the statement, if it is for no one else",
      [allows(`"${alice}"`, reads, objects), allows(`"${bob}"`, reads, objects)],
      [],
      [allows(`"${bob}"`, reads, objects)],
    ],
    [
      "an action of a statement of its own",
      [allows(`"${alice}"`, both, objects)],
      ["oss:PutObject"],
      [allows(`"${alice}"`, reads, objects)],
    ],
    [
      "actions by a pattern",
      [allows(`"${alice}"`, '"oss:GetObject", "oss:GetObjectAcl", "oss:PutObject"', objects)],
      ["oss:Get*"],
      [allows(`"${alice}"`, '"oss:PutObject"', objects)],
    ],
    [
      "an action of a shared statement, whose rest becomes a statement",
      [allows(`"${bob}", "${alice}"`, both, objects)],
      ["oss:PutObject", "logs"],
      [allows(`"${bob}"`, both, objects), allows(`"${alice}"`, reads, objects)],
    ],
    [
      "a key of a list of keys",
      [allows(`"${alice}"`, reads, `"acs:oss:*:${owner}:logs/a/*", "acs:oss:*:${owner}:logs/b/*"`)],
      ["logs/a/*"],
      [allows(`"${alice}"`, reads, `"acs:oss:*:${owner}:logs/b/*"`)],
    ],
    [
      "one action on one key, in two statements",
      [allows(`"${alice}"`, both, `"acs:oss:*:${owner}:logs/a/*", "acs:oss:*:${owner}:logs/b/*"`)],
      ["oss:PutObject", "logs/a/*"],
      [
        allows(`"${alice}"`, reads, `"acs:oss:*:${owner}:logs/a/*", "acs:oss:*:${owner}:logs/b/*"`),
        allows(`"${alice}"`, '"oss:PutObject"', `"acs:oss:*:${owner}:logs/b/*"`),
      ],
    ],
    [
      "an action on objects of a statement that also has the bucket, without a statement of no use",
      [allows(`"${alice}"`, '"oss:GetObject", "oss:ListObjects"', `${itself}, ${objects}`)],
      ["oss:GetObject", "logs/*"],
      [allows(`"${alice}"`, '"oss:ListObjects"', `${itself}, ${objects}`)],
    ],
  ])("%s", async (_, before, words, after) => {
    const { code, files, stdout } = await revoked(bucketFile("logs", ...before), "alice", ...words);
    expect([code, files["logs.yaml"]]).toEqual([0, bucketFile("logs", ...after)]);
    expect(stdout).toMatch(/logs \(proved\)\n {4}loses {9}alice loses /);
    expect(stdout).not.toContain("gains");
  });

  test("and says what the principal can still do", async () => {
    const { stdout } = await revoked(
      bucketFile("logs", allows(`"${alice}"`, both, objects)),
      "alice",
      "oss:PutObject",
    );
    expect(stdout).toContain(`alice (${alice}) is allowed, by the policies of 1 of 1 bucket:\n`);
    expect(stdout).toContain("RAM policies and ACLs may still allow it something: --deny stops that, too.\n");
  });

  test("keeps every Deny, since one that is gone would open something", async () => {
    const denies = allows(`"${alice}", "${bob}"`, both, objects, "Deny");
    const { code, files } = await revoked(
      bucketFile("logs", denies, allows(`"${alice}"`, reads, itself.replace("logs", "logs/x"))),
      "alice",
    );
    expect([code, files["logs.yaml"]]).toEqual([0, bucketFile("logs", denies)]);
  });

  test("keeps the Condition of what is left", async () => {
    const condition = '      Condition: { Bool: { "acs:SecureTransport": ["true"] } }\n';
    const shared = `${allows(`"${alice}", "${bob}"`, both, objects)}${condition}`;
    const { files } = await revoked(bucketFile("logs", shared), "alice", "oss:PutObject");
    const left = [allows(`"${bob}"`, both, objects), allows(`"${alice}"`, reads, objects)];
    expect(files["logs.yaml"]).toBe(bucketFile("logs", ...left.map((one) => `${one}${condition}`)));
  });

  test("the last statement, with the policy", async () => {
    const text = `${bucketFile("logs", allows(`"${alice}"`, reads, objects))}region: cn-beijing\n`;
    const { code, files, stdout } = await revoked(text, "alice");
    expect([code, files["logs.yaml"]]).toEqual([0, "bucket: logs\npolicy: none\nregion: cn-beijing\n"]);
    expect(stdout).toContain("logs.yaml:2: wrote `policy: none`, since no statement is left\n");
  });

  test("sessions of a role, by a pattern that covers them", async () => {
    const role = `arn:sts::${owner}:assumed-role/etl`;
    const text = bucketFile("logs", allows(`"${role}/nightly", "${role}/*", "${bob}"`, reads, objects));
    const { code, files } = await revoked(text, `${role}/*`);
    expect([code, files["logs.yaml"]]).toEqual([0, bucketFile("logs", allows(`"${bob}"`, reads, objects))]);
  });
});

describe("refuses what no edit of a list can express, and writes nothing", () => {
  const role = `arn:sts::${owner}:assumed-role/etl`;
  test.each([
    ["everyone", allows('"*"', reads, objects), ["alice"], "by a statement for `*`"],
    [
      "a wider pattern of roles",
      allows(`"${role}/*"`, reads, objects),
      [`${role}/nightly`],
      `for \`${role}/*\``,
    ],
    [
      "a wider pattern of actions",
      allows(`"${alice}"`, '"oss:*"', objects),
      ["alice", "oss:GetObject"],
      "whose lists cannot express the rest",
    ],
    [
      "a wider pattern of keys",
      allows(`"${alice}"`, reads, objects),
      ["alice", "logs/a"],
      "whose lists cannot express the rest",
    ],
    ["anonymous callers", allows('"*"', reads, objects), ["anonymous"], "by a statement for `*`"],
    [
      "a condition",
      allows(`"${alice}"`, reads, objects),
      ["alice", "--with", "acs:SecureTransport=false"],
      "would change more than was asked: alice",
    ],
  ])("%s", async (_, statement, words, message) => {
    const ignored = "    # oss-policy-ignore public-policy: a website\n";
    const text = bucketFile("logs", statement.includes('"*"') ? ignored : "", statement);
    const { code, files, stderr, stdout } = await revoked(text, ...words);
    expect([code, files["logs.yaml"]]).toEqual([1, text]);
    expect(stderr).toContain(message);
    expect(stderr).toContain("help: add --deny, which writes a Deny statement for this principal alone");
    expect(stdout).toBe("Exit 1, error: no file was changed.\n");
  });

  test("a list variable that also names others", async () => {
    const account = `account: "${owner}"\nregion: cn-hangzhou\nvars:\n  team: ["${alice}", "${bob}"]\n`;
    const text = bucketFile("logs", allows('"${team}"', reads, objects));
    const { code, files, stderr } = await edited(
      { "account.yaml": account, "logs.yaml": text },
      "revoke",
      alice,
    );
    expect([code, files["logs.yaml"]]).toEqual([1, text]);
    expect(stderr).toContain("by a variable that also names others [edit]");
    expect(stderr).toContain("account.yaml:4:10");
  });

  test("buckets for the same reason are reported together", async () => {
    const openBucket = (bucket: string) =>
      bucketFile(
        bucket,
        "    # oss-policy-ignore public-policy: a website\n",
        allows('"*"', reads, `"acs:oss:*:${owner}:${bucket}/*"`),
      );
    const files = {
      "a.yaml": openBucket("aaa"),
      "b.yaml": openBucket("bbb"),
      "c.yaml": bucketFile("ccc", allows(`"${alice}"`, reads, `"acs:oss:*:${owner}:ccc/*"`)),
    };
    const ran = await edited(files, "revoke", "alice");
    expect([ran.code, ran.files]).toMatchObject([1, files]);
    expect(ran.stderr.match(/no edit of a list takes this away/g)).toHaveLength(1);
    expect(ran.stderr).toContain("the same here: b.yaml:6:7");
    const left = await edited(files, "revoke", "alice", "c*");
    expect([left.code, left.stdout]).toEqual([0, expect.stringContaining("aaa     all objects")]);
  });

  test("a field without a meaning", async () => {
    const text = bucketFile("logs", allows(`"${alice}", "${bob}"`, reads, objects), "      Elsewhere: x\n");
    const { code, files, stderr } = await revoked(text, "alice");
    expect([code, files["logs.yaml"]]).toEqual([1, text]);
    expect(stderr).toContain("cannot be proved: no meaning is known for the field `Elsewhere`");
  });

  test("an expectation of the file that would break", async () => {
    const text = `${bucketFile("logs", allows(`"${alice}"`, reads, objects), allows(`"${bob}"`, reads, objects))}expect:\n  - { can: alice, do: "oss:GetObject", to: "a" }\n`;
    const { code, files, stderr } = await revoked(text, "alice");
    expect([code, files["logs.yaml"]]).toEqual([1, text]);
    expect(stderr).toMatch(/the edit would bring these errors:\nlogs.yaml:10:5: error: not allowed: /);
  });
});

describe("a statement set", () => {
  const set = (principals: string) =>
    `Statement:\n${allows(principals, reads, '"acs:oss:*:${account}:${bucket}/*"')}`;
  const files = {
    "_sets/readers.yaml": set(`"${alice}", "${bob}"`),
    "a.yaml": "bucket: aaa\nuse: [readers]\n",
    "b.yaml": "bucket: bbb\nuse: [readers]\n",
  };

  test("is edited where every bucket that uses it is meant", async () => {
    const ran = await edited(files, "revoke", "alice");
    expect([ran.code, ran.files]).toMatchObject([0, { ...files, "_sets/readers.yaml": set(`"${bob}"`) }]);
    expect(ran.stdout).toContain("aaa, bbb (proved)\n");
  });

  test("is not edited for one of its buckets, which gets a Deny of its own instead", async () => {
    const one = await edited(files, "revoke", "alice", "aaa");
    expect([one.code, one.files]).toMatchObject([1, files]);
    expect(one.stderr).toContain("the edit would also change `bbb`, which shares the statement: alice");
    const denied = await edited(files, "revoke", "alice", "aaa", "--deny");
    expect([denied.code, denied.files["_sets/readers.yaml"], denied.files["b.yaml"]]).toEqual([
      0,
      files["_sets/readers.yaml"],
      files["b.yaml"],
    ]);
    expect(denied.files["a.yaml"]).toContain('    - Effect: Deny\n      Principal: ["${alice}"]\n');
  });

  test("keeps its file where no statement is left", async () => {
    const own = {
      ...files,
      "_sets/readers.yaml": set(`"${alice}"`),
      "b.yaml": "bucket: bbb\npolicy: none\n",
    };
    const guard = `Statement:\n${allows('"*"', '"oss:Delete*"', '"acs:oss:*:${account}:${bucket}/*"', "Deny")}`;
    const ran = await edited(
      { ...own, "_sets/guard.yaml": guard, "a.yaml": "bucket: aaa\nuse: [readers, guard]\n" },
      "revoke",
      "alice",
    );
    expect([ran.code, ran.files["_sets/readers.yaml"]]).toEqual([0, "Statement: []\n"]);
  });
});

describe("--deny", () => {
  test("leaves what is allowed, and denies the principal", async () => {
    const text = bucketFile("logs", allows(`"${alice}"`, reads, objects));
    const { code, files, stdout } = await revoked(text, "alice", "--deny");
    const added = allows('"${alice}"', '"oss:*"', `${itself}, ${objects}`, "Deny");
    expect([code, files["logs.yaml"]]).toEqual([0, `${text}${added}`]);
    expect(stdout).toContain("newly blocked alice is now denied");
    expect(stdout).toContain(`The policies of 1 bucket allow alice (${alice}) nothing (proved).\n`);
    expect(stdout).not.toContain("RAM policies and ACLs may still");
  });

  test("joins a Deny for the same requests", async () => {
    const denies = (principals: string) => allows(principals, '"oss:*"', `${itself}, ${objects}`, "Deny");
    const { files } = await revoked(bucketFile("logs", denies(`"${bob}"`)), "alice", "--deny");
    expect(files["logs.yaml"]).toBe(bucketFile("logs", denies(`"${bob}", "\${alice}"`)));
  });

  test("stops what everyone has", async () => {
    const ignored = "    # oss-policy-ignore public-policy: a website\n";
    const text = bucketFile("logs", ignored, allows('"*"', reads, objects));
    const { code, stdout } = await revoked(text, "alice", "oss:GetObject", "logs/a/*", "--deny");
    expect([code, stdout]).toEqual([0, expect.stringContaining("alice loses read on a/* (oss:GetObject)")]);
  });

  test("has nothing to do the second time", async () => {
    const text = bucketFile("logs", allows('"${alice}"', '"oss:*"', `${itself}, ${objects}`, "Deny"));
    const { code, files, stdout } = await revoked(text, "alice", "--deny");
    expect([code, files["logs.yaml"]]).toEqual([0, text]);
    expect(stdout).toContain("is already denied this");
  });

  test("never for the owner", async () => {
    const text = bucketFile("logs", allows(`"${alice}"`, reads, objects));
    const { code, stderr } = await revoked(text, "owner", "--deny");
    expect([code, stderr]).toEqual([1, expect.stringContaining("locks the owner out")]);
  });
});

test("has nothing to do where the principal has nothing", async () => {
  const text = bucketFile("logs", allows(`"${bob}"`, reads, objects));
  const { code, files, stdout } = await revoked(text, "alice", "l*");
  expect([code, files["logs.yaml"]]).toEqual([0, text]);
  expect(stdout).toContain(
    `Nothing to do: alice (${alice}) is allowed this by no statement that names it.\n`,
  );
});

test("a file with an error anywhere ends the run before an edit", async () => {
  const files = {
    "a.yaml": bucketFile("aaa", allows(`"${alice}"`, reads, '"acs:oss:*:*:aaa/*"')),
    "b.yaml": "bucket: [\n",
  };
  const ran = await edited(files, "revoke", "alice");
  expect([ran.code, ran.files]).toMatchObject([1, files]);
});

test("a report on many buckets is short", async () => {
  const names = Array.from({ length: 30 }, (_, index) => `bucket-${index + 10}`);
  const text = `buckets: [${names.join(", ")}]\npolicy:\n  Version: "1"\n  Statement:\n${allows(`"${alice}"`, both, '"acs:oss:*:${account}:${bucket}/*"')}`;
  const { code, stdout } = await edited({ "all.yaml": text }, "revoke", "alice", "oss:PutObject");
  expect(code).toBe(0);
  expect(stdout).toContain("bucket-10, bucket-11, bucket-12, bucket-13, bucket-14 and 25 more (proved)\n");
  expect(stdout).toContain(
    "\nbucket-29  all objects  none  none   none    none\nand 10 more buckets, which `access what-can` lists\n",
  );
  expect(stdout).toContain("Edited 1 file, for 30 buckets.");
});
