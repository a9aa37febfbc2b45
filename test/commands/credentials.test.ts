import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Sandbox } from "../../src/sandbox/server.ts";
import { oidcProvider, planRole } from "../support/credentials.ts";
import { errorDocument, hostileOss } from "../support/hostile-oss.ts";
import { newRepository } from "../support/repository.ts";
import { accountFile, runCli, writeTree } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";
import {
  answerJson,
  keyOfSession,
  sessionOf,
  sessionsByRole,
  startSts,
  type StsAnswer,
  type StsServer,
} from "../support/sts.ts";

const applyRole = "acs:ram::1746495857600001:role/applies";
const bucketFile = `bucket: data
policy:
  Version: "1"
  Statement:
    - Effect: Allow
      Principal: ["202147604049350001"]
      Action: ["oss:GetObject"]
      Resource: ["acs:oss:*:1746495857600001:data/*"]
`;
const roles = `${accountFile}credentials: { role: { plan: "${planRole}", apply: "${applyRole}" } }\n`;

/** A sandbox that knows the sessions of these roles alone. */
function sandboxFor(...names: readonly string[]): Promise<Sandbox> {
  return sandboxWith({ keys: names.map(keyOfSession), buckets: [{ name: "data", region: "cn-hangzhou" }] });
}

const pair = { OSS_ACCESS_KEY_ID: "LTAI-base-key-id", OSS_ACCESS_KEY_SECRET: "base-secret-0123456789" };

function environment(sandbox: Pick<Sandbox, "url">, sts: StsServer): Record<string, string> {
  return { ...pair, OSS_ENDPOINT: sandbox.url, ALIBABA_CLOUD_STS_ENDPOINT: sts.url, CI: "true" };
}

const rolesOf = ({ calls }: StsServer) =>
  calls.map(({ query, form }) => query.get("RoleArn") ?? form.get("RoleArn"));

describe("credentials of account.yaml", () => {
  test("plan and apply assume a role each, and say so", async () => {
    const [sts, sandbox] = [await startSts(sessionsByRole), await sandboxFor("plans", "applies")];
    const folder = writeTree({ "account.yaml": roles, "data.yaml": bucketFile });
    const env = environment(sandbox, sts);
    const plan = await runCli(["plan", "--policies", folder], { env });
    expect([plan.code, plan.stderr]).toEqual([
      0,
      `credentials: role ${planRole} (${join(folder, "account.yaml")}), assumed with the key in OSS_ACCESS_KEY_ID; account 1746495857600001\n`,
    ]);
    expect(await runCli(["apply", "--policies", folder], { env })).toMatchObject({
      code: 0,
      stderr: expect.stringContaining(`credentials: role ${applyRole}`) as string,
    });
    expect(rolesOf(sts)).toEqual([planRole, applyRole]);
  });

  test("restore takes the role that applies, and a dry run of it the one that plans", async () => {
    const [sts, sandbox] = [await startSts(sessionsByRole), await sandboxFor("plans", "applies")];
    const folder = writeTree({ "account.yaml": roles, "data.yaml": bucketFile });
    const env = environment(sandbox, sts);
    const journal = join(writeTree({}), "journal.jsonl");
    await runCli(["apply", "--policies", folder, "--journal", journal], { env });
    await runCli(["restore", "--policies", folder, "--journal", journal, "--dry-run"], { env });
    await runCli(["restore", "--policies", folder, "--journal", journal, "--yes"], { env });
    expect(rolesOf(sts)).toEqual([applyRole, planRole, applyRole]);
  });

  test("an ECS role is asked for at the metadata, only where it is named", async () => {
    const metadata = await startSts(({ method }, response) => {
      if (method === "PUT") response.end("metadata-token");
      else answerJson(response, 200, { Code: "Success", ...sessionOf("instance") });
    });
    const sandbox = await sandboxFor("instance");
    const folder = writeTree({
      "account.yaml": `${accountFile}credentials: { ecsRole: oss-policy }\n`,
      "data.yaml": bucketFile,
    });
    const plain = writeTree({ "account.yaml": accountFile, "data.yaml": bucketFile });
    const env = { OSS_ENDPOINT: sandbox.url, OSS_POLICY_METADATA_ENDPOINT: metadata.url };
    expect(await runCli(["plan", "--policies", plain], { env })).toMatchObject({ code: 1 });
    expect(metadata.calls).toEqual([]);
    expect(await runCli(["plan", "--policies", folder], { env })).toMatchObject({ code: 0 });
    expect(await runCli(["plan", "--policies", plain, "--ecs-role", "oss-policy"], { env })).toMatchObject({
      code: 0,
      stderr: "credentials: the ECS role `oss-policy` of this instance; account 1746495857600001\n",
    });
    expect(metadata.calls).toHaveLength(4);
  });
});

