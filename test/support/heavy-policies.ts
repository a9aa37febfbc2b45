import type { JsonObject } from "../../src/policy/json.ts";

const uid = "1746495857600001";
const letters = "abcdefghij";
const letter = (index: number) => letters[index % letters.length] ?? "";
/** Three of the letters a, b and c, so that many patterns overlap. */
const word = (index: number) => [1, 3, 9].map((part) => letter(Math.floor(index / part) % 3)).join("");
const user = (index: number) => String(202147604049350000n + BigInt(index));
const role = (name: string, session = "*") => `arn:sts::${uid}:assumed-role/${name}/${session}`;
const address = (index: number) => `10.${(index >> 8) & 255}.${index & 255}.${(index * 7) % 256}`;
const tag = (name: string | number) => `oss:ExistingObjectTag/${name}`;

function statement(fields: JsonObject, index = 1): JsonObject {
  return {
    Effect: index % 3 === 0 ? "Deny" : "Allow",
    Principal: ["*"],
    Action: ["oss:GetObject"],
    Resource: [`acs:oss:*:${uid}:web/*`],
    ...fields,
  };
}

/** OSS takes 16 KB at most. */
const maxBytes = 16_384;
const isTooLong = (statements: readonly JsonObject[]) =>
  Buffer.byteLength(JSON.stringify({ Version: "1", Statement: statements })) >= maxBytes;

/** As many statements as a policy can have. */
function many(fieldsOf: (index: number) => JsonObject): readonly JsonObject[] {
  const statements: JsonObject[] = [];
  while (!isTooLong(statements)) statements.push(statement(fieldsOf(statements.length), statements.length));
  return statements.slice(0, -1);
}

/** One statement with a list that is as long as it can be. */
function longList(
  valueOf: (index: number) => string,
  fieldsOf: (values: readonly string[]) => JsonObject,
): readonly JsonObject[] {
  const values: string[] = [];
  for (let bytes = 500; bytes < maxBytes;) {
    const value = valueOf(values.length);
    bytes += Buffer.byteLength(JSON.stringify(value)) + 1;
    values.push(value);
  }
  return [statement(fieldsOf(values.slice(0, -1)))];
}

const keys = (name: string) => [`acs:oss:*:*:web/${name}`];
const agents = (operator: string) => (values: readonly string[]) => ({
  Condition: { [operator]: { "acs:UserAgent": values } },
});
const addresses = (values: readonly string[]) => ({ Condition: { IpAddress: { "acs:SourceIp": values } } });

/**
 * Statements of policies of almost 16 KB, each heavy for another part of the analysis. That they are decided is not
 * wanted; that they end soon is.
 */
