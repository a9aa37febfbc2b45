import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { planSchema } from "../../src/plan/plan-schema.ts";
import { accountFile, environmentOf, runCli, writeTree } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";

const wanted = (bucket: string) => `bucket: ${bucket}
policy:
  Version: "1"
  Statement:
    - Effect: Allow
      Principal: ["202147604049350001"]
      Action: ["oss:GetObject", "oss:ListObjects"]
      Resource: ["acs:oss:*:*:${bucket}", "acs:oss:*:*:${bucket}/*"]
`;
const live = (bucket: string) =>
  `{"Version":"1","Statement":[{"Effect":"Allow","Principal":["202147604049350001","*"],"Action":"oss:GetObject","Resource":["acs:oss:*:*:${bucket}","acs:oss:*:*:${bucket}/*"]}]}`;
const policyOnly =
  '{"Version":"1","Statement":[{"Effect":"Deny","Principal":[202147604049350001],"Action":"oss:*","Resource":"*"}]}';

const tree = {
  "account.yaml": `${accountFile}scope: all\n`,
  "created.yaml": wanted("created"),
  "updated.yaml": wanted("updated"),
  "deleted.yaml":
    "bucket: deleted\npolicy: none\naccept:\n  - { hazard: access-undecided, reason: nobody needs it }\n",
  "same.yaml": "bucket: same\npolicy: none\n",
  "gone.yaml": wanted("gone"),
  "closed.yaml": wanted("closed"),
  "moved.yaml": `region: cn-hangzhou\n${wanted("moved")}`,
  "blocked.yaml": wanted("blocked").replace("Effect: Allow", "Effect: Allow\n      NotAction: mine"),
};

async function world() {
  const at = (name: string, policy?: string, region = "cn-hangzhou") => ({
    name,
    region,
    ...(policy === undefined ? {} : { policy }),
  });
  const sandbox = await sandboxWith({
    buckets: [
      at("created"),
      at("updated", live("updated")),
      at("deleted", policyOnly),
      at("same"),
      at("closed", live("closed")),
      at("blocked", live("blocked")),
      at("moved", live("moved"), "us-west-1"),
      at("stranger", policyOnly),
      at("stranger-without"),
    ],
  });
  sandbox.addFault({
    bucket: "closed",
    effect: { kind: "status", status: 403, code: "AccessDenied", ec: "0003-00000001" },
  });
  return { sandbox, folder: writeTree(tree), env: environmentOf(sandbox) };
}

/** The same run in any folder is the same text. */
function anonymous(text: string, folder: string): string {
  return text.replaceAll(folder, "policies");
}

test("the plan says what would be done, bucket by bucket, and what it could not read", async () => {
  const { folder, env } = await world();
  const { code, stdout, stderr } = await runCli(["plan", "--policies", folder], { env });
  expect(code).toBe(1);
  await expect(anonymous(stdout, folder)).toMatchFileSnapshot("../golden/plan.txt");
  await expect(anonymous(stderr, folder)).toMatchFileSnapshot("../golden/plan.stderr.txt");
});

test("the plan as JSON is one document on stdout, and the text goes to stderr", async () => {
  const { folder, env } = await world();
  const { stdout, stderr } = await runCli(["plan", "--policies", folder, "--json", "-"], { env });
  expect(stderr).toContain("Plan: 1 to create");
  await expect(
    anonymous(stdout, folder)
      .replace(/"version": "[^"]*"/, '"version": "VERSION"')
      // Over the names of the folder too, which is another one in each run.
      .replace(/"digest": "sha256:[0-9a-f]{64}"/, '"digest": "DIGEST"'),
  ).toMatchFileSnapshot("../golden/plan.json");
  expect(stdout).toContain("202147604049350001\n");
});

test("two runs on the same input are equal to the byte", async () => {
  const { folder, env } = await world();
  const [one, two] = [
    await runCli(["plan", "--policies", folder], { env }),
    await runCli(["plan", "--policies", folder], { env }),
  ];
  expect(two).toEqual(one);
});

