import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { adminRefusal } from "../../src/sandbox/admin.ts";
import type { FaultRule } from "../../src/sandbox/faults/faults.ts";
import { startSandbox, type Sandbox } from "../../src/sandbox/server.ts";
import { element, rawCall, seedOf, signedCall, type RawAnswer, type RawCall } from "../support/sandbox.ts";
import { runCli } from "../support/run-cli.ts";

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox({ seed: seedOf("app") });
});
afterEach(() => sandbox.close());

const path = "/_sandbox/faults";
const admin = (method: string, body?: string, change: RawCall = {}): Promise<RawAnswer> =>
  rawCall(sandbox.port, { method, path, ...(body === undefined ? {} : { body }), ...change });
const statusOfRead = async (): Promise<number> =>
  (await signedCall(sandbox.port, { bucket: "app", query: [["policy", ""]] })).status;

/** One rule of each effect, with every field that it can have. */
const everyRule: readonly FaultRule[] = [
  {
    bucket: "none-*",
    operation: "PutBucketPolicy",
    calls: { from: 2, to: 3 },
    probability: 0.5,
    effect: {
      kind: "status",
      status: 503,
      code: "SlowDown",
      message: "m",
      ec: "1",
      headers: { "Retry-After": "1" },
      body: "",
      when: "after",
    },
  },
  {
    bucket: "none",
    effect: { kind: "throttle", perSecond: 5, status: 429, headers: { "Retry-After": "1" } },
  },
  { bucket: "none", effect: { kind: "delay", delayMs: 10 } },
  { bucket: "none", effect: { kind: "stale", forMs: 100 } },
  { bucket: "none", operation: "GetBucketPolicy", effect: { kind: "stale", reads: 2 } },
  { bucket: "none", effect: { kind: "reset", when: "before" } },
  { bucket: "none", effect: { kind: "lost-answer" } },
  { bucket: "none", effect: { kind: "truncate", bytes: 3 } },
  { bucket: "none", effect: { kind: "wrong-region", region: "cn-shanghai" } },
  { bucket: "none", effect: { kind: "expired-token" } },
];

describe("fault rules of a sandbox that runs", () => {
  test("every rule comes back as it was put, and does as it says from the next call on", async () => {
    expect(await statusOfRead()).toBe(404);
    const rules = [...everyRule, { effect: { kind: "expired-token" } }];
    const put = await admin("PUT", JSON.stringify(rules));
    expect([put.status, JSON.parse(put.text)]).toEqual([200, rules]);
    const got = await admin("GET");
    expect([got.status, got.headers["content-type"], got.text]).toEqual([200, "application/json", put.text]);
    expect(await statusOfRead()).toBe(403);
  });

  test("a put replaces all rules, and their counts begin anew", async () => {
    const first = JSON.stringify([{ calls: { from: 1, to: 1 }, effect: { kind: "expired-token" } }]);
    const seen: number[] = [];
    for (let count = 0; count < 2; count += 1) {
      await admin("PUT", first);
      seen.push(await statusOfRead(), await statusOfRead());
    }
    await admin("PUT", "[]");
    expect([...seen, await statusOfRead()]).toEqual([403, 404, 403, 404, 404]);
  });

  test("a delete clears them, also those of the seed and of the program; twice is fine", async () => {
    await sandbox.close();
    sandbox = await startSandbox({ seed: { ...seedOf("app"), faults: everyRule } });
    sandbox.addFault({ effect: { kind: "expired-token" } });
    expect(JSON.parse((await admin("GET")).text)).toHaveLength(everyRule.length + 1);
    for (let count = 0; count < 2; count += 1) {
      const answer = await admin("DELETE");
      expect([answer.status, answer.text]).toEqual([204, ""]);
    }
    expect((await admin("GET")).text).toBe("[]\n");
    expect(await statusOfRead()).toBe(404);
  });

  // A rule that broke the call that lifts it would leave a sandbox that only a restart mends.
  test("no fault applies to these calls, and the log of OSS's calls does not show them", async () => {
    sandbox.addFault({ effect: { kind: "reset", when: "before" } });
    expect((await admin("GET")).status).toBe(200);
    expect((await admin("DELETE")).status).toBe(204);
    expect(sandbox.requests).toEqual([]);
  });

  test("the seed makes chance the same for rules that were put", async () => {
    const rules = JSON.stringify([{ probability: 0.5, effect: { kind: "expired-token" } }]);
    const seen: string[] = [];
    for (let count = 0; count < 2; count += 1) {
      await admin("PUT", rules);
      const statuses: number[] = [];
      for (let number = 0; number < 12; number += 1) statuses.push(await statusOfRead());
      seen.push(statuses.join(" "));
    }
    expect(seen[0]).toBe(seen[1]);
    expect(seen[0]).toMatch(/403.*404|404.*403/);
  });

  test("indented with tabs, as some programs write JSON, and as YAML, as the seed file has it", async () => {
    expect((await admin("PUT", JSON.stringify(everyRule, null, "\t"))).status).toBe(200);
    const yaml = await admin("PUT", "- bucket: web-*\n  effect: { kind: lost-answer }\n");
    expect(JSON.parse(yaml.text)).toEqual([{ bucket: "web-*", effect: { kind: "lost-answer" } }]);
  });
});

