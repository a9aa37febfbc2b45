import { describe, expect, test } from "vitest";
import { compareUnder } from "../../src/access/engine/diagram.ts";
import { evaluate } from "../../src/access/evaluate.ts";
import { pathsOf } from "./paths.ts";
import {
  defaultInterpretation,
  type Decision,
  type Interpretation,
  type Request,
} from "../../src/access/request.ts";
import { unsupported } from "../../src/access/unsupported.ts";
import type { JsonObject } from "../../src/policy/json.ts";
import { contains } from "./lookup.ts";
import { bucket, policyOf } from "./worlds.ts";

// Policies written to be misread. What each request comes to is said by hand, after OSS's documentation;
// the evaluator and the comparison must both say the same.

interface Ask {
  readonly by?: string;
  readonly action?: string;
  readonly key?: string;
  readonly with?: Readonly<Record<string, string>>;
  readonly under?: Partial<Interpretation>;
  readonly is: Decision;
}

const allow = (fields: JsonObject): JsonObject => ({
  Effect: "Allow",
  Principal: ["*"],
  Action: ["oss:GetObject"],
  Resource: ["acs:oss:*:*:b/*"],
  ...fields,
});
const deny = (fields: JsonObject): JsonObject => allow({ Effect: "Deny", ...fields });
const key = (name: string) => `acs:oss:*:*:b/${name}`;
const from = (address: string, is: Decision): Ask => ({ with: { "acs:SourceIp": address }, is });
const inNetwork = (...values: string[]) => [allow({ Condition: { IpAddress: { "acs:SourceIp": values } } })];
const agent = (value: string, is: Decision): Ask => ({ with: { "acs:UserAgent": value }, is });
const at = (time: string, is: Decision): Ask => ({ with: { "acs:CurrentTime": time }, is });
const days = "oss:object-remaining-retention-days";
const left = (count: string, is: Decision): Ask => ({ with: { [days]: count }, is });
const longest = "k".repeat(1023);