describe("the JSON Schema of the plan", () => {
  test("is published beside the code, and current", async () => {
    const text = `${JSON.stringify(z.toJSONSchema(planSchema), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot("../../src/plan/plan.schema.json");
  });

  test("holds for every output, also where nothing could be planned", async () => {
    const schema: unknown = JSON.parse(
      readFileSync(new URL("../../src/plan/plan.schema.json", import.meta.url), "utf8"),
    );
    const validate = new Ajv2020({ strict: false }).compile(schema as object);
    const { folder, env } = await world();
    const runs = [
      await runCli(["plan", "--policies", folder, "--json", "-"], { env }),
      await runCli(["plan", "--policies", folder, "--bucket", "nothing", "--json", "-"], { env }),
      await runCli(["plan", "--policies", writeTree({}), "--json", "-"], { env }),
      await runCli(["apply", "--policies", folder, "--json", "-"], { env }),
    ];
    for (const { stdout } of runs) {
      validate(JSON.parse(stdout));
      expect(validate.errors).toBeNull();
    }
    expect(runs.map(({ stdout }) => (JSON.parse(stdout) as { errored: boolean }).errored)).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });
});

test("apply does what can be done, and every bucket has its outcome", async () => {
  const { sandbox, folder, env } = await world();
  const { code, stdout } = await runCli(["apply", "--policies", folder], { env });
  expect(code).toBe(1);
  await expect(anonymous(stdout.slice(stdout.indexOf("Plan: ")), folder)).toMatchFileSnapshot(
    "../golden/apply.txt",
  );
  expect(["deleted", "blocked", "closed", "stranger"].map((name) => sandbox.policyOf(name))).toEqual([
    undefined,
    live("blocked"),
    live("closed"),
    policyOnly,
  ]);
  expect(sandbox.policyOf("moved")).toBe(sandbox.policyOf("created")?.replaceAll("created", "moved"));
  const before = sandbox.requests.length;
  await runCli(["apply", "--policies", folder], { env });
  expect(sandbox.requests.slice(before).filter(({ method }) => method !== "GET")).toEqual([]);
});

test("--bucket narrows plan and apply to what matches", async () => {
  const { sandbox, folder, env } = await world();
  const { stdout } = await runCli(["apply", "--policies", folder, "--bucket", "created", "--bucket", "d*"], {
    env,
  });
  expect(stdout).toContain("Apply: 2 applied.\nExit 0, success.\n");
  expect(new Set(sandbox.requests.map(({ bucket }) => bucket))).toEqual(new Set(["created", "deleted"]));
});

describe("exit codes", () => {
  const ends = async (words: readonly string[]) => {
    const { folder, env } = await world();
    const { code, stdout } = await runCli([...words, "--policies", folder], { env });
    return `${code} ${stdout.trimEnd().split("\n").at(-1) ?? ""}`;
  };

  const andBlocked = "; also blocked by a guard: 1 bucket by hazards that are not accepted.";
  test.each<[readonly string[], string]>([
    [["plan", "--bucket", "same"], "0 Exit 0, success."],
    [["plan", "--bucket", "created"], "0 Exit 0, success."],
    [["plan", "--bucket", "created", "--detailed-exitcode"], "2 Exit 2, success with pending changes."],
    [["plan", "--bucket", "same", "--detailed-exitcode"], "0 Exit 0, success."],
    [
      ["plan", "--detailed-exitcode"],
      `1 Exit 1, error: 2 buckets could not be read; 1 error finding${andBlocked}`,
    ],
    [["plan", "--bucket", "blocked"], `1 Exit 1, error: 1 error finding${andBlocked}`],
  ])("%j", async (words, line) => {
    expect(await ends(words)).toBe(line);
  });
});

describe("consent", () => {
  const start = async (
    env: Readonly<Record<string, string>>,
    answer?: string,
    words: readonly string[] = [],
  ) => {
    const { sandbox, folder, env: cloud } = await world();
    const options = { env: { ...cloud, CI: "", ...env }, ...(answer === undefined ? {} : { answer }) };
    const result = await runCli(["apply", "--policies", folder, "--bucket", "created", ...words], options);
    return { ...result, isWritten: sandbox.policyOf("created") !== undefined };
  };

  test("a person who says yes has it written", async () => {
    const { isWritten, stderr } = await start({}, "yes");
    expect([isWritten, stderr]).toEqual([true, expect.stringContaining("Write 1 policy change to OSS?")]);
  });

  test.each(["", "y", "no"])("a person who says %j has not", async (answer) => {
    expect(await start({}, answer)).toMatchObject({ isWritten: false, code: 1 });
  });

  test("where nobody is and no pipeline, --yes is wanted", async () => {
    expect(await start({})).toMatchObject({
      isWritten: false,
      code: 1,
      stderr: expect.stringContaining("--yes") as string,
    });
    expect(await start({}, undefined, ["--yes"])).toMatchObject({ isWritten: true, code: 0 });
  });

  test("a pipeline is not asked", async () => {
    expect(await start({ CI: "true" })).toMatchObject({ isWritten: true, code: 0 });
  });
});

describe("buckets without a file", () => {
  test("are only looked for where the scope is all", async () => {
    const { sandbox, env } = await world();
    const folder = writeTree({ ...tree, "account.yaml": accountFile });
    const { stdout } = await runCli(["plan", "--policies", folder], { env });
    expect(stdout).not.toContain("stranger");
    expect(sandbox.requests.some(({ operation }) => operation === "ListBuckets")).toBe(false);
  });

  test("that cannot be listed are an error, and the plan of the others is shown", async () => {
    const { sandbox, folder, env } = await world();
    sandbox.addFault({
      operation: "ListBuckets",
      effect: { kind: "status", status: 403, code: "AccessDenied" },
    });
    const { code, stdout, stderr } = await runCli(["plan", "--policies", folder], { env });
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining("the buckets cannot be listed: OSS answered 403"),
    ]);
    expect(stdout).toContain("Plan: 1 to create");
  });
});

describe("a sandbox in the process", () => {
  test("holds every bucket of the tree without a policy", async () => {
    const { code, stdout } = await runCli([
      "apply",
      "--yes",
      "--sandbox",
      "--policies",
      writeTree({ "account.yaml": accountFile, "created.yaml": wanted("created") }),
    ]);
    expect([code, stdout]).toEqual([0, expect.stringContaining("Apply: 1 applied.")]);
  });

  test("holds what --seed says", async () => {
    const folder = writeTree({
      "p/account.yaml": accountFile,
      "p/x.yaml": "bucket: xxx\npolicy: none\n",
      "seed.yaml": `buckets:\n  - name: xxx\n    region: cn-hangzhou\n    policy: '${live("xxx")}'\n`,
    });
    const { stdout } = await runCli([
      "plan",
      "--sandbox",
      "--seed",
      join(folder, "seed.yaml"),
      "--policies",
      join(folder, "p"),
    ]);
    expect(stdout).toContain("- delete the policy of xxx");
  });
});
