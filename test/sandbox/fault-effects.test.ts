import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openFaults, type FaultEffect } from "../../src/sandbox/faults/faults.ts";
import { startSandbox, type Sandbox } from "../../src/sandbox/server.ts";
import { element, rawCall, seedOf, signedCall, type RawAnswer, type SignedCall } from "../support/sandbox.ts";
import { storeOver } from "../support/store.ts";

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox({ seed: seedOf("app", "app-logs", "web") });
});
afterEach(() => sandbox.close());

const call = (change: SignedCall): Promise<RawAnswer> => signedCall(sandbox.port, change);
const policy: SignedCall = { bucket: "app", query: [["policy", ""]] };
const body = '{"Version":"1","Statement":[]}';
const put: SignedCall = { ...policy, method: "PUT", body };
const codes = (answer: RawAnswer): unknown[] => [
  answer.status,
  element(answer, "Code"),
  element(answer, "EC"),
];

describe("throttle", () => {
  test.each([
    [undefined, 503, "MetaOperationQpsLimitExceeded"],
    [503, 503, "MetaOperationQpsLimitExceeded"],
    [429, 429, "QpsLimitExceeded"],
  ] as const)("%s: calls beyond the limit get OSS's code and take no effect", async (asked, status, code) => {
    const headers = { "Retry-After": "2" };
    const effect = {
      kind: "throttle",
      perSecond: 3,
      headers,
      ...(asked === undefined ? {} : { status: asked }),
    } as const;
    sandbox.addFault({ operation: "PutBucketPolicy", effect });
    const names = ["app", "app-logs", "web", "app", "web"];
    const answers = await Promise.all(names.map((bucket) => call({ ...put, bucket })));
    const refused = answers.filter((answer) => answer.status !== 200);
    expect(refused.map(codes)).toEqual(Array.from({ length: 2 }, () => [status, code, undefined]));
    expect(refused.map((answer) => answer.headers["retry-after"])).toEqual(["2", "2"]);
    expect((await call(policy)).status).not.toBe(status);
  });

  // A limit by the clock's whole seconds would let twice as many through around the turn of a second.
  test("any second has so many calls, wherever it begins; refused calls do not count", () => {
    let nowMs = 0;
    const faults = openFaults([{ effect: { kind: "throttle", perSecond: 2 } }], 0, () => nowMs);
    const passes = (timeMs: number): boolean => {
      nowMs = timeMs;
      return faults.next({ operation: "GetBucketPolicy", bucket: "app", past: [] }).effect === undefined;
    };
    const times = [900, 950, 1_000, 1_899, 1_900, 1_949, 1_950, 2_899, 2_900];
    expect(times.map(passes)).toEqual([true, true, false, false, true, false, true, false, true]);
  });

  test("only the calls that the rule names count", async () => {
    sandbox.addFault({ bucket: "app", effect: { kind: "throttle", perSecond: 1 } });
    for (const bucket of ["web", "web", "app", "web"]) {
      expect((await call({ ...put, bucket })).status).toBe(200);
    }
    expect((await call(put)).status).toBe(503);
  });

  test("what it lets pass still meets the rules behind it", async () => {
    sandbox.addFault({ effect: { kind: "throttle", perSecond: 1 } });
    sandbox.addFault({ effect: { kind: "expired-token" } });
    expect([(await call(put)).status, (await call(put)).status]).toEqual([403, 503]);
  });
});