export const heavyPolicies: Readonly<Record<string, readonly JsonObject[]>> = {
  "IPv4 addresses": longList(address, addresses),
  "IPv6 addresses": longList((index) => `${(8192 + index * 3).toString(16)}:${index}::1`, addresses),
  "short IPv6 addresses": longList((index) => `${(8192 + index * 3).toString(16)}::1`, addresses),
  "ranges with host bits": many((index) => ({
    Condition: {
      IpAddress: {
        "acs:SourceIp": Array.from(
          { length: 8 },
          (_, at) => `${address(index * 97 + at * 31)}/${8 + ((index + at) % 23)}`,
        ),
      },
    },
  })),
  "numbers that differ": many((index) => ({
    Action: ["oss:*"],
    Condition: {
      NumericNotEquals: {
        "oss:object-remaining-retention-days": Array.from({ length: 30 }, (_, at) =>
          String((index * 331 + at * 37) % 9_973),
        ),
      },
    },
  })),
  "exact user agents": longList((index) => `v${index}`, agents("StringEquals")),
  "infix user agents": longList((index) => `*${index}*`, agents("StringLike")),
  "user agents in any case": longList(
    (index) => `${String.fromCodePoint(0x400 + index)}İßſK`,
    agents("StringEqualsIgnoreCase"),
  ),
  "a tag for each statement": many((index) => ({
    Condition: { StringNotEquals: { [tag(`k${index}`)]: [`v${index}`] } },
  })),
  "tags in a chain": many((index) => ({
    Condition: { StringEquals: { [tag(index)]: ["x"], [tag(index + 1)]: ["y"] } },
  })),
  "190 tags in two statements": [
    ["Allow", "StringNotEquals", "a"] as const,
    ["Deny", "StringLike", "*b"] as const,
  ].map(([Effect, operator, value]) =>
    statement({
      Effect,
      Condition: {
        [operator]: Object.fromEntries(Array.from({ length: 190 }, (_, index) => [tag(index), [value]])),
      },
    }),
  ),
  "users with a tag": many((index) => ({
    Principal: Array.from({ length: 12 }, (_, at) => user((index * 37 + at * 101) % 200)),
    Condition: { StringEquals: { [tag(`k${index}`)]: ["v"] } },
  })),
  "lists of users": many((index) => ({
    Principal: Array.from({ length: 20 }, (_, at) => user((index * 53 + at * 97) % 400)),
  })),
  "roles with capitals": many((index) => ({
    Principal: [role(`R${letter(index).toUpperCase()}${index}*`, `s${index % 5}`)],
    Action: ["oss:get*", "oss:Put*"],
    Resource: [`acs:oss:cn-hangzhou:${uid}:web/*`],
    Condition: {
      Bool: { "acs:SecureTransport": ["True"] },
      NotIpAddress: { "acs:SourceIp": [`10.0.${index % 250}.7/16`] },
    },
  })),
  "roles with infixes": many((index) => ({ Principal: [role(`*${word(index)}*`)] })),
  "sessions with infixes": many((index) => ({ Principal: [role(`r${index % 9}`, `*${word(index)}*`)] })),
  "networks and VPCs": many((index) => ({
    Condition: {
      StringEquals: { "acs:SourceVpc": [`vpc-${index}`] },
      NotIpAddress: { "acs:SourceIp": [address(index * 31)] },
    },
  })),
  "patterns everywhere": many((index) => ({
    Principal: [role(`*${letter(index % 6)}*`), user(index)],
    Action: ["oss:Get*"],
    Resource: keys(`*${letter(index)}*`),
    Condition: {
      StringLike: { "acs:UserAgent": [`*${letter(index % 5)}*`] },
      NotIpAddress: { "acs:SourceIp": [`${address(index * 99)}/16`] },
    },
  })),
  "dates, prefixes and tags": many((index) => ({
    Principal: [role(`r${index % 5}`, `*${letter(index % 3)}*`)],
    Action: ["oss:*"],
    Condition: {
      StringNotLike: { [tag(`t${index % 5}`)]: [`*${letter(index % 3)}*`], "oss:Prefix": [`*${index}*`] },
      DateLessThan: { "acs:CurrentTime": [`2026-01-${10 + (index % 20)}T00:00:00Z`] },
    },
  })),
  "actions outside the catalogue": longList(
    (index) => `oss:X${index}`,
    (values) => ({ Action: values }),
  ),
  "patterns of actions": many((index) => ({
    Action: [`oss:${letter(index).toUpperCase()}${word(index)}*`, "oss:Get*"],
    Principal: [user(index % 20)],
  })),
  "a key with 15,000 times ?": [statement({ Resource: keys(`*a${"?".repeat(15_000)}`) })],
  "a role with 7,000 times ?": [statement({ Principal: [role(`*a${"?".repeat(7_000)}`)] })],
  "a key of 7,500 words": [statement({ Resource: keys("*a".repeat(7_500)) })],
  "a key of 15,000 stars": [statement({ Resource: keys("*".repeat(15_000)) })],
  "a key of 7,500 times *?": [statement({ Resource: keys("*?".repeat(7_500)) })],
};