describe("what is no list of fault rules is refused in one sentence, and the old rules stay", () => {
  test.each<[string, string, string]>([
    ["nothing", "", "1:1: the body must be a list"],
    ["a mapping", '{"faults":[]}', "1:1: the body must be a list"],
    ["half a list", '[{"effect":', "1:12: invalid YAML: "],
    ["an unknown name", '[{"efect":{}, "effect":{"kind":"lost-answer"}}]', "1:3: `[0].efect` is not a name that a fault rule has"], // prettier-ignore
    ["no effect", '[{"bucket":"a"}]', "1:2: `[0].effect` is missing"],
    ["an unknown effect", '[\n {"effect":{"kind":"explode"}}]', "2:20: `[0].effect.kind` must be one of `status`, `throttle`, `delay`, `stale`, `reset`, `lost-answer`, `truncate`, `wrong-region`, `expired-token`"], // prettier-ignore
    ["a field of another effect", '[{"effect":{"kind":"lost-answer","when":"after"}}]', "1:34: `[0].effect.when` is not a name that a fault rule has"], // prettier-ignore
    ["a field too few", '[{"effect":{"kind":"reset"}}]', "1:12: `[0].effect.when` is missing"],
    ["a wait that no timer takes", '[{"effect":{"kind":"delay","delayMs":3000000000}}]', "1:38: `[0].effect.delayMs` must be from 0 to 600000"], // prettier-ignore
    ["a limit that is no number", '[{"effect":{"kind":"throttle","perSecond":"5"}}]', "1:43: `[0].effect.perSecond` must be a whole number"], // prettier-ignore
    ["a throttle with another status", '[{"effect":{"kind":"throttle","perSecond":5,"status":500}}]', "1:54: `[0].effect.status` must be 429 or 503"], // prettier-ignore
    ["a header over two lines", '[{"effect":{"kind":"throttle","perSecond":5,"headers":{"a":"b\\r\\nc: d"}}}]', "1:60: `[0].effect.headers.a` must be plain ASCII on one line"], // prettier-ignore
    ["a header of another script", '[{"effect":{"kind":"throttle","perSecond":5,"headers":{"a":"é"}}}]', "1:60: `[0].effect.headers.a` must be plain ASCII on one line"], // prettier-ignore
    ["a header without a name", '[{"effect":{"kind":"throttle","perSecond":5,"headers":{"a b":"c"}}}]', "1:62: `[0].effect.headers.a b` must be the name of a header"], // prettier-ignore
    ["both kinds of stale", '[{"effect":{"kind":"stale","forMs":5,"reads":1}}]', "1:12: `[0].effect` must have `forMs` or `reads`, but not both"], // prettier-ignore
    ["no kind of stale", '[{"effect":{"kind":"stale"}}]', "1:12: `[0].effect` must have `forMs` or `reads`, but not both"], // prettier-ignore
    ["staleness longer than is remembered", '[{"effect":{"kind":"stale","forMs":60001}}]', "1:36: `[0].effect.forMs` must be from 1 to 60000"], // prettier-ignore
    ["a stale write", '[{"operation":"PutBucketPolicy","effect":{"kind":"stale","reads":1}}]', "1:15: `[0].operation` must be `GetBucketPolicy`, or absent, if the effect is `stale`"], // prettier-ignore
    ["a listing in a wrong region", '[{"operation":"ListBuckets","effect":{"kind":"wrong-region","region":"cn-x"}}]', "1:15: `[0].operation` must be for a bucket if the effect is `wrong-region`"], // prettier-ignore
    ["a listing of one bucket", '[{"operation":"ListBuckets","bucket":"a*","effect":{"kind":"lost-answer"}}]', "1:15: `[0].operation` must be for a bucket if the rule has `bucket`"], // prettier-ignore
    ["a region in the long form", '[{"effect":{"kind":"wrong-region","region":"oss-cn-x"}}]', "1:44: `[0].effect.region` must be a region in the short form, such as `cn-hangzhou`"], // prettier-ignore
    ["a probability in percent", '[{"probability":50,"effect":{"kind":"lost-answer"}}]', "1:17: `[0].probability` must be a number from 0 to 1"], // prettier-ignore
    ["one mistake among good rules", '[{"effect":{"kind":"lost-answer"}},{"effect":null}]', "1:46: `[1].effect` must be a mapping"], // prettier-ignore
  ])("%s", async (_name, body, message) => {
    sandbox.addFault({ effect: { kind: "expired-token" } });
    const answer = await admin("PUT", body);
    expect([answer.status, answer.headers["content-type"]]).toEqual([400, "text/plain; charset=utf-8"]);
    expect(answer.text.trimEnd().split("\n")).toHaveLength(1);
    expect(answer.text).toContain(`body:${message}`);
    expect(JSON.parse((await admin("GET")).text)).toEqual([{ effect: { kind: "expired-token" } }]);
  });

  test("a body without end", async () => {
    const answer = await admin("PUT", "x".repeat(2_000_000));
    expect([answer.status, answer.text]).toEqual([413, "the list of fault rules is too long\n"]);
  });
});