describe("after the write took effect", () => {
  // A client that takes a server error for "nothing happened" would write twice, or report a failure.
  test("a status belies it", async () => {
    sandbox.addFault({ effect: { kind: "status", status: 500, code: "InternalError", when: "after" } });
    expect(codes(await call(put))).toEqual([500, "InternalError", undefined]);
    expect(sandbox.policyOf("app")).toBe(body);
    expect(await storeOver(sandbox.url).delete({ bucket: "app", region: "cn-hangzhou" })).toMatchObject({
      kind: "unknown",
    });
    expect(sandbox.policyOf("app")).toBeUndefined();
  });

  test("a status before it, said or not, leaves the old state", async () => {
    for (const when of [{}, { when: "before" }] as const) {
      sandbox.clearFaults();
      sandbox.addFault({ effect: { kind: "status", status: 500, code: "InternalError", ...when } });
      await call(put);
      expect(sandbox.policyOf("app")).toBeUndefined();
    }
  });

  test("no answer comes, and the client's own time-out ends the call", async () => {
    sandbox.addFault({ operation: "PutBucketPolicy", effect: { kind: "lost-answer" } });
    const store = storeOver(sandbox.url, { timeoutMs: 200 });
    expect(await store.put({ bucket: "app", region: "cn-hangzhou" }, body)).toEqual({
      kind: "unknown",
      problem: expect.objectContaining({
        message: expect.stringContaining("OSS did not answer in time") as string,
      }) as object,
    });
    expect(sandbox.policyOf("app")).toBe(body);
    expect(sandbox.requests.map(({ status }) => status)).toEqual(["lost"]);
  });

  test.each<FaultEffect>([
    { kind: "lost-answer" },
    { kind: "status", status: 500, code: "InternalError", when: "after" },
  ])("$kind does not get past the signature", async (effect) => {
    sandbox.addFault({ effect });
    const wrong = call({ ...put, signer: { id: "sandbox", secret: "other" } });
    await Promise.race([wrong, new Promise((resolve) => setTimeout(resolve, 150))]);
    expect(sandbox.requests).toHaveLength(1);
    expect(sandbox.policyOf("app")).toBeUndefined();
  });

  test("a call that waits for a lost answer does not keep the sandbox from closing", async () => {
    sandbox.addFault({ effect: { kind: "lost-answer" } });
    const lost = expect(call(put)).rejects.toThrow();
    await expect.poll(() => sandbox.requests.length).toBe(1);
    await sandbox.close();
    await lost;
  });
});

describe("refusals of OSS's own", () => {
  test("a wrong region names the bucket and another endpoint, as a real one does", async () => {
    const real = await call({ ...policy, region: "cn-beijing" });
    sandbox.addFault({ bucket: "app", effect: { kind: "wrong-region", region: "cn-shanghai" } });
    const answer = await call(put);
    expect(codes(answer)).toEqual([403, "AccessDenied", "0003-00001403"]);
    expect([element(answer, "Bucket"), element(answer, "Endpoint")]).toEqual([
      "app",
      "oss-cn-shanghai.aliyuncs.com",
    ]);
    const form = (each: RawAnswer): readonly string[] => each.text.match(/<\w+/g) ?? [];
    expect(form(answer)).toEqual(form(real));
    expect(sandbox.policyOf("app")).toBeUndefined();
  });

  test("a wrong region is nothing that a call to no bucket can meet", async () => {
    sandbox.addFault({ effect: { kind: "wrong-region", region: "cn-shanghai" } });
    expect((await call({})).status).toBe(200);
  });

  // The client asks once more where it is told to: it must not run in circles, nor take the answer for none.
  test("a bucket that is said to be elsewhere each time is unreadable after two calls", async () => {
    sandbox.addFault({ effect: { kind: "wrong-region", region: "cn-shanghai" } });
    const reading = await storeOver(sandbox.url).get({ bucket: "app", region: "cn-hangzhou" });
    expect(reading).toMatchObject({ region: "cn-shanghai", live: { state: "unreadable" } });
    expect(sandbox.requests).toHaveLength(2);
  });

  test("an expired token is refused by its own code, in the middle of a run too", async () => {
    sandbox.addFault({ calls: { from: 2, to: 2 }, effect: { kind: "expired-token" } });
    const answers = [await call(policy), await call(put), await call(put)];
    expect(answers.map(codes)).toEqual([
      [404, "NoSuchBucketPolicy", "0030-00000006"],
      [403, "SecurityTokenExpired", "0002-00000007"],
      [200, undefined, undefined],
    ]);
  });

  test("they come before the signature is looked at, like all answers of fault rules", async () => {
    sandbox.addFault({ effect: { kind: "expired-token" } });
    expect(element(await rawCall(sandbox.port, {}), "Code")).toBe("SecurityTokenExpired");
  });
});
