import { expect, test } from "vitest";
import { parseSeed, sandboxKey, type Seed } from "../../src/sandbox/seed/seed.ts";

test("a full seed", () => {
  const text = `
account: "1"
seed: 7
keys:
  - { id: ak, secret: sk, token: t }
buckets:
  - name: app
    region: cn-hangzhou
    policy: |
      {"Version": "1", "Statement": [] }
  - name: web
    region: cn-beijing
    policy: { Version: "1", Statement: [{ Effect: Deny, Condition: { Bool: { "acs:SecureTransport": false } } }] }
faults:
  - { bucket: "a*", operation: PutBucketPolicy, calls: { from: 1, to: 2 }, effect: { kind: status, status: 503, code: SlowDown, ec: "1", headers: { a: b }, message: m, body: "" } }
  - { probability: 0.50, effect: { kind: delay, delayMs: 10 } }
  - effect: { kind: reset, when: after }
  - effect: { kind: truncate, bytes: 3 }
`;
  const seed: Seed = {
    account: "1",
    seed: 7,
    keys: [{ id: "ak", secret: "sk", token: "t" }],
    buckets: [
      { name: "app", region: "cn-hangzhou", policy: '{"Version": "1", "Statement": [] }\n' },
      {
        name: "web",
        region: "cn-beijing",
        policy:
          '{"Version":"1","Statement":[{"Effect":"Deny","Condition":{"Bool":{"acs:SecureTransport":false}}}]}',
      },
    ],
    faults: [
      {
        bucket: "a*",
        operation: "PutBucketPolicy",
        calls: { from: 1, to: 2 },
        effect: {
          kind: "status",
          status: 503,
          code: "SlowDown",
          ec: "1",
          headers: { a: "b" },
          message: "m",
          body: "",
        },
      },
      { probability: 0.5, effect: { kind: "delay", delayMs: 10 } },
      { effect: { kind: "reset", when: "after" } },
      { effect: { kind: "truncate", bytes: 3 } },
    ],
  };
  expect(parseSeed(text, "seed.yaml")).toEqual({ seed });
});

test("account, keys and faults have defaults", () => {
  expect(parseSeed("buckets: []", "seed.yaml")).toEqual({
    seed: { account: "1746495857600001", keys: [sandboxKey], buckets: [], faults: [] },
  });
});

const bucket = "buckets:\n  - name: app\n    region: cn-hangzhou\n";

