import { join } from "node:path";
import { onTestFinished } from "vitest";
import { baseKeys, oidcRecipe, planRole, providerOf, roleRecipe } from "../support/credentials.ts";
import { answering, errorDocument, hostileOss } from "../support/hostile-oss.ts";
import { newRepository } from "../support/repository.ts";
import { accountFile, runCli, writeTree } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";
import { answerJson, givingSessions, sessionOf, startSts, type StsAnswer } from "../support/sts.ts";
import { credentialMutants } from "./credential-mutants.ts";
import { killed, type Build } from "./killed.ts";

const otherRole = "acs:ram::1746495857600001:role/other";
const bucket = { bucket: "bucket-1", region: "cn-hangzhou" };

/** What is chosen for these variables and options: the problem, or the source. */
function chosen({ product }: Build, env: Record<string, string>, more: object = {}): string {
  const profiles = [{ name: "half", mode: "AK", access_key_id: "id" }];
  const found = product.chooseCredentials({
    env: { HOME: "/home/me", ...env },
    readFile: () => ({ text: JSON.stringify({ profiles }) }),
    use: "apply",
    ...more,
  });
  return "problem" in found ? "problem" : found.source;
}

/** A store over an OSS that refuses every token, after so many calls of STS that give a session. */
async function refusedStore({ product }: Build, sessions: number) {
  const give = givingSessions();
  const sts = await startSts((call, response, index) => {
    if (index < sessions) give(call, response, index);
    else answerJson(response, 403, { Code: "NoPermission" });
  });
  const { provider, secrets, clock } = providerOf(roleRecipe(), sts.url, { open: product.openProvider });
  const oss = await hostileOss(answering(403, errorDocument("SecurityTokenExpired")));
  const options = { provider, secrets, endpoint: oss.url, listRegion: "cn-hangzhou", timeoutMs: 5_000 };
  const store = product.openAliOssStore(options);
  onTestFinished(() => store.close());
  return { sts, oss, store, clock, provider };
}

const keys = { OSS_ACCESS_KEY_ID: "a", OSS_ACCESS_KEY_SECRET: "b" };
const roles = (name: string) => `${accountFile}credentials: { role: "${name}" }\n`;

const probes = {
  "sources that are half set or idle": {
    right: ["problem", "problem", "problem"],
    observe: (build: Build) => [
      chosen(build, { ALIBABA_CLOUD_ROLE_ARN: planRole }, { ecsRole: "x" }),
      chosen(build, keys, { ecsRole: "x" }),
      chosen(build, {}, { profile: "half" }),
    ],
  },
  "the role of each verb": {
    right: `role ${otherRole} (account.yaml), assumed with the key in OSS_ACCESS_KEY_ID`,
    observe: (build: Build) =>
      chosen(build, keys, {
        account: {
          file: "account.yaml",
          credentials: { kind: "role", role: { plan: planRole, apply: otherRole } },
        },
      }),
  },
  "the role under a base": {
    right: [planRole],
    observe: async ({ product }: Build) => {
      const [sts, sandbox] = [await startSts(givingSessions()), await sandboxWith({})];
      const files = { "policies/data.yaml": "bucket: data\npolicy: none\n" };
      const repository = newRepository({ ...files, "policies/account.yaml": roles(planRole) });
      repository.write({ "policies/account.yaml": roles(otherRole) });
      const env = { ...keys, OSS_ENDPOINT: sandbox.url, ALIBABA_CLOUD_STS_ENDPOINT: sts.url };
      await runCli(["plan", "--base", "HEAD"], { env, folder: repository.folder, door: product.run });
      return sts.calls.map(({ query }) => query.get("RoleArn"));
    },
  },
  "exchanges of many calls": {
    right: 1,
    observe: async ({ product }: Build) => {
      const sts = await startSts(givingSessions(900));
      const { provider } = providerOf(roleRecipe(), sts.url, { open: product.openProvider });
      await Promise.all([provider.current(), provider.current()]);
      await provider.current();
      return sts.calls.length;
    },
  },
  "a session that has expired": {
    right: ["problem", "refused", 0],
    observe: async (build: Build) => {
      const { store, oss, provider, clock } = await refusedStore(build, 1);
      await provider.current();
      clock.pass(3_601_000);
      const held = await provider.current();
      const written = await store.put(bucket, "{}");
      return ["problem" in held ? "problem" : "held", written.kind, oss.requests.length];
    },
  },
  "a token that is refused": {
    right: ["unknown", 1, 2],
    observe: async (build: Build) => {
      const { store, oss, sts } = await refusedStore(build, 9);
      const { kind } = await store.put(bucket, "{}");
      const sent = oss.requests.length;
      await store.get(bucket);
      return [kind, sent, sts.calls.length];
    },
  },
  "a code that holds a token": {
    right: "STS answered 403",
    observe: async ({ product }: Build) => {
      const echo: StsAnswer = ({ form }, response) =>
        answerJson(response, 403, { Code: form.get("OIDCToken") });
      const sts = await startSts(echo);
      const file = join(writeTree({ token: "TokenOfTheJob0123456789" }), "token");
      const { provider } = providerOf(oidcRecipe(file), sts.url, { open: product.openProvider });
      const held = await provider.current();
      return "problem" in held ? held.problem.message : "held";
    },
  },
  "the secrets of a session": {
    right: "[removed]",
    observe: async ({ product }: Build) => {
      const sts = await startSts(givingSessions());
      const { provider, secrets } = providerOf(roleRecipe(), sts.url, { open: product.openProvider });
      await provider.current();
      return secrets.clean(sessionOf("session0")["SecurityToken"] ?? "");
    },
  },
  "an address of STS over plain http": {
    right: true,
    observe: ({ product }: Build) =>
      "problem" in product.stsEndpoint({ ALIBABA_CLOUD_STS_ENDPOINT: "http://sts.aliyuncs.com" }, undefined),
  },
  "a token that is too large": {
    right: [{ text: baseKeys.accessKeyId }, true],
    observe: ({ product }: Build) => {
      const file = join(writeTree({ token: baseKeys.accessKeyId }), "token");
      const { length } = baseKeys.accessKeyId;
      return [product.readSmallFile(file, length), "problem" in product.readSmallFile(file, length - 1)];
    },
  },
};

killed(probes, credentialMutants);
