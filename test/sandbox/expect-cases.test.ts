import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Request } from "../../src/access/request.ts";
import { bucketOf, desiredPolicy } from "../../src/desired/desired-policy.ts";
import { parseDesired } from "../../src/desired/desired.ts";
import type { DesiredBucket } from "../../src/desired/bucket-file.ts";
import { actionsMatching } from "../../src/policy/actions.ts";
import { parseRoleSession } from "../../src/policy/principal.ts";
import { answerTo, problemOf, type AccessTest } from "../../src/proof/expectations.ts";
import { startSandbox } from "../../src/sandbox/server.ts";
import type { SandboxKey, SeedAccount } from "../../src/sandbox/seed/seed.ts";
import { filesOf, pages, root } from "../support/pages.ts";
import { element, rawCall, signed, type RawAnswer } from "../support/sandbox.ts";

const owner = "1746495857600001";
/** Account without a part in any policy, whose users have no RAM policies that count. */
const elsewhere = "1746495857600009";

/** How a request of an action is sent. */
const forms: Readonly<
  Record<string, { readonly method: string; readonly query?: string; readonly body?: string }>
> = {
  "oss:GetObject": { method: "GET" },
  "oss:PutObject": { method: "PUT", body: "x" },
  "oss:DeleteObject": { method: "DELETE" },
  "oss:GetObjectAcl": { method: "GET", query: "acl" },
  "oss:GetObjectTagging": { method: "GET", query: "tagging" },
  "oss:ListObjects": { method: "GET" },
  "oss:GetBucketAcl": { method: "GET", query: "acl" },
  "oss:GetBucketInfo": { method: "GET", query: "bucketInfo" },
  "oss:GetBucketPolicy": { method: "GET", query: "policy" },
  "oss:GetBucketLocation": { method: "GET", query: "location" },
  "oss:ListMultipartUploads": { method: "GET", query: "uploads" },
};

/** Case of a file: an expectation and the bucket that it is about. */
interface Case {
  readonly bucket: DesiredBucket;
  readonly test: AccessTest;
}

/** Returns the expectations of files, which may be of several trees. */
function casesOf(files: ReadonlyMap<string, string>): readonly Case[] {
  const tree = [...files].filter(([path]) => path.endsWith(".yaml")).map(([path, text]) => ({ path, text }));
  return parseDesired(tree).buckets.flatMap((bucket) => bucket.expects.map((one) => ({ bucket, test: one })));
}

function examplePolicies(): ReadonlyMap<string, string> {
  const folder = join(root, "policies");
  const names = readdirSync(folder).filter((name) => name.endsWith(".yaml"));
  return new Map(names.map((name) => [`policies/${name}`, readFileSync(join(folder, name), "utf8")]));
}

/** Returns a request of the expectation; undefined if it cannot be sent, or is one of many that may differ. */
function requestsOf({ bucket, test: one }: Case): readonly Request[] {
  // Refused by validate, such as a call on the bucket with a key.
  if (problemOf(one, bucket) !== undefined) return [];
  // A request of the owner that is allowed looks like one that no statement is about.
  if (one.principal === "owner" && one.demand === "cannot") return [];
  const answer = answerTo(one, desiredPolicy(bucket), bucketOf(bucket));
  if (answer.kind === "undecided") return [];
  // What breaks an expectation is one request, and only a certain one is compared.
  if (answer.kind === "broken") return answer.dependsOn.length === 0 ? [answer.witness] : [];
  const principal = one.principal === "*" ? "anonymous" : one.principal.replace(/\/\*$/, "/session");
  const context = new Map([["acs:SecureTransport", "true"], ...one.context]);
  return one.actions
    .flatMap((pattern) => actionsMatching(pattern))
    .map(({ name, level }) => ({
      principal,
      action: name,
      resource: level === "object" ? (one.to ?? "").replaceAll(/[*?]/g, "a") : "",
      context,
    }));
}

/** Whether a request is allowed by the policy alone, denied by it, or neither. */
type PolicyDecision = "allow" | "deny" | "none" | "not decided";

