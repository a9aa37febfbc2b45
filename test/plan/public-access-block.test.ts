import { describe, expect, test } from "vitest";
import type { FaultRule } from "../../src/sandbox/faults/faults.ts";
import type { Seed } from "../../src/sandbox/seed/seed.ts";
import { accountFile, environmentOf, runCli, writeTree } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";

const policyOf = (principal: string) =>
  `{Version: "1", Statement: [{Effect: Allow, Principal: ["${principal}"], Action: ["oss:GetObject"], Resource: ["acs:oss:*:1746495857600001:web/public/*"]}]}`;
const consent = "accept:\n  - { hazard: grants-public-access, reason: assets }\n";
const web = { name: "web", region: "cn-hangzhou" };
const noInfo: FaultRule = {
  operation: "GetBucketInfo",
  effect: { kind: "status", status: 403, code: "AccessDenied" },
};
const noAccount: FaultRule = {
  operation: "GetPublicAccessBlock",
  effect: { kind: "status", status: 403, code: "AccessDenied" },
};

/** Where GetBucketInfo is refused, the owner is not known either. */
const ownerTaken = ["--accept", "unknown-owner@web"];

async function run(
  verb: string,
  seed: Partial<Seed>,
  principal = "*",
  more = consent,
  words: readonly string[] = [],
) {
  const sandbox = await sandboxWith({ buckets: [web], ...seed });
  const tree = writeTree({
    "account.yaml": accountFile,
    "web.yaml": `bucket: web\npolicy: ${policyOf(principal)}\n${principal === "*" ? more : ""}`,
  });
  const result = await runCli([verb, "--policies", tree, ...words], { env: environmentOf(sandbox) });
  return { ...result, sandbox };
}

describe("a public policy while Block Public Access is on is blocked, since OSS refuses it", () => {
  const live =
    '{"Version":"1","Statement":[{"Effect":"Allow","Principal":["*"],"Action":["oss:*"],"Resource":["*"]}]}';
  test.each<[string, Partial<Seed>, string]>([
    ["of the bucket", { buckets: [{ ...web, blockPublicAccess: true }] }, "the bucket"],
    [
      "of the bucket, over a public policy",
      { buckets: [{ ...web, blockPublicAccess: true, policy: live }] },
      "the bucket",
    ],
    ["of the account", { blockPublicAccess: true }, "the account"],
  ])("%s", async (_, seed, whose) => {
    for (const verb of ["plan", "apply"]) {
      const { code, stdout, sandbox } = await run(verb, seed);
      expect([code, stdout]).toEqual([
        3,
        expect.stringContaining(`while Block Public Access of ${whose} is on`),
      ]);
      expect(stdout).toContain("! blocked by refused-by-oss: ");
      expect(sandbox.requests.filter(({ method }) => method === "PUT")).toEqual([]);
    }
  });

  test("where it is on, a policy that is not public is written", async () => {
    const { code, sandbox } = await run("apply", { blockPublicAccess: true }, "202147604049351234");
    expect([code, sandbox.policyOf("web") !== undefined]).toEqual([0, true]);
    expect(sandbox.requests.some(({ operation }) => operation === "GetPublicAccessBlock")).toBe(false);
  });

  test("where it is off, a public one is written, and the account is asked about once", async () => {
    const { code, sandbox } = await run("apply", {});
    expect([code, sandbox.policyOf("web") !== undefined]).toEqual([0, true]);
    expect(sandbox.requests.filter(({ operation }) => operation === "GetPublicAccessBlock")).toHaveLength(1);
  });

  test.each([
    ["the bucket", noInfo, "if Block Public Access is on, which is not known"],
    ["the account", noAccount, "if Block Public Access of the account is on, which is not known"],
  ])("where %s does not say, it is a warning", async (_, fault, text) => {
    const { code, stdout } = await run("plan", { faults: [fault] }, "*", consent, ownerTaken);
    expect([code, stdout]).toEqual([0, expect.stringContaining(text)]);
    expect(stdout).toContain("! warning public-access-blocked: ");
  });

  test("where the bucket does not say, but the account does, it is blocked", async () => {
    const seed = { faults: [noInfo], blockPublicAccess: true };
    const { code, stdout } = await run("plan", seed, "*", consent, ownerTaken);
    expect([code, stdout]).toEqual([3, expect.stringContaining("of the account is on")]);
    expect(stdout).not.toContain("! warning public-access-blocked: ");
  });

  test("where neither says, it is one warning", async () => {
    const seed = { faults: [noInfo, noAccount] };
    const { code, stdout } = await run("plan", seed, "*", consent, ownerTaken);
    expect([code, stdout.match(/! warning public-access-blocked: /g)]).toEqual([
      0,
      ["! warning public-access-blocked: "],
    ]);
  });

  test("a consent in the file takes it too, and one that has ended does not", async () => {
    const accepted = (until: string) =>
      `${consent}  - { hazard: refused-by-oss, reason: it is off soon, until: ${until} }\n`;
    const blocked = { blockPublicAccess: true };
    expect((await run("plan", blocked, "*", accepted('"2099-01-01"'))).code).toBe(0);
    expect((await run("plan", blocked, "*", accepted('"2020-01-01"'))).code).toBe(3);
  });

  test("a consent to another hazard, or to one that takes none, does not", async () => {
    for (const code of ["public-access-blocked", "grants-public-access"]) {
      const words = ["--accept", `${code}@web`];
      expect((await run("plan", { blockPublicAccess: true }, "*", consent, words)).code).toBe(3);
    }
    const inFile = `${consent}  - { hazard: gains-forbidden, reason: x }\n`;
    expect((await run("plan", { blockPublicAccess: true }, "*", inFile)).code).toBe(1);
  });

  test("a consent for the run sends it, and the help names Block Public Access", async () => {
    const accept = ["--accept", "refused-by-oss@web"];
    const { code, stdout } = await run("apply", { blockPublicAccess: true }, "*", consent, accept);
    expect(code).toBe(1);
    expect(stdout).toContain("help: Block Public Access of the bucket or of the account is on");
  });

  test("a refusal that no read foretold has the same help", async () => {
    const message = "Put public bucket policy is not allowed";
    const effect = { kind: "status", status: 403, code: "AccessDenied", message } as const;
    const { stdout } = await run("apply", { faults: [{ operation: "PutBucketPolicy", effect }] });
    expect(stdout).toContain("help: Block Public Access of the bucket or of the account is on");
    expect(stdout).not.toContain("allow this call for the key in use");
  });
});
