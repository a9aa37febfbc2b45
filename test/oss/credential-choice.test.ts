import { describe, expect, test } from "vitest";
import { chooseCredentials, type CredentialRequest } from "../../src/oss/credential-choice.ts";
import { metadataEndpoint } from "../../src/oss/instance-metadata.ts";
import { stsEndpoint } from "../../src/oss/sts-endpoint.ts";

const role = "acs:ram::1746495857600001:role/plans";
const pair = { OSS_ACCESS_KEY_ID: "a", OSS_ACCESS_KEY_SECRET: "b" };
const cloud = { ALIBABA_CLOUD_ACCESS_KEY_ID: "c", ALIBABA_CLOUD_ACCESS_KEY_SECRET: "d" };
const oidc = {
  ALIBABA_CLOUD_ROLE_ARN: role,
  ALIBABA_CLOUD_OIDC_PROVIDER_ARN: "acs:ram::1746495857600001:oidc-provider/ack-rrsa",
  ALIBABA_CLOUD_OIDC_TOKEN_FILE: "/var/run/token",
};
const profiles = [
  { name: "keys", mode: "AK", access_key_id: "id", access_key_secret: "secret-of-the-profile" },
  { name: "token", mode: "StsToken", access_key_id: "id", access_key_secret: "secret", sts_token: "t" },
  {
    name: "role",
    mode: "RamRoleArn",
    access_key_id: "id",
    access_key_secret: "secret",
    ram_role_arn: role,
    ram_session_name: "me",
    expired_seconds: 900,
    sts_region: "cn-hangzhou",
    external_id: "team-a",
  },
  { name: "chain", mode: "ChainableRamRoleArn", source_profile: "role", ram_role_arn: role },
  { name: "half", mode: "AK", access_key_id: "id" },
  { name: "half-token", mode: "StsToken", access_key_id: "id", access_key_secret: "s" },
  { name: "half-role", mode: "RamRoleArn", access_key_id: "id", access_key_secret: "s" },
  { name: "half-chain", mode: "ChainableRamRoleArn", ram_role_arn: role },
  { name: "circle", mode: "ChainableRamRoleArn", ram_role_arn: role, source_profile: "circle" },
  { name: "lost", mode: "ChainableRamRoleArn", ram_role_arn: role, source_profile: "kezs" },
  { name: "no-arn", mode: "RamRoleArn", access_key_id: "id", access_key_secret: "s", ram_role_arn: "x" },
  ...["EcsRamRole", "OIDC", "CloudSSO", "OAuth", "External", "RsaKeyPair", "CredentialsURI"].map((mode) => ({
    name: mode,
    mode,
    process_command: "touch /tmp/never",
  })),
];

function choose(request: Partial<CredentialRequest>, config: string = JSON.stringify({ profiles })) {
  return chooseCredentials({
    use: "plan",
    readFile: (path) =>
      path === "/home/me/.aliyun/config.json" ? { text: config } : { problem: "cannot be read (ENOENT)" },
    ...request,
    env: { HOME: "/home/me", ...request.env },
  });
}

function named(
  credentials: NonNullable<CredentialRequest["account"]>["credentials"],
): Pick<CredentialRequest, "account"> {
  return { account: { file: "policies/account.yaml", credentials } };
}

describe("the first source that is set is used", () => {
  test.each<[string, Partial<CredentialRequest>, string]>([
    [
      "the OSS pair",
      { env: { ...pair, ...cloud, ...oidc, ALIBABA_CLOUD_PROFILE: "keys" } },
      "OSS_ACCESS_KEY_ID",
    ],
    [
      "the other pair",
      { env: { ...cloud, ...oidc, ALIBABA_CLOUD_PROFILE: "keys" } },
      "ALIBABA_CLOUD_ACCESS_KEY_ID",
    ],
    [
      "OIDC",
      { env: { ...oidc, ALIBABA_CLOUD_PROFILE: "keys" } },
      "the token in ALIBABA_CLOUD_OIDC_TOKEN_FILE",
    ],
    ["a profile of the environment", { env: { ALIBABA_CLOUD_PROFILE: "keys" } }, "profile `keys`"],
    [
      "a profile of the option",
      { profile: "token", env: { ALIBABA_CLOUD_PROFILE: "keys" } },
      "profile `token`",
    ],
    ["an ECS role by name", { ecsRole: "oss-policy" }, "the ECS role `oss-policy`"],
    [
      "a role of account.yaml",
      { env: pair, ...named({ kind: "role", role: { plan: role, apply: role } }) },
      role,
    ],
    [
      "a profile of account.yaml",
      { env: pair, ...named({ kind: "profile", profile: "keys" }) },
      "profile `keys`",
    ],
    [
      "an ECS role of account.yaml",
      { env: pair, ...named({ kind: "ecsRole", ecsRole: "x" }) },
      "the ECS role `x`",
    ],
  ])("%s", (_, request, source) => {
    expect(choose(request)).toHaveProperty("source", expect.stringContaining(source));
  });

  test("a role of account.yaml is that of the verb, assumed with the environment's credentials", () => {
    const roles = { plan: role, apply: "acs:ram::1746495857600001:role/applies" };
    const chosen = choose({
      env: cloud,
      use: "apply",
      ...named({ kind: "role", role: roles, externalId: "team-a" }),
    });
    expect(chosen).toEqual({
      source:
        "role acs:ram::1746495857600001:role/applies (policies/account.yaml), assumed with the key in ALIBABA_CLOUD_ACCESS_KEY_ID",
      recipe: {
        kind: "role",
        role: { arn: roles.apply, sessionName: "oss-policy", durationSeconds: 3_600, externalId: "team-a" },
        from: {
          kind: "keys",
          credentials: { accessKeyId: "c", accessKeySecret: "d", securityToken: undefined },
        },
      },
    });
  });
});

