import { expect, onTestFinished, test } from "vitest";
import { startSandbox, type PolicyDocument, type TestSandbox } from "../../src/library/sandbox.ts";
import { rawCall } from "../support/sandbox.ts";
import { signV1, stringToSignV1 } from "../../src/sandbox/auth/signature-v1.ts";
import { routeOf } from "../../src/sandbox/wire/route.ts";

const [account, alice] = ["1746495857600001", "202147604049350001"];

async function started(
  statements: readonly object[],
  {
    ofBucket = [],
    isBlocked = false,
  }: { readonly ofBucket?: readonly object[]; readonly isBlocked?: boolean } = {},
): Promise<TestSandbox> {
  const policies: readonly PolicyDocument[] = [{ Version: "1", Statement: statements }];
  const user = { name: "alice", uid: alice, keys: [{ id: "alice-key", secret: "a" }], policies };
  const secret = { key: "secret", body: "S", tags: { level: "secret" } };
  const sandbox = await startSandbox({
    seed: {
      accounts: [{ uid: account, keys: [{ id: "root", secret: "r" }], users: [user] }],
      buckets: [
        {
          name: "web",
          region: "cn-hangzhou",
          policy: { Version: "1", Statement: ofBucket },
          objects: [secret],
        },
      ],
      blockPublicAccess: isBlocked,
    },
  });
  onTestFinished(() => sandbox.close());
  return sandbox;
}

const ram = (effect: string, action: string, resource: string) => ({
  Effect: effect,
  Action: [action],
  Resource: [resource === "*" ? "*" : `acs:oss:*:*:${resource}`],
});
const making = (sandbox: TestSandbox, path: string, acl?: string) =>
  sandbox.as("alice").request("PUT", path, { headers: acl === undefined ? {} : { "x-oss-acl": acl } });

test("a RAM policy about the name of a bucket counts for the call that makes it", async () => {
  const guarded = await started([ram("Allow", "oss:*", "*"), ram("Deny", "oss:PutBucket", "prod-*")]);
  expect((await making(guarded, "/prod-x/")).ec).toBe("0003-00000201");
  expect((await making(guarded, "/prod-x/?acl", "private")).ec).toBe("0003-00000201");
  expect((await making(guarded, "/test-x/")).access).toBe("allowed");
  const granted = await started([ram("Allow", "oss:PutBucket", "team-*")]);
  expect((await making(granted, "/team-x/")).access).toBe("allowed");
  expect((await making(granted, "/prod-x/")).access).toBe("refused");
});

test("a bucket with an ACL needs the right to make it and the right to set its ACL", async () => {
  const maker = await started([ram("Allow", "oss:PutBucket", "*")]);
  expect((await making(maker, "/new/", "public-read")).access).toBe("refused");
  const setter = await started([ram("Allow", "oss:PutBucketAcl", "*")]);
  expect((await making(setter, "/new/?acl", "private")).access).toBe("refused");
  const both = await started([ram("Allow", "oss:PutBucket*", "*")]);
  expect((await making(both, "/new/", "public-read")).status).toBe(200);
});

test("Block Public Access of the account refuses a new bucket with a public ACL", async () => {
  const sandbox = await started([], { isBlocked: true });
  const make = (acl: string) => sandbox.as("root").request("PUT", "/new/", { headers: { "x-oss-acl": acl } });
  const refused = await make("public-read-write");
  expect([refused.status, refused.code]).toEqual([403, "AccessDenied"]);
  expect((await make("private")).status).toBe(200);
});

test("the tags of a symlink do not open its target", async () => {
  const own = { Effect: "Allow", Principal: [alice] };
  const sandbox = await started([], {
    ofBucket: [
      { ...own, Action: ["oss:PutObject", "oss:PutObjectTagging"], Resource: ["acs:oss:*:*:web/mine/*"] },
      {
        ...own,
        Action: ["oss:GetObject"],
        Resource: ["acs:oss:*:*:web/*"],
        Condition: { StringEquals: { "oss:ExistingObjectTag/level": ["public"] } },
      },
    ],
  });
  const headers = { "x-oss-symlink-target": "secret", "x-oss-tagging": "level=public" };
  expect((await sandbox.as("alice").request("PUT", "/web/mine/link?symlink", { headers })).status).toBe(200);
  for (const method of ["GET", "HEAD"])
    expect((await sandbox.as("alice").request(method, "/web/mine/link")).access).toBe("refused");
});

// A parameter that limits who may use a signed URL must not be passed over.
test.each(["x-oss-ac-source-ip=203.0.113.9", "x-oss-ac-vpc-id=t4n", "x-oss-async-process=a", "x-oss-odd"])(
  "a signed URL with %s is not served as if it were not there",
  async (parameter) => {
    const { url } = await started([]);
    const expires = String(Math.floor(Date.now() / 1000) + 600);
    const read = async (query: string) => {
      const route = routeOf("GET", "localhost", `/web/secret?${query}`, {});
      if ("refusal" in route) throw new Error("no address");
      const signature = signV1(stringToSignV1({ method: "GET", route, headers: {} }, expires), "r");
      const signed = `OSSAccessKeyId=root&Expires=${expires}&Signature=${encodeURIComponent(signature)}`;
      return rawCall(Number(new URL(url).port), { path: `/web/secret?${query}&${signed}` });
    };
    expect((await read(parameter)).status).toBe(501);
    expect((await read("x-oss-traffic-limit=819200")).text).toBe("S");
  },
);

test("an ACL that lets everybody write lets nobody write tags", async () => {
  const sandbox = await started([]);
  await sandbox.as("root").request("PUT", "/web/?acl", { headers: { "x-oss-acl": "public-read-write" } });
  const put = (headers: Record<string, string>) =>
    sandbox.anonymous().request("PUT", "/web/n", { headers, body: "x" });
  expect((await put({})).access).toBe("allowed");
  expect((await put({ "x-oss-tagging": "level=public" })).access).toBe("refused");
});