describe("with --base", () => {
  const other = "acs:ram::1746495857600001:role/administrators";
  const evil = `${accountFile}credentials: { role: "${other}" }\n`;

  test("a revision does not choose the role with which it is planned, and the change is listed", async () => {
    const [sts, sandbox] = [await startSts(sessionsByRole), await sandboxFor("plans")];
    const repository = newRepository({ "policies/account.yaml": roles, "policies/data.yaml": bucketFile });
    repository.write({ "policies/account.yaml": evil });
    const { stdout } = await runCli(["plan", "--base", "HEAD"], {
      env: environment(sandbox, sts),
      folder: repository.folder,
    });
    expect(rolesOf(sts)).toEqual([planRole]);
    expect(stdout).toContain("`credentials` is changed");
  });

  test.each([
    ["an account that had none", accountFile, {}],
    ["an account that is new", undefined, {}],
    ["an account that is moved to another folder", undefined, { "policies/old/account.yaml": accountFile }],
  ])("%s is planned with the credentials of the environment", async (_, before, more) => {
    const [sts, sandbox] = [await startSts(sessionsByRole), await sandboxWith({})];
    const repository = newRepository({
      "policies/readme.md": "",
      ...(before === undefined ? {} : { "policies/account.yaml": before }),
      ...more,
    });
    repository.write({
      ...Object.fromEntries(Object.keys(more).map((name) => [name, null])),
      "policies/account.yaml": evil,
      "policies/data.yaml": bucketFile,
    });
    const { stderr } = await runCli(["plan", "--base", "HEAD"], {
      env: environment(sandbox, sts),
      folder: repository.folder,
    });
    expect(stderr).toContain("credentials: the key in OSS_ACCESS_KEY_ID");
    expect(sts.calls).toEqual([]);
  });

  test("an ECS role or a profile that a revision names is not used", async () => {
    const [sts, sandbox] = [await startSts(sessionsByRole), await sandboxWith({})];
    for (const named of ["ecsRole: x", "profile: x"]) {
      const repository = newRepository({ "policies/account.yaml": accountFile });
      repository.write({
        "policies/account.yaml": `${accountFile}credentials: { ${named} }\n`,
        "policies/data.yaml": bucketFile,
      });
      const env = { ...environment(sandbox, sts), OSS_POLICY_METADATA_ENDPOINT: sts.url };
      await runCli(["plan", "--base", "HEAD"], { env, folder: repository.folder });
    }
    expect(sts.calls).toEqual([]);
  });
});

describe("a run without credentials connects to nothing", () => {
  const tree = () => writeTree({ "account.yaml": roles, "data.yaml": bucketFile });

  test("STS refuses: one error, whatever the number of buckets", async () => {
    const sts = await startSts((_, response) => answerJson(response, 403, { Code: "NoPermission" }));
    const sandbox = await sandboxFor("plans");
    const buckets = Array.from({ length: 40 }, (_, at) => [
      `b${at}.yaml`,
      bucketFile.replace("data", `data-${at}`),
    ]);
    const folder = writeTree({
      "account.yaml": roles,
      ...(Object.fromEntries(buckets) as Record<string, string>),
    });
    const { code, stderr } = await runCli(["plan", "--policies", folder], { env: environment(sandbox, sts) });
    expect([code, stderr]).toEqual([
      1,
      "error: account 1746495857600001 cannot be used: STS answered 403 NoPermission [credentials]\n" +
        "  help: allow the caller sts:AssumeRole on this role in a RAM policy, and name the caller in the role's trust policy\n",
    ]);
    expect([sandbox.requests, sts.calls.length]).toEqual([[], 1]);
  });

  test.each<[string, readonly string[], Record<string, string>, string]>([
    ["plain http to STS", [], { ALIBABA_CLOUD_STS_ENDPOINT: "http://sts.aliyuncs.com" }, "plain http"],
    ["a profile with a sandbox", ["--sandbox", "--profile", "x"], {}, "--profile names credentials"],
    ["an ECS role with a sandbox", ["--sandbox", "--ecs-role", "x"], {}, "--ecs-role names credentials"],
    ["a profile beside a key", ["--profile", "x"], {}, "--profile has no effect"],
    ["a half-set key", [], { OSS_ACCESS_KEY_SECRET: "" }, "OSS_ACCESS_KEY_SECRET is missing"],
  ])("%s", async (_, words, settings, message) => {
    const [sts, sandbox] = [await startSts(sessionsByRole), await sandboxFor("plans")];
    const env = { ...environment(sandbox, sts), ...settings };
    if (words.includes("--sandbox")) delete (env as Partial<typeof env>).OSS_ENDPOINT;
    const { code, stderr } = await runCli(["plan", "--policies", tree(), ...words], { env });
    expect([code, stderr]).toEqual([1, expect.stringContaining(message)]);
    expect([sts.calls, sandbox.requests]).toEqual([[], []]);
  });
});

