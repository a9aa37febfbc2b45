import { describe, expect, test } from "vitest";
import type { SandboxKey, Seed, SeedAccount } from "../../src/sandbox/seed/seed.ts";
import { parseSeed } from "../../src/sandbox/seed/seed.ts";
import { element, signedCall } from "../support/sandbox.ts";
import { sandboxWith } from "../support/store.ts";

const [mine, other] = ["1746495857600001", "1746495857600002"];
const uid = "202147604049350001";
const key = (id: string): SandboxKey => ({ id, secret: `${id}-secret` });
const statement = (effect: string, principal: readonly string[], more = {}) => ({
  Effect: effect,
  Principal: principal,
  Action: ["oss:GetBucketPolicy", "oss:PutBucketPolicy"],
  Resource: ["acs:oss:*:*:app"],
  ...more,
});
const ofRam = (effect: string, resource = "*") => ({
  Version: "1",
  Statement: [{ Effect: effect, Action: ["oss:*"], Resource: [resource] }],
});

interface World {
  /** Statements of the policy of the bucket. */
  readonly bucket?: readonly object[];
  /** Other fields of it. */
  readonly fields?: object;
  readonly ram?: SeedAccount["users"] extends readonly (infer U)[] | undefined
    ? U extends { readonly policies?: infer P }
      ? P
      : never
    : never;
  readonly seed?: Partial<Seed>;
}

/** Asks for the policy of `app` as root of its account, as a RAM user of it, or as root of another account. */
async function asked(who: "root" | "user" | "stranger", world: World = {}) {
  const { bucket, fields = {}, ram, seed = {} } = world;
  const users = [
    { name: "alice", uid, keys: [key("user")], ...(ram === undefined ? {} : { policies: ram }) },
  ];
  const policy = JSON.stringify({ Version: "1", ...fields, Statement: bucket ?? [] });
  const sandbox = await sandboxWith({
    keys: [],
    accounts: [
      { uid: mine, keys: [key("root")], users },
      { uid: other, keys: [key("stranger")] },
    ],
    buckets: [{ name: "app", region: "cn-hangzhou", policy }],
    ...seed,
  });
  const answer = await signedCall(sandbox.port, { bucket: "app", query: [["policy", ""]], signer: key(who) });
  return answer.status === 200 ? "200" : `${answer.status} ${element(answer, "EC") ?? "no EC"}`;
}

describe("a call that manages a bucket", () => {
  const anyVpc = { Condition: { StringNotEquals: { "acs:SourceVpc": ["vpc-1"] } } };
  test.each<[string, Parameters<typeof asked>, string]>([
    ["its account may", ["root"], "200"],
    ["another account may not", ["stranger"], "403 0003-00000202"],
    ["a user without a policy may not", ["user"], "403 0003-00000202"],
    ["a user with a RAM policy may", ["user", { ram: [ofRam("Allow")] }], "200"],
    [
      "a user may where the bucket policy allows it",
      ["user", { bucket: [statement("Allow", [uid])] }],
      "200",
    ],
    ["another account too", ["stranger", { bucket: [statement("Allow", [other])] }], "200"],
    [
      "a RAM policy for another bucket allows nothing",
      ["user", { ram: [ofRam("Allow", "acs:oss:*:*:logs")] }],
      "403 0003-00000202",
    ],
    ["a Deny of RAM wins", ["user", { ram: [ofRam("Allow"), ofRam("Deny")] }], "403 0003-00000201"],
    [
      "a Deny of the bucket wins over RAM",
      ["user", { ram: [ofRam("Allow")], bucket: [statement("Deny", [uid])] }],
      "403 0003-00000101",
    ],
    [
      "both deny",
      ["user", { ram: [ofRam("Deny")], bucket: [statement("Deny", [uid])] }],
      "403 0003-00000203",
    ],
    ["a Deny on everyone spares the account", ["root", { bucket: [statement("Deny", ["*"])] }], "200"],
    [
      "with a Condition it does not",
      ["root", { bucket: [statement("Deny", ["*"], anyVpc)] }],
      "403 0003-00000101",
    ],
    [
      "a Deny of plain http does not hold on the loopback",
      [
        "root",
        { bucket: [statement("Deny", ["*"], { Condition: { Bool: { "acs:SecureTransport": ["false"] } } })] },
      ],
      "200",
    ],
    [
      "Block Public Access takes what a public policy gives to others",
      ["stranger", { bucket: [statement("Allow", ["*"])], seed: { blockPublicAccess: true } }],
      "403 0003-00000202",
    ],
    ["without it the policy gives it", ["stranger", { bucket: [statement("Allow", ["*"])] }], "200"],
    [
      "what is not documented is not decided",
      ["user", { ram: [ofRam("Allow")], bucket: [{ ...statement("Deny", ["3"]), NotPrincipal: ["1"] }] }],
      "501 no EC",
    ],
    [
      "but is where every reading refuses",
      ["user", { bucket: [{ ...statement("Deny", ["3"]), NotPrincipal: ["1"] }] }],
      "403 0003-00000202",
    ],
    [
      "nor is an Allow that might be the only one",
      ["user", { bucket: [{ ...statement("Allow", [uid]), NotPrincipal: ["1"] }] }],
      "501 no EC",
    ],
    [
      "a Deny beside it is",
      ["user", { bucket: [{ ...statement("Allow", [uid]), NotPrincipal: ["1"] }, statement("Deny", [uid])] }],
      "403 0003-00000101",
    ],
    [
      "and so is another Allow",
      [
        "user",
        { bucket: [{ ...statement("Allow", ["3"]), NotPrincipal: ["1"] }, statement("Allow", [uid])] },
      ],
      "200",
    ],
    [
      "nor is a field of the policy that OSS does not document",
      ["user", { ram: [ofRam("Allow")], fields: { Default: "Deny" } }],
      "501 no EC",
    ],
    [
      "but does not bind the account",
      ["root", { bucket: [{ ...statement("Deny", ["3"]), NotPrincipal: ["1"] }] }],
      "200",
    ],
  ])("%s", async (_, [who, world], expected) => {
    expect(await asked(who, world)).toBe(expected);
  });

  const from = (values: readonly string[], operator = "IpAddress") =>
    statement("Deny", ["*"], { Condition: { [operator]: { "acs:SourceIp": values } } });
  const everywhere = "403 0003-00000101";

  test.each<[string, readonly string[], string, string]>([
    ["a wildcard byte that the address has", ["127.*.0.1"], everywhere, everywhere],
    ["one that it has not", ["10.*.2.3"], "200", "200"],
    [
      "a value of unknown meaning beside one that matches",
      ["10.1*.2.3", "0.0.0.0/0"],
      everywhere,
      everywhere,
    ],
    ["a wildcard byte beside one that matches", ["10.*.2.3", "0.0.0.0/0"], everywhere, everywhere],
    ["a value of unknown meaning beside one that does not", ["12*.0.0.1", "10.0.0.0/8"], "501 no EC", "200"],
    ["a value of unknown meaning alone", ["12*.0.0.1"], "501 no EC", "200"],
  ])("a Deny on addresses: %s", async (_, values, ofUser, ofAccount) => {
    const bucket = [from(values)];
    expect(await asked("user", { ram: [ofRam("Allow")], bucket })).toBe(ofUser);
    expect(await asked("root", { bucket })).toBe(ofAccount);
  });

  test("a Deny on other addresses than one of unknown meaning is open, whatever else it names", async () => {
    const bucket = [from(["12*.0.0.1", "10.0.0.0/8"], "NotIpAddress")];
    expect(await asked("user", { ram: [ofRam("Allow")], bucket })).toBe("501 no EC");
  });
});