const cases: readonly { name: string; policy: readonly JsonObject[]; asks: readonly Ask[] }[] = [
  {
    name: "`Condition: {}` binds the owner under one reading only",
    policy: [deny({ Condition: {} })],
    asks: [
      { by: "owner", is: "deny" },
      { by: "owner", under: { emptyCondition: "is none" }, is: "none" },
      { by: "anonymous", under: { emptyCondition: "is none" }, is: "deny" },
    ],
  },
  {
    name: "an empty Principal is everybody, but for the owner",
    policy: [allow({ Principal: [] })],
    asks: [
      { by: "anonymous", is: "allow" },
      { by: "7", is: "allow" },
      { by: "owner", is: "none" },
    ],
  },
  {
    name: "a missing Principal is everybody, and with a Condition the owner too",
    policy: [
      {
        Effect: "Deny",
        Action: ["oss:GetObject"],
        Resource: [key("*")],
        Condition: { Bool: { "acs:SecureTransport": ["false"] } },
      },
    ],
    asks: [
      { by: "owner", with: { "acs:SecureTransport": "false" }, is: "deny" },
      { by: "owner", with: { "acs:SecureTransport": "true" }, is: "none" },
    ],
  },
  {
    name: "IPv6 with zeros left out, in any case of letters",
    policy: inNetwork("2001:DB8::/32"),
    asks: [
      from("2001:db8::1", "allow"),
      from("2001:0db8:0000:0000:0000:0000:0000:0001", "allow"),
      from("2001:db9::", "none"),
      from("32.1.13.184", "none"),
    ],
  },
  {
    name: "IPv4 in IPv6 clothes is IPv4",
    policy: inNetwork("10.0.0.0/8"),
    asks: [
      from("::ffff:10.1.2.3", "allow"),
      from("::ffff:11.1.2.3", "none"),
      from("10.255.255.255", "allow"),
    ],
  },
  {
    name: "all of IPv6 holds no IPv4",
    policy: inNetwork("::/0"),
    asks: [from("::1", "allow"), from("1.2.3.4", "none"), from("::ffff:1.2.3.4", "none")],
  },
  {
    name: "bits beyond the prefix do not count",
    policy: inNetwork("10.1.2.3/16"),
    asks: [from("10.1.0.0", "allow"), from("10.1.255.255", "allow"), from("10.2.2.3", "none")],
  },
  {
    name: "last octets that are open",
    policy: inNetwork("10.*.*.*", "192.168.7.*"),
    asks: [
      from("10.0.0.0", "allow"),
      from("10.255.255.255", "allow"),
      from("11.0.0.0", "none"),
      from("192.168.7.9", "allow"),
      from("192.168.8.0", "none"),
      from("2001:db8::1", "none"),
    ],
  },
  {
    name: "all octets open is all of IPv4",
    policy: inNetwork("*.*.*.*"),
    asks: [from("0.0.0.0", "allow"), from("255.255.255.255", "allow"), from("::1", "none")],
  },
  {
    name: "`?` is one character, though it takes two code units",
    policy: [allow({ Resource: [key("?.txt")] })],
    asks: [
      { key: "😀.txt", is: "allow" },
      { key: "é.txt", is: "allow" },
      { key: "e\u0301.txt", is: "none" },
      { key: ".txt", is: "none" },
      { key: "ab.txt", is: "none" },
    ],
  },
  {
    name: "the longest key, and one letter less",
    policy: [allow({ Resource: [key(longest)] }), deny({ Resource: [key(`${"?".repeat(1022)}k`)] })],
    asks: [
      { key: longest, is: "deny" },
      { key: longest.slice(1), is: "none" },
      { key: `${longest.slice(1)}j`, is: "none" },
    ],
  },
  {
    name: "signs of URLs and of regular expressions mean themselves",
    policy: [allow({ Resource: [key("a%2Fb"), key("[x].(y)+^$|\\"), key("c d")] })],
    asks: [
      { key: "a%2Fb", is: "allow" },
      { key: "a/b", is: "none" },
      { key: "[x].(y)+^$|\\", is: "allow" },
      { key: "x.y", is: "none" },
      { key: "c d", is: "allow" },
      { key: "c%20d", is: "none" },
    ],
  },
  {
    name: "case is left aside only where the operator says so, and only in its value",
    policy: [
      allow({ Resource: [key("Ab")], Condition: { StringEqualsIgnoreCase: { "acs:UserAgent": ["cUrl"] } } }),
    ],
    asks: [
      { key: "Ab", with: { "acs:UserAgent": "CURL" }, is: "allow" },
      { key: "ab", with: { "acs:UserAgent": "curl" }, is: "none" },
      { key: "Ab", with: { "acs:UserAgent": "curl*" }, is: "none" },
    ],
  },
  {
    name: "wildcards are plain letters but under Like",
    policy: [allow({ Condition: { StringEquals: { "acs:UserAgent": ["c*"] } } })],
    asks: [agent("c*", "allow"), agent("curl", "none")],
  },
  {
    name: "several values under a negated operator: none may match",
    policy: [allow({ Condition: { StringNotEquals: { "acs:UserAgent": ["a", "b"] } } })],
    asks: [agent("a", "none"), agent("b", "none"), agent("c", "allow"), agent("", "allow")],
  },
  {
    name: "several operators on one key: all must hold",
    policy: [
      allow({
        Condition: {
          StringLike: { "acs:SourceVpc": ["vpc-*"] },
          StringNotEquals: { "acs:SourceVpc": ["vpc-1", "vpc-2"] },
        },
      }),
    ],
    asks: [
      { with: { "acs:SourceVpc": "vpc-1" }, is: "none" },
      { with: { "acs:SourceVpc": "vpc-3" }, is: "allow" },
      { with: { "acs:SourceVpc": "" }, is: "none" },
    ],
  },
  {
    name: "no VPC is the empty text, which `*` matches",
    policy: [
      allow({ Condition: { StringLike: { "acs:SourceVpc": ["*"] } } }),
      deny({ Condition: { StringNotLike: { "acs:SourceVpc": ["vpc-*"] } }, Resource: [key("in/*")] }),
    ],
    asks: [
      { is: "allow" },
      { key: "in/x", is: "deny" },
      { key: "in/x", with: { "acs:SourceVpc": "vpc-9" }, is: "allow" },
    ],
  },
  {
    name: "moments are compared across offsets",
    policy: [allow({ Condition: { DateLessThan: { "acs:CurrentTime": ["2026-08-12T17:00:00+08:00"] } } })],
    asks: [
      at("2026-08-12T08:59:59.999Z", "allow"),
      at("2026-08-12T09:00:00Z", "none"),
      at("2026-08-12T10:00:00+02:00", "allow"),
      at("2026-08-12T11:00:00+02:00", "none"),
    ],
  },
  {
    name: "between two whole numbers there is none",
    policy: [
      allow({ Condition: { NumericGreaterThan: { [days]: ["3"] }, NumericLessThan: { [days]: ["4"] } } }),
      allow({ Principal: ["7"], Condition: { NumericNotEquals: { [days]: ["3", "5"] } } }),
    ],
    asks: [
      left("3", "none"),
      left("4", "none"),
      { by: "7", with: { [days]: "3" }, is: "none" },
      { by: "7", with: { [days]: "4" }, is: "allow" },
      { by: "7", is: "allow" },
      { by: "7", under: { absentKey: "fails" }, is: "none" },
    ],
  },
  {
    name: "a Bool that is absent is neither true nor false",
    policy: [
      allow({ Principal: ["7"], Condition: { Bool: { "acs:MFAPresent": ["true", "false"] } } }),
      deny({ Principal: ["8"], Condition: { Bool: { "acs:MFAPresent": ["false"] } } }),
    ],
    asks: [
      { by: "7", is: "none" },
      { by: "7", with: { "acs:MFAPresent": "false" }, is: "allow" },
      { by: "8", is: "none" },
      { by: "8", with: { "acs:MFAPresent": "false" }, is: "deny" },
    ],
  },
  {
    name: "a statement three times is that statement",
    policy: [deny({}), deny({}), deny({}), allow({ Principal: ["7"] })],
    asks: [
      { by: "7", is: "deny" },
      { by: "owner", is: "none" },
    ],
  },
  {
    name: "an object action on the bucket and a bucket action on objects come to nothing",
    policy: [
      allow({ Resource: ["acs:oss:*:*:b"] }),
      allow({ Action: ["oss:ListObjects"], Resource: [key("*")] }),
    ],
    asks: [{ is: "none" }, { action: "oss:ListObjects", key: "", is: "none" }],
  },
];