test("apply goes on where OSS refuses the token of a write: read, and write once with a new one", async () => {
  const sts = await startSts((_, response, index) =>
    answerJson(response, 200, { Credentials: sessionOf(`session${index}`) }),
  );
  let live: string | undefined;
  const writes: string[] = [];
  const oss = await hostileOss((request, response) => {
    const isOld = request.headers["x-oss-security-token"] === sessionOf("session0")["SecurityToken"];
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      if (request.method === "PUT") {
        writes.push(isOld ? "old" : "new");
        if (isOld) return response.writeHead(403).end(errorDocument("SecurityTokenExpired"));
        live = Buffer.concat(chunks).toString("utf8");
        return response.end();
      }
      if (request.url?.includes("policy") !== true) return response.writeHead(403).end(errorDocument("X"));
      return live === undefined
        ? response.writeHead(404).end(errorDocument("NoSuchBucketPolicy"))
        : response.end(live);
    });
  });
  const known = `${roles}identities: { data-team: "202147604049350001" }\n`;
  const folder = writeTree({ "account.yaml": known, "data.yaml": bucketFile });
  const env = environment(oss, sts);
  const words = ["--accept", "grants-unknown-principal@data", "--accept", "unknown-owner@data"];
  const { code, stdout } = await runCli(["apply", "--policies", folder, ...words], { env });
  expect([code, writes], stdout).toEqual([0, ["old", "new"]]);
  expect(rolesOf(sts)).toEqual([applyRole, applyRole]);
});

test("no stream, report or journal has a secret, where STS and OSS repeat what they get", async () => {
  const marks = [
    "profile-secret-0123456789",
    "LTAI-of-the-profile",
    "STS.",
    "-session-secret",
    "-session-token",
  ];
  const oidcToken = "eyJhbGciOiJub25lIn0.marked-claims-of-the-token.signature-of-it";
  const home = writeTree({
    ".aliyun/config.json": JSON.stringify({
      profiles: [
        {
          name: "p",
          mode: "RamRoleArn",
          access_key_id: "LTAI-of-the-profile",
          access_key_secret: "profile-secret-0123456789",
          ram_role_arn: planRole,
        },
      ],
    }),
    token: oidcToken,
  });
  const profile = { HOME: home, ALIBABA_CLOUD_PROFILE: "p" };
  const oidc = {
    ALIBABA_CLOUD_ROLE_ARN: planRole,
    ALIBABA_CLOUD_OIDC_PROVIDER_ARN: oidcProvider,
    ALIBABA_CLOUD_OIDC_TOKEN_FILE: join(home, "token"),
  };
  const folder = writeTree({ "account.yaml": accountFile, "data.yaml": bucketFile });
  let used = "";
  const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const oss = await hostileOss((request, response) => {
    const body = escaped(`${JSON.stringify(request.headers)} ${used}`);
    response.writeHead(403).end(errorDocument("AccessDenied").replace(">m<", `>${body}<`));
  });
  const echo: StsAnswer = ({ form, headers }, response) => {
    const Code = JSON.stringify([...form, headers]);
    answerJson(response, 403, { Code, Message: Code });
  };
  for (const source of [profile, oidc])
    for (const answer of [sessionsByRole, echo])
      for (const verb of ["plan", "apply"]) {
        used = source === oidc ? oidcToken : "";
        const reports = writeTree({});
        const words = ["json", "markdown", "html", "sarif"].flatMap((form) => [
          `--${form}`,
          join(reports, form),
        ]);
        const journal = verb === "apply" ? ["--journal", join(reports, "journal")] : [];
        const sts = await startSts(answer);
        const env = { ...source, OSS_ENDPOINT: oss.url, ALIBABA_CLOUD_STS_ENDPOINT: sts.url, CI: "true" };
        const { code, stdout, stderr } = await runCli([verb, "--policies", folder, ...words, ...journal], {
          env,
        });
        expect(code).toBe(1);
        const written = readdirSync(reports).map((name) => readFileSync(join(reports, name), "utf8"));
        expect(written.length).toBeGreaterThanOrEqual(4);
        for (const text of [stdout, stderr, ...written])
          for (const mark of [...marks, oidcToken.slice(0, 16), "marked-claims", "signature-of-it"])
            expect(text).not.toContain(mark);
        expect(stderr).toMatch(answer === echo ? /STS answered 403 \[credentials\]/ : /^credentials: /);
      }
});