test("each account lists its own buckets, and owns those that it creates", async () => {
  const sandbox = await sandboxWith({
    keys: [],
    accounts: [
      { uid: mine, keys: [key("root")] },
      { uid: other, keys: [key("stranger")] },
    ],
    buckets: [
      { name: "app", region: "cn-hangzhou" },
      { name: "theirs", region: "cn-hangzhou", owner: other },
    ],
  });
  const call = (who: string, more: object) => signedCall(sandbox.port, { signer: key(who), ...more });
  expect((await call("stranger", { method: "PUT", bucket: "new-one" })).status).toBe(200);
  const names = async (who: string) =>
    [...(await call(who, {})).text.matchAll(/<Name>([^<]*)/g)].map(([, name]) => name);
  expect([await names("root"), await names("stranger")]).toEqual([["app"], ["new-one", "theirs"]]);
  const info = await call("stranger", { bucket: "new-one", query: [["bucketInfo", ""]] });
  expect(element(info, "ID")).toBe(other);
});

describe("accounts in a seed file", () => {
  const parsed = (text: string) => parseSeed(text, "seed.yaml");

  test("the first one is that of keys without an account", () => {
    const read = parsed(
      `accounts:\n  - { uid: "${other}", keys: [{ id: a, secret: b }], users: [{ name: alice, uid: "1", policies: [{ Version: "1", Statement: [] }] }] }\nbuckets: []\n`,
    );
    expect(read).toMatchObject({ seed: { account: other, keys: [{ id: "a", secret: "b" }] } });
  });

  test.each([
    ['accounts: [{ uid: "x" }]\nbuckets: []\n', "must be a UID"],
    ['accounts: [{ uid: "1" }, { uid: "1" }]\nbuckets: []\n', "occurs twice"],
    ['accounts: [{ uid: "1", user: [] }]\nbuckets: []\n', "is not a name that a seed file has"],
    ["accounts: []\nbuckets: []\n", "must have at least one account"],
    [
      'account: "1"\naccounts: [{ uid: "2" }]\nbuckets: []\n',
      "`account` and `keys` have no place beside `accounts`",
    ],
    [
      'accounts: [{ uid: "2" }]\nbuckets: [{ name: abc, region: cn-x, owner: "3" }]\n',
      "is no account of the seed file",
    ],
  ])("%s", (text, problem) => {
    expect(parsed(text)).toEqual({ problems: expect.arrayContaining([expect.stringContaining(problem)]) });
  });
});