describe("modes of a profile", () => {
  const keys = (securityToken?: string) => ({
    kind: "keys",
    credentials: { accessKeyId: "id", accessKeySecret: "secret", securityToken },
  });
  const assumed = {
    arn: role,
    sessionName: "me",
    durationSeconds: 900,
    externalId: "team-a",
    stsRegion: "cn-hangzhou",
  };
  test.each([
    ["token", keys("t")],
    ["role", { kind: "role", role: assumed, from: keys() }],
    [
      "chain",
      {
        kind: "role",
        role: { arn: role, sessionName: "oss-policy", durationSeconds: 3_600 },
        from: { kind: "role", role: assumed, from: keys() },
      },
    ],
  ])("%s", (profile, recipe) => {
    expect(choose({ profile })).toHaveProperty("recipe", recipe);
  });

  test("a file as the CLI writes it, indented, reads alike", () => {
    const config = JSON.stringify({ current: "x", profiles, meta_path: "" }, null, "\t");
    expect(choose({ profile: "chain" }, config)).toEqual(choose({ profile: "chain" }));
  });

  test.each(["EcsRamRole", "OIDC", "CloudSSO", "OAuth", "External", "RsaKeyPair", "CredentialsURI"])(
    "%s is named as not supported",
    (profile) => {
      expect(choose({ profile })).toMatchObject({
        problem: `profile \`${profile}\` in \`/home/me/.aliyun/config.json\` has the mode \`${profile}\`, which is not supported`,
      });
    },
  );
});

describe("half-set and contradictory sources are errors, and nothing falls through", () => {
  const without = (name: keyof typeof oidc) => ({ ...oidc, [name]: " ", ALIBABA_CLOUD_PROFILE: "keys" });
  test.each<[string, Partial<CredentialRequest>, string]>([
    ["nothing", {}, "there are no credentials for OSS"],
    ["a secret alone", { env: { OSS_ACCESS_KEY_SECRET: "b", ...cloud } }, "OSS_ACCESS_KEY_ID is missing"],
    ["no role", { env: without("ALIBABA_CLOUD_ROLE_ARN") }, "ALIBABA_CLOUD_ROLE_ARN is missing"],
    [
      "no provider",
      { env: without("ALIBABA_CLOUD_OIDC_PROVIDER_ARN") },
      "ALIBABA_CLOUD_OIDC_PROVIDER_ARN is missing",
    ],
    [
      "no file",
      { env: without("ALIBABA_CLOUD_OIDC_TOKEN_FILE") },
      "ALIBABA_CLOUD_OIDC_TOKEN_FILE is missing",
    ],
    [
      "a role alone",
      { env: { ALIBABA_CLOUD_ROLE_ARN: role } },
      "ALIBABA_CLOUD_OIDC_PROVIDER_ARN and ALIBABA_CLOUD_OIDC_TOKEN_FILE are missing",
    ],
    ["a role that is none", { env: { ...oidc, ALIBABA_CLOUD_ROLE_ARN: "plans" } }, "not the ARN of a role"],
    [
      "a provider that is none",
      { env: { ...oidc, ALIBABA_CLOUD_OIDC_PROVIDER_ARN: role } },
      "not the ARN of an OIDC provider",
    ],
    [
      "a session name",
      { env: { ...pair, ALIBABA_CLOUD_ROLE_SESSION_NAME: "a b" } },
      "not the name of a session",
    ],
    ["a profile without a secret", { profile: "half" }, "`access_key_secret` is missing"],
    ["a profile without a token", { profile: "half-token" }, "`sts_token` is missing"],
    ["a profile without its role", { profile: "half-role" }, "`ram_role_arn` is missing"],
    ["a profile without its source", { profile: "half-chain" }, "`source_profile` is missing"],
    ["a profile of itself", { profile: "circle" }, "in a circle"],
    ["a profile of one that is not there", { profile: "lost" }, "has no profile `kezs`"],
    ["a profile with another ARN", { profile: "no-arn" }, "not the ARN of a role"],
    ["a profile that is not there", { profile: "kezs" }, "has no profile `kezs`"],
    ["an empty profile", { profile: "" }, "has no profile ``"],
    ["no home", { profile: "keys", env: { HOME: "" } }, "HOME is not set"],
    ["no file of profiles", { profile: "keys", env: { HOME: "/elsewhere" } }, "cannot be read (ENOENT)"],
    ["both options", { profile: "keys", ecsRole: "x" }, "exclude each other"],
    ["a profile beside a key", { profile: "keys", env: pair }, "--profile has no effect"],
    ["an ECS role beside OIDC", { ecsRole: "x", env: oidc }, "--ecs-role has no effect"],
    [
      "an option beside account.yaml",
      { profile: "token", ...named({ kind: "profile", profile: "keys" }) },
      "no effect",
    ],
    ["an ECS role that is a path", { ecsRole: "../x" }, "not the name of a role"],
    [
      "an account's role without credentials",
      named({ kind: "role", role: { plan: role, apply: role } }),
      "no credentials",
    ],
  ])("%s", (_, request, problem) => {
    expect(choose(request)).toHaveProperty("problem", expect.stringContaining(problem));
  });

  test.each([
    "",
    "{",
    "[]",
    '{"profiles":{}}',
    '{"profiles":[{"name":"keys","access_key_secret":"marked-secret"}',
  ])("a file of profiles that is broken is not quoted: %s", (config) => {
    const chosen = choose({ profile: "keys" }, config);
    expect(chosen).toHaveProperty(
      "problem",
      expect.stringContaining("not a configuration of the aliyun CLI"),
    );
    expect(JSON.stringify(chosen)).not.toContain("marked-secret");
  });
});

