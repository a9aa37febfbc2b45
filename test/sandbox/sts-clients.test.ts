import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { JsonObject } from "../../src/policy/json.ts";
import type { SeedRole } from "../../src/sandbox/seed/seed.ts";
import { startSandbox, type Sandbox } from "../../src/sandbox/server.ts";
import { runCli, writeTree } from "../support/run-cli.ts";
import {
  account,
  issuer,
  keys,
  ownRoot,
  policyOf,
  providerArn,
  reader,
  stsSeed,
  tokenOf,
  trustOf,
} from "../support/sts-seed.ts";

const manages: JsonObject = policyOf({ Effect: "Allow", Action: "oss:*", Resource: "*" });
const withExternalId = { Condition: { StringEquals: { "sts:ExternalId": "team-a" } } };
const planner = {
  ...reader,
  name: "plans",
  trust: trustOf(ownRoot, withExternalId),
  policies: [policyOf({ Effect: "Allow", Action: ["oss:Get*", "oss:List*"], Resource: "*" })],
};
const applier = { ...planner, name: "applies", policies: [manages] };

const bucketFile = `bucket: app
policy:
  Version: "1"
  Statement:
    - Effect: Allow
      Principal: ["202147604049350002"]
      Action: ["oss:GetObject"]
      Resource: ["acs:oss:*:${account}:app/*"]
`;

function treeWith(credentials: string): string {
  return writeTree({
    "account.yaml": `account: "${account}"\nregion: cn-hangzhou\n${credentials}`,
    "app.yaml": bucketFile,
  });
}

function environmentFor({ url }: Sandbox): Readonly<Record<string, string>> {
  return { OSS_ENDPOINT: url, ALIBABA_CLOUD_STS_ENDPOINT: url, CI: "true" };
}

async function started(...roles: readonly SeedRole[]): Promise<Sandbox> {
  const sandbox = await startSandbox({ seed: stsSeed(...roles) });
  onTestFinished(() => sandbox.close());
  return sandbox;
}

test("this tool plans with one role and applies with another, both of the sandbox's STS", async () => {
  const sandbox = await started(planner, applier);
  const role = `{ plan: "acs:ram::${account}:role/plans", apply: "acs:ram::${account}:role/applies" }`;
  const tree = treeWith(`credentials: { role: ${role}, externalId: team-a }\n`);
  const env = {
    ...environmentFor(sandbox),
    OSS_ACCESS_KEY_ID: keys.alice.id,
    OSS_ACCESS_KEY_SECRET: keys.alice.secret,
  };
  const plan = await runCli(["plan", "--policies", tree], { env });
  expect(plan.stdout).toContain("1 to update");
  expect(sandbox.policyOf("app")).toBe('{"Version":"1","Statement":[]}');
  const apply = await runCli(["apply", "--policies", tree, "--yes"], { env });
  expect([apply.code, apply.stderr]).toEqual([0, expect.stringContaining("role/applies") as string]);
  expect(sandbox.policyOf("app")).toContain("202147604049350002");
  const other = await runCli(
    ["plan", "--policies", treeWith(`credentials: { role: ${role}, externalId: team-b }\n`)],
    { env },
  );
  expect(`${other.stdout}${other.stderr}`).toContain("STS answered 403 NoPermission");
});

test("a role that may only read cannot apply", async () => {
  const sandbox = await started({ ...planner, name: "applies" });
  const tree = treeWith(`credentials: { role: "acs:ram::${account}:role/applies", externalId: team-a }\n`);
  const env = {
    ...environmentFor(sandbox),
    OSS_ACCESS_KEY_ID: keys.alice.id,
    OSS_ACCESS_KEY_SECRET: keys.alice.secret,
  };
  const apply = await runCli(["apply", "--policies", tree, "--yes"], { env });
  expect(apply.code).not.toBe(0);
  expect(apply.stdout).toContain("0003-00000202");
  expect(sandbox.policyOf("app")).toBe('{"Version":"1","Statement":[]}');
});

test("this tool in a pod, with the token of its service account", async () => {
  const trust = trustOf(
    { Federated: [providerArn] },
    { Condition: { StringEquals: { "oidc:iss": issuer } } },
  );
  const sandbox = await started({ ...applier, trust });
  const token = join(writeTree({}), "token");
  const exp = Math.floor(Date.now() / 1000) + 600;
  writeFileSync(
    token,
    tokenOf({ iss: issuer, aud: "sts.aliyuncs.com", sub: "system:serviceaccount:a:b", exp }),
  );
  const env = {
    ...environmentFor(sandbox),
    ALIBABA_CLOUD_ROLE_ARN: `acs:ram::${account}:role/applies`,
    ALIBABA_CLOUD_OIDC_PROVIDER_ARN: providerArn,
    ALIBABA_CLOUD_OIDC_TOKEN_FILE: token,
  };
  const apply = await runCli(["apply", "--policies", treeWith(""), "--yes"], { env });
  expect([apply.code, sandbox.policyOf("app")]).toEqual([
    0,
    expect.stringContaining("202147604049350002") as string,
  ]);
});

interface RealSts {
  assumeRole(
    role: string,
    policy: object | undefined,
    seconds: number,
    session: string,
  ): Promise<{
    readonly credentials: Readonly<Record<"AccessKeyId" | "AccessKeySecret" | "SecurityToken", string>>;
  }>;
}

interface RealOss {
  new (options: object): {
    getBucketInfo(name: string): Promise<{ readonly bucket: { readonly Name: string } }>;
  };
  readonly STS: new (options: object) => RealSts;
}

test.each([true, false])("ali-oss assumes a role and uses its session, V4: %s", async (authorizationV4) => {
  const OSS = createRequire(import.meta.url)("ali-oss") as RealOss;
  const sandbox = await started(reader);
  const { id, secret } = keys.alice;
  const sts = new OSS.STS({ accessKeyId: id, accessKeySecret: secret, endpoint: sandbox.url });
  const { credentials } = await sts.assumeRole(`acs:ram::${account}:role/reader`, undefined, 900, "ci");
  const client = new OSS({
    accessKeyId: credentials.AccessKeyId,
    accessKeySecret: credentials.AccessKeySecret,
    stsToken: credentials.SecurityToken,
    refreshSTSToken: () => Promise.reject(new Error("the session lasts longer than this test")),
    refreshSTSTokenInterval: 600_000,
    region: "oss-cn-hangzhou",
    endpoint: `http://localhost:${sandbox.port}`,
    sldEnable: true,
    authorizationV4,
  });
  expect((await client.getBucketInfo("app")).bucket.Name).toBe("app");
  await expect(sts.assumeRole(`acs:ram::${account}:role/other`, undefined, 900, "ci")).rejects.toMatchObject({
    code: "EntityNotExist.Role",
  });
});