describe("what the analysis says of an expectation, a real request meets", () => {
  test("in the example policies and in the pages", async () => {
    let compared = 0;
    // The trees have buckets of the same names.
    for (const files of [examplePolicies(), ...pages.map(filesOf)])
      compared += (await compare(casesOf(files))).compared;
    expect(compared).toBeGreaterThan(5);
  });

  test("in generated policies with generated expectations", { timeout: 60_000 }, async () => {
    const [made = []] = fc.sample(fc.array(generated, { minLength: 300, maxLength: 300 }), {
      numRuns: 1,
      seed: 7,
    });
    const cases = made.flatMap((text, index) =>
      casesOf(
        new Map([
          ["p/account.yaml", `account: "${owner}"\nregion: cn-hangzhou\n`],
          [`p/b.yaml`, `bucket: made-${index}\n${text}`],
        ]),
      ),
    );
    const { compared, decisions } = await compare(cases);
    expect(cases.length).toBeGreaterThan(500);
    expect(compared).toBeGreaterThan(300);
    expect(Math.min(decisions.allow, decisions.deny, decisions.none)).toBeGreaterThan(30);
  });
});

const principals = ["anonymous", "owner", "202147604049350001", `arn:sts::${elsewhere}:assumed-role/etl/s`];
const some = <T>(...members: readonly T[]) =>
  fc.uniqueArray(fc.constantFrom(...members), { minLength: 1, maxLength: 3 });
const statement = fc
  .record({
    Effect: fc.constantFrom("Allow", "Allow", "Deny"),
    Principal: some("*", "202147604049350001", `arn:sts::${elsewhere}:assumed-role/etl/*`),
    Action: some("oss:GetObject", "oss:Get*", "oss:PutObject", "oss:ListObjects", "oss:*"),
    Resource: some("acs:oss:*:*:${bucket}", "acs:oss:*:*:${bucket}/*", "acs:oss:*:*:${bucket}/logs/*"),
    Condition: fc.constantFrom(
      undefined,
      undefined,
      { StringEquals: { "acs:SourceVpc": ["vpc-1"] } },
      { StringNotLike: { "acs:SourceVpc": ["vpc-*"] } },
      { Bool: { "acs:SecureTransport": ["false"] } },
    ),
  })
  .map((fields) => JSON.parse(JSON.stringify(fields)) as object);
const expectation = fc.record({
  demand: fc.constantFrom("can", "cannot", "denied"),
  principal: fc.constantFrom(...principals),
  action: fc.constantFrom(...Object.keys(forms)),
  to: fc.constantFrom("logs/*", "data/a", "*"),
  context: fc.constantFrom({}, {}, { "acs:SourceVpc": "vpc-1" }, { "acs:SecureTransport": "false" }),
});
const generated = fc
  .tuple(
    fc.array(statement, { minLength: 1, maxLength: 4 }),
    fc.array(expectation, { minLength: 1, maxLength: 3 }),
  )
  .map(
    ([statements, all]) =>
      `policy: ${JSON.stringify({ Version: "1", Statement: statements })}\nexpect:\n${all
        .map(
          (one) =>
            `  - ${JSON.stringify({ [one.demand]: one.principal, do: one.action, to: one.to, ...(Object.keys(one.context).length === 0 ? {} : { with: one.context }) })}\n`,
        )
        .join("")}`,
  );

/** Sends a request for each case, and expects of it what the analysis says. */
async function compare(cases: readonly Case[]) {
  const asked = cases
    .flatMap((one) => requestsOf(one).map((request) => ({ ...one, request })))
    .filter(({ request }) => isSendable(request));
  const buckets = [...new Map(asked.map(({ bucket }) => [bucket.bucket, bucket])).values()];
  const sandbox = await startSandbox({
    seed: {
      account: owner,
      keys: [],
      accounts: accountsOf(
        asked.map(({ request }) => request.principal),
        buckets,
      ),
      buckets: buckets.map(({ bucket, region, account, policy }) => ({
        name: bucket,
        region,
        owner: account.uid,
        ...(policy.kind === "none" ? {} : { policy: policy.text }),
      })),
      faults: [],
    },
  });
  const decisions = { allow: 0, deny: 0, none: 0, "not decided": 0 };
  const wrong: string[] = [];
  for (const { bucket, test: one, request } of asked) {
    const answer = answerTo(one, desiredPolicy(bucket), bucketOf(bucket));
    const got = decisionIn(await sent(sandbox.port, bucket, request), request.principal);
    decisions[got] += 1;
    const isMet = answer.kind === "proved";
    if (isMet !== meets(one, got))
      wrong.push(`${bucket.bucket}: ${JSON.stringify(one)} is ${answer.kind}, and the request got ${got}`);
  }
  await sandbox.close();
  expect(wrong).toEqual([]);
  return { compared: asked.length, decisions };
}

