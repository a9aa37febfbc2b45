import { createHash } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { startSandbox, type TestSandbox } from "../../src/library/sandbox.ts";
import { startSandbox as startServer } from "../../src/sandbox/server.ts";
import { defaultSeed } from "../../src/sandbox/seed/seed.ts";
import { signedCall } from "../support/sandbox.ts";

const [account, other, alice] = ["1746495857600001", "1746495857600002", "202147604049350001"];
const region = "cn-hangzhou";
const block = (isOn: boolean) =>
  `<PublicAccessBlockConfiguration><BlockPublicAccess>${isOn}</BlockPublicAccess></PublicAccessBlockConfiguration>`;

async function started(statements: readonly object[], more: object = {}): Promise<TestSandbox> {
  const sandbox = await startSandbox({
    seed: {
      accounts: [
        {
          uid: account,
          keys: [{ id: "root", secret: "r" }],
          users: [{ name: "alice", uid: alice, keys: [{ id: "alice-key", secret: "a" }] }],
        },
        { uid: other, keys: [{ id: "stranger", secret: "s" }] },
      ],
      buckets: [
        {
          name: "web",
          region,
          policy: { Version: "1", Statement: statements },
          objects: [{ key: "a", body: "1" }],
        },
        { name: "secret", region, objects: [{ key: "b", body: "2", tags: { team: "data" } }] },
        {
          name: "open",
          region,
          acl: "public-read",
          objects: [
            { key: "c", body: "3" },
            { key: "d", body: "4", acl: "private" },
          ],
        },
      ],
      ...more,
    },
  });
  onTestFinished(() => sandbox.close());
  return sandbox;
}

const allow = (action: string, resource: string, more: object = {}) => ({
  Effect: "Allow",
  Principal: [alice],
  Action: [action],
  Resource: [`acs:oss:*:*:${resource}`],
  ...more,
});

describe("an operation that needs more than one right", () => {
  test("a copy needs the read of its source, and the answer names that refusal", async () => {
    const sandbox = await started([allow("oss:PutObject", "web/*")]);
    const headers = { "x-oss-copy-source": "/secret/b" };
    const answer = await sandbox.as("alice").request("PUT", "/web/copy", { headers });
    expect([answer.access, answer.decision]).toEqual([
      "refused",
      "refused because no policy allows it and the bucket ACL is private",
    ]);
    const own = await sandbox.as("alice").request("PUT", "/web/new", { body: "x" });
    expect(own.access).toBe("allowed");
  });

  test("an upload with tags needs the right to tag", async () => {
    const sandbox = await started([allow("oss:PutObject", "web/*")]);
    const put = (headers: Record<string, string>) =>
      sandbox.as("alice").request("PUT", "/web/n", { headers, body: "x" });
    expect((await put({ "x-oss-tagging": "a=b" })).access).toBe("refused");
    expect((await put({})).access).toBe("allowed");
  });

  test("tags of a body are the tags of the request, as those of a header are", async () => {
    const Condition = { StringEquals: { "oss:RequestObjectTag/team": ["data"] } };
    const sandbox = await started([
      allow("oss:PutObjectTagging", "web/*", { Condition }),
      allow("oss:PutObject", "web/*"),
    ]);
    const tagging = (value: string) =>
      `<Tagging><TagSet><Tag><Key>team</Key><Value>${value}</Value></Tag></TagSet></Tagging>`;
    const put = (value: string) =>
      sandbox.as("alice").request("PUT", "/web/a?tagging", { body: tagging(value) });
    expect((await put("data")).access).toBe("allowed");
    expect((await put("other")).access).toBe("refused");
  });

  test("a delete of many keys is decided key by key, and deletes none where one is refused", async () => {
    const sandbox = await started([allow("oss:DeleteObject", "web/a")]);
    const remove = (...keys: readonly string[]) => {
      const body = `<Delete>${keys.map((key) => `<Object><Key>${key}</Key></Object>`).join("")}</Delete>`;
      const md5 = createHash("md5").update(body).digest("base64");
      return sandbox.as("alice").request("POST", "/web/?delete", { body, headers: { "content-md5": md5 } });
    };
    expect((await remove("a", "z")).access).toBe("refused");
    expect((await sandbox.as("root").request("HEAD", "/web/a")).status).toBe(200);
    const done = await remove("a");
    expect([done.access, done.decision]).toEqual(["allowed", "allowed by statement 1 of the bucket policy"]);
    expect((await sandbox.as("root").request("HEAD", "/web/a")).status).toBe(404);
  });
});

describe("ACLs, and Block Public Access of an account", () => {
  test("the ACL of an object counts before that of its bucket", async () => {
    const sandbox = await started([]);
    const read = async (key: string) => (await sandbox.anonymous().request("GET", `/open/${key}`)).decision;
    expect(await read("c")).toBe("allowed by the bucket ACL public-read, since no policy decides");
    expect(await read("d")).toBe("refused because no policy allows it and the object ACL is private");
  });

  test("it leaves nothing of what is public, until it is switched off", async () => {
    const everybody = { ...allow("oss:GetObject", "web/*"), Principal: ["*"] };
    const sandbox = await started([everybody]);
    const reads = async () => {
      const paths = ["/web/a", "/open/c"];
      return Promise.all(
        paths.map(async (path) => (await sandbox.as("stranger").request("GET", path)).access),
      );
    };
    expect(await reads()).toEqual(["allowed", "allowed"]);
    const put = await sandbox.as("root").request("PUT", "/?publicAccessBlock", { body: block(true) });
    expect(put.status).toBe(200);
    expect(await reads()).toEqual(["refused", "refused"]);
    // The grants to the users of the account stay.
    expect((await sandbox.as("alice").request("GET", "/web/a")).access).toBe("allowed");
    const acl = await sandbox
      .as("root")
      .request("PUT", "/web/?acl", { headers: { "x-oss-acl": "public-read" } });
    expect([acl.status, acl.text.includes("Put public bucket acl is not allowed")]).toEqual([403, true]);
    await sandbox.as("root").request("DELETE", "/?publicAccessBlock");
    expect(await reads()).toEqual(["allowed", "allowed"]);
  });

  test("it is that of one account, and only the account or who has the right by RAM switches it", async () => {
    const sandbox = await started([]);
    expect(
      (await sandbox.as("alice").request("PUT", "/?publicAccessBlock", { body: block(true) })).access,
    ).toBe("refused");
    await sandbox.as("stranger").request("PUT", "/?publicAccessBlock", { body: block(true) });
    expect((await sandbox.anonymous().request("GET", "/open/c")).access).toBe("allowed");
    const shown = async (who: string) =>
      (await sandbox.as(who).request("GET", "/?publicAccessBlock")).text.includes("true");
    expect([await shown("root"), await shown("stranger")]).toEqual([false, true]);
  });

  test("it survives a restart", async () => {
    const stateDir = mkdtempSync(join(tmpdir(), "oss-policy-test-"));
    const query = [["publicAccessBlock", ""]] as const;
    const first = await startServer({ seed: defaultSeed, stateDir });
    expect((await signedCall(first.port, { method: "PUT", query, body: block(true) })).status).toBe(200);
    await first.close();
    const second = await startServer({ seed: defaultSeed, stateDir });
    onTestFinished(() => second.close());
    expect((await signedCall(second.port, { query })).text).toContain("true");
  });
});