test.each<[string, string, readonly string[]]>([
  [
    "empty",
    "",
    [
      "1:1: the seed file must be a mapping with `buckets`, and optionally `account`, `keys`, `accounts`, `blockPublicAccess`, `interpretation`, `seed` and `faults`",
    ],
  ],
  [
    "a list",
    "- a",
    [
      "1:1: the seed file must be a mapping with `buckets`, and optionally `account`, `keys`, `accounts`, `blockPublicAccess`, `interpretation`, `seed` and `faults`",
    ],
  ],
  ["no buckets", 'account: "1"', ["1:1: `buckets` is missing"]],
  [
    "unknown names, each at its place",
    `${bucket}    polcy: x\nbucket: []\n`,
    [
      "4:5: `buckets[0].polcy` is not a name that a seed file has",
      "5:1: `bucket` is not a name that a seed file has",
    ],
  ],
  [
    "an unquoted UID",
    `account: 1746495857600001\n${bucket}`,
    ["1:10: `account` must be text; put numbers in quotes"],
  ],
  ["a bucket without region", "buckets:\n  - name: app\n", ["2:5: `buckets[0].region` is missing"]],
  [
    "a bad name and a long region",
    "buckets:\n  - name: App\n    region: oss_hangzhou\n",
    [
      "2:11: `buckets[0].name` must be a bucket name: 3 to 63 of `a-z`, `0-9` and `-`, with no hyphen at either end",
      "3:13: `buckets[0].region` must be a region in the short form, such as `cn-hangzhou`",
    ],
  ],
  [
    "the long form of a region",
    "buckets:\n  - name: app\n    region: oss-cn-hangzhou\n",
    ["3:13: `buckets[0].region` must be a region in the short form, such as `cn-hangzhou`"],
  ],
  [
    "a bucket twice",
    `${bucket}  - name: app\n    region: cn-beijing\n`,
    ["4:11: `buckets[1].name` occurs twice"],
  ],
  [
    "an ACL that OSS does not have, and Block Public Access as text",
    `${bucket}    acl: public\n    blockPublicAccess: "true"\n`,
    [
      "4:10: `buckets[0].acl` must be one of `private`, `public-read`, `public-read-write`",
      "5:24: `buckets[0].blockPublicAccess` must be true or false",
    ],
  ],
  [
    "objects with a wrong key, ACL, tag and body",
    `${bucket}    objects:\n      - { key: /a, acl: open }\n      - { key: b, tags: { year: 2026 }, body: 1 }\n`,
    [
      "5:16: `buckets[0].objects[0].key` must be a key: up to 1,023 bytes of UTF-8, with no slash or backslash at its start",
      "5:25: `buckets[0].objects[0].acl` must be one of `default`, `private`, `public-read`, `public-read-write`",
      "6:47: `buckets[0].objects[1].body` must be text",
      "6:33: `buckets[0].objects[1].tags.year` must be text; put numbers in quotes",
    ],
  ],
  [
    "a key of an object twice",
    `${bucket}    objects: [{ key: b }, { key: b }]\n`,
    ["4:34: `buckets[0].objects[1].key` occurs twice"],
  ],
  [
    "a policy that is a list",
    `${bucket}    policy: []\n`,
    ["4:13: `buckets[0].policy` must be text or a mapping"],
  ],
  [
    "a number that would lose digits",
    `${bucket}    policy: { Version: "1", uid: 1746495857600001746 }\n`,
    [
      "4:34: the number `1746495857600001746` would not be kept exactly; put it in quotes, or write the whole policy as text",
    ],
  ],
  [
    "numbers that are none, and out of range",
    `${bucket}seed: one\nfaults:\n  - { probability: 1.50, effect: { kind: reset, when: after } }\n`,
    ["4:7: `seed` must be a whole number", "6:20: `faults[0].probability` must be a number from 0 to 1"],
  ],
  [
    "an interpretation of no open question, and one that is no position of its question",
    `${bucket}interpretation: { namedRegoin: matches, absentKey: counts }\n`,
    [
      "4:52: `interpretation.absentKey` must be one of `negated is true`, `fails`",
      "4:19: `interpretation.namedRegoin` is not a name that a seed file has",
    ],
  ],
  [
    "an unknown effect",
    `${bucket}faults:\n  - effect: { kind: explode }\n`,
    [
      "5:21: `faults[0].effect.kind` must be one of `status`, `throttle`, `delay`, `stale`, `reset`, `lost-answer`, `truncate`, `wrong-region`, `expired-token`",
    ],
  ],
  [
    "an effect that is none",
    `${bucket}faults:\n  - effect: reset\n`,
    ["5:13: `faults[0].effect` must be a mapping"],
  ],
  [
    "an effect without a kind",
    `${bucket}faults:\n  - effect: { delayMs: 1 }\n`,
    ["5:13: `faults[0].effect.kind` is missing"],
  ],
  [
    "calls that end before they start",
    `${bucket}faults:\n  - calls: { from: 3, to: 2 }\n    effect: { kind: delay, delayMs: 1 }\n`,
    ["5:12: `faults[0].calls` must not end before it starts"],
  ],
  [
    "no YAML",
    "buckets: [",
    ["1:11: invalid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]"],
  ],
  ["a name twice in a mapping", "buckets: []\nbuckets: []\n", ["2:1: invalid YAML: Map keys must be unique"]],
  [
    "an alias to nothing",
    "buckets: *none\n",
    ["1:1: invalid YAML: Unresolved alias (the anchor must be set before the alias)"],
  ],
  [
    "an alias inside its anchor",
    `${bucket}    policy: &p { a: *p }\n`,
    ["1:1: invalid YAML: Converting circular structure to JSON"],
  ],
])("%s", (_name, text, problems) => {
  expect(parseSeed(text, "seed.yaml")).toEqual({
    problems: problems.map((problem) => `seed.yaml:${problem}`),
  });
});