function meets({ demand, principal }: AccessTest, got: PolicyDecision): boolean {
  if (demand === "denied") return got === "deny";
  // The owner can do everything that no statement denies.
  const isAllowed = got === "allow" || (principal === "owner" && got === "none");
  return demand === "can" ? isAllowed : got !== "allow";
}

function accountsOf(all: readonly string[], buckets: readonly DesiredBucket[]): readonly SeedAccount[] {
  const named = [...new Set(all)].filter((one) => one !== "owner" && one !== "anonymous");
  const sessions = named.flatMap((name) => {
    const parsed = parseRoleSession(name);
    return parsed === undefined ? [] : [{ name, ...parsed }];
  });
  const users = named.filter((name) => parseRoleSession(name) === undefined);
  const uids = new Set([
    ...buckets.map(({ account }) => account.uid),
    elsewhere,
    ...sessions.map((one) => one.owner),
  ]);
  return [...uids].map((uid) => ({
    uid,
    keys: [keyOf(`root-${uid}`)],
    users:
      uid === elsewhere
        ? users.map((name) => ({ name: `user-${name}`, uid: name, keys: [keyOf(name)] }))
        : [],
    roles: sessions
      .filter((one) => one.owner === uid)
      .map(({ name, role, session }) => ({
        name: role,
        trust: {},
        sessions: [{ name: session, keys: [keyOf(name)] }],
      })),
  }));
}

function keyOf(id: string): SandboxKey {
  return { id: id.replaceAll(/[^\w-]/g, "-"), secret: "secret" };
}

const ofNetwork = ["acs:SourceIp", "acs:SourceVpc", "acs:SecureTransport", "acs:CurrentTime"];

/** Keys that a request has anyway, such as acs:AccessId, cannot be chosen, so their cases are left out. */
function isSendable({ action, resource, context }: Request): boolean {
  const isKnown = [...context.keys()].every((key) => [...ofNetwork, "acs:UserAgent"].includes(key));
  const isOnObject = [
    "oss:GetObject",
    "oss:PutObject",
    "oss:DeleteObject",
    "oss:GetObjectAcl",
    "oss:GetObjectTagging",
  ].includes(action);
  return isKnown && action in forms && isOnObject === (resource !== "");
}

function sent(
  port: number,
  { bucket, region, account }: DesiredBucket,
  { principal, action, resource, context }: Request,
): Promise<RawAnswer> {
  const { method, query, body } = forms[action] ?? { method: "GET" };
  const said = [...context].filter(([key]) => ofNetwork.includes(key));
  const headers = {
    ...(said.length === 0
      ? {}
      : { "x-sandbox-context": new URLSearchParams(Object.fromEntries(said)).toString() }),
    "user-agent": context.get("acs:UserAgent") ?? "test",
  };
  const more = body === undefined ? {} : { body };
  if (principal === "anonymous") {
    const path = `/${bucket}/${encodeURIComponent(resource)}${query === undefined ? "" : `?${query}`}`;
    return rawCall(port, { method, path, headers: { host: "localhost", ...headers }, ...more });
  }
  const signer = keyOf(principal === "owner" ? `root-${account.uid}` : principal);
  const pairs = query === undefined ? [] : ([[query, ""]] as const);
  return rawCall(
    port,
    signed({ method, bucket, key: resource, region, query: pairs, signer, headers, ...more }),
  );
}

/** Reads from the answer what the policy of the bucket says: no RAM policy and no ACL allows anything here. */
function decisionIn(answer: RawAnswer, principal: string): PolicyDecision {
  if (answer.status === 501) return "not decided";
  if (answer.status !== 403) return principal === "owner" ? "none" : "allow";
  expect(element(answer, "Code")).toBe("AccessDenied");
  return element(answer, "EC") === "0003-00000101" ? "deny" : "none";
}