describe("who may set faults", () => {
  const rules = '[{"effect":{"kind":"expired-token"}}]';

  // A page that a developer has open can send requests to the loopback.
  test.each<[string, Readonly<Record<string, string>>, string]>([
    ["a web page", { origin: "https://example.com" }, "Origin"],
    ["a page without a place", { origin: "null" }, "Origin"],
    ["a page under a name that leads to the loopback", { host: "evil.example.com:9000" }, "Host"],
    ["a name that begins like the loopback", { host: "127.0.0.1.example.com" }, "Host"],
  ])("not %s", async (_name, headers, word) => {
    for (const method of ["GET", "PUT", "DELETE", "OPTIONS"]) {
      const answer = await admin(method, method === "PUT" ? rules : undefined, { headers });
      expect([answer.status, answer.text.includes(word)]).toEqual([403, true]);
      expect(answer.headers).not.toHaveProperty("access-control-allow-origin");
    }
    expect(await statusOfRead()).toBe(404);
  });

  test.each(["127.0.0.1", "localhost", "LOCALHOST:9000", "[::1]:9000"])("%s may", async (host) => {
    expect((await admin("PUT", rules, { headers: { host } })).status).toBe(200);
    expect(await statusOfRead()).toBe(403);
  });

  test.each([
    ["127.0.0.1", true],
    ["127.8.9.1", true],
    ["::1", true],
    ["::ffff:127.0.0.1", true],
    ["192.168.0.2", false],
    ["::ffff:10.0.0.1", false],
    ["::12", false],
    ["fe80::1", false],
    [undefined, false],
  ])("a peer at %s: %s", (peer, may) => {
    expect(adminRefusal(peer, { host: "127.0.0.1:9000" }) === undefined).toBe(may);
  });
});

describe("other addresses", () => {
  test.each(["POST", "PATCH", "HEAD"])("%s is not for fault rules", async (method) => {
    const answer = await admin(method);
    expect([answer.status, answer.headers.allow]).toEqual([405, "GET, PUT, DELETE"]);
  });

  test("a path beside it is named as wrong", async () => {
    const answer = await admin("GET", undefined, { path: "/_sandbox/fault" });
    expect([answer.status, answer.text]).toEqual([404, "the sandbox has only `/_sandbox/faults`\n"]);
  });

  // An object can have any key: what is addressed below a bucket's host belongs to OSS.
  test("below OSS's own host names the path is an object's", async () => {
    const host = "app.oss-cn-hangzhou.aliyuncs.com";
    const answer = await admin("PUT", "[]", { headers: { host } });
    expect([answer.status, element(answer, "Code")]).toEqual([403, "AccessDenied"]);
    const inPath = await rawCall(sandbox.port, { path: "/app/_sandbox/faults" });
    expect(element(inPath, "Code")).toBe("AccessDenied");
  });
});

test("npm run sandbox says where fault rules are put", async () => {
  const { stdout } = await runCli(["sandbox", "--port", "0"], { stopped: Promise.resolve() });
  const [, address] = /The sandbox answers at (\S+) /.exec(stdout) ?? [];
  expect(stdout).toContain(`PUT a list of fault rules to ${address ?? "nothing"}/_sandbox/faults\n`);
});

test("docs/sandbox.md lists every effect, and the call that it shows works", async () => {
  const page = readFileSync(new URL("../../docs/sandbox.md", import.meta.url), "utf8");
  const listed = [...page.matchAll(/^\| `([a-z-]+)` +\| .* \| .*\|$/gm)].map(([, kind]) => kind);
  expect(listed).toEqual(expect.arrayContaining(everyRule.map(({ effect }) => effect.kind)));
  const [, method = "", address = "", body] =
    /^curl -X (\w+) http:\/\/127\.0\.0\.1:9000(\S+) --data '(.*)'$/m.exec(page) ?? [];
  expect((await admin(method, body, { path: address })).status).toBe(200);
});