function requestOf({
  by = "anonymous",
  action = "oss:GetObject",
  key: name = "x",
  with: given,
}: Ask): Request {
  const usual = { "acs:SecureTransport": "true", "acs:SourceIp": "203.0.113.7", "acs:SourceVpc": "" };
  const context = new Map(Object.entries({ ...usual, ...given }));
  return { principal: by, action, resource: name, context };
}

/** The address in IPv4 clothes, as the comparison has it. */
function plain(request: Request): Request {
  const address = request.context.get("acs:SourceIp") ?? "";
  const context = new Map([
    ...request.context,
    ["acs:SourceIp", address.replace(/^::ffff:(?=.*\.)/, "")] as const,
  ]);
  return { ...request, context };
}

describe.each(cases)("$name", ({ policy: list, asks }) => {
  const policy = policyOf(list);

  test("has a known meaning", () => {
    expect(unsupported(policy)).toEqual([]);
  });

  test.each(asks.map((ask) => ({ ...ask, text: JSON.stringify(ask).slice(0, 120) })))("$text", (ask) => {
    const reading = { ...defaultInterpretation, ...ask.under };
    expect(evaluate(policy, requestOf(ask), bucket, reading).decision).toBe(ask.is);
    const { paths } = pathsOf(compareUnder("none", policy, bucket, reading));
    const known = new Set(["acs:CurrentTime", days]);
    // Those keys stand for all values up to the next that a policy names; the evaluator is asked about them.
    if ([...requestOf(ask).context.keys()].some((one) => known.has(one))) return;
    const told = paths.filter((path) => contains(path, withUids(plain(requestOf(ask)), paths)));
    expect(told.map(({ after }) => after)).toEqual(ask.is === "none" ? [] : [ask.is]);
  });
});

/** A UID that no policy names is one for all of those. */
function withUids(request: Request, paths: ReturnType<typeof pathsOf>["paths"]): Request {
  const field = paths[0]?.steps.find(({ field: { name } }) => name === "principal")?.field;
  const samples = field?.kind === "atoms" ? field.atoms.map(({ sample }) => sample) : [];
  if (samples.includes(request.principal) || !/^\d+$/.test(request.principal)) return request;
  return {
    ...request,
    principal: samples.filter((one) => /^\d+$/.test(one ?? "")).at(-1) ?? request.principal,
  };
}

test("no meaning is known for an address with `*` in another place than its end", () => {
  for (const value of ["101.*.*.100", "*.0.0.1", "10.*.3.*", "1*.0.0.0", "10.0.*", "*"])
    expect(unsupported(policyOf(inNetwork(value)))[0]?.what).toBe(`the value \`${value}\``);
});