describe("endpoints of STS", () => {
  test.each([
    [{}, "https://sts.aliyuncs.com"],
    [{ ALIBABA_CLOUD_STS_REGION: "cn-hangzhou" }, "https://sts.cn-hangzhou.aliyuncs.com"],
    [
      { ALIBABA_CLOUD_STS_REGION: "cn-hangzhou", ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED: "true" },
      "https://sts-vpc.cn-hangzhou.aliyuncs.com",
    ],
    [{ ALIBABA_CLOUD_STS_ENDPOINT: "sts.cn-beijing.aliyuncs.com" }, "https://sts.cn-beijing.aliyuncs.com"],
    [{ ALIBABA_CLOUD_STS_ENDPOINT: "https://sts.example.com:8443/" }, "https://sts.example.com:8443"],
    [{ ALIBABA_CLOUD_STS_ENDPOINT: "http://127.0.0.1:9000" }, "http://127.0.0.1:9000"],
  ])("%j", (env, url) => {
    expect(stsEndpoint(env, undefined)).toEqual({ url });
  });

  test.each([
    ["plain http", { ALIBABA_CLOUD_STS_ENDPOINT: "http://sts.aliyuncs.com" }],
    ["a host that begins like the loopback", { ALIBABA_CLOUD_STS_ENDPOINT: "http://127.0.0.1.example.com" }],
    ["a password", { ALIBABA_CLOUD_STS_ENDPOINT: "https://a:marked-secret@sts.aliyuncs.com" }],
    ["a path", { ALIBABA_CLOUD_STS_ENDPOINT: "sts.aliyuncs.com/path" }],
    ["a template", { ALIBABA_CLOUD_STS_ENDPOINT: "sts.{region}.aliyuncs.com" }],
    ["a VPC without its region", { ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED: "true" }],
    ["a switch that is neither", { ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED: "maybe" }],
    ["a region that is a host", { ALIBABA_CLOUD_STS_REGION: "evil.example.com/" }],
  ])("%s is refused", (_, env) => {
    const endpoint = stsEndpoint(env, undefined);
    expect(endpoint).toHaveProperty("problem");
    expect(JSON.stringify(endpoint)).not.toContain("marked-secret");
  });

  test("the region of a profile counts where the environment names none", () => {
    expect(stsEndpoint({}, "cn-beijing")).toEqual({ url: "https://sts.cn-beijing.aliyuncs.com" });
    expect(stsEndpoint({ ALIBABA_CLOUD_STS_REGION: "cn-hangzhou" }, "cn-beijing")).toEqual({
      url: "https://sts.cn-hangzhou.aliyuncs.com",
    });
  });
});

test.each(["https://100.100.100.200", "http://example.com", "http://[::1]:80", "https://127.0.0.1"])(
  "no other address than the loopback stands in for the metadata: %s",
  (address) => {
    expect(metadataEndpoint({ OSS_POLICY_METADATA_ENDPOINT: address })).toHaveProperty("problem");
  },
);
