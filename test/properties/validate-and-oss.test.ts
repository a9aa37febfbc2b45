import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseDesired } from "../../src/desired/desired.ts";
import { escapeVariables } from "../../src/desired/variables.ts";
import { countErrors } from "../../src/diagnostic.ts";
import { lintBuckets } from "../../src/lint/lint.ts";
import { jsonText, type Json, type JsonObject } from "../../src/policy/json.ts";
import { checkPolicy } from "../../src/sandbox/operations/policy-check.ts";
import { oddDocument, policyDocument } from "../support/arbitraries.ts";
import { accountFile } from "../support/run-cli.ts";
import { runs } from "../support/runs.ts";

/** What the two judges say of one bucket file: the errors of `validate`, and the code with which OSS refuses. */
interface Verdict {
  readonly errors: number;
  /** Undefined where it is accepted, and where the file is none that could be sent. */
  readonly refusal: string | undefined;
}

function judge(text: string): Verdict {
  const { buckets, diagnostics } = parseDesired([
    { path: "account.yaml", text: accountFile },
    { path: "one.yaml", text },
  ]);
  const findings = [...diagnostics, ...[...lintBuckets(buckets).values()].flat()];
  const [bucket] = buckets;
  if (bucket?.policy.kind !== "policy") return { errors: countErrors(findings), refusal: undefined };
  return { errors: countErrors(findings), refusal: refusalOf(bucket.policy.text) };
}

function refusalOf(text: string): string | undefined {
  return checkPolicy(new TextEncoder().encode(text))?.ec;
}

/** A JSON document as a bucket file: JSON is YAML, and no text of it is to be taken for a variable. */
function bucketFile(document: JsonObject): string {
  return `{ "bucket": "one", "policy": ${escapeVariables(JSON.stringify(document, undefined, 1))} }`;
}

/** Both judges over one file; the law is that what OSS refuses is never without an error. */
function expectAgreement(text: string): Verdict {
  const verdict = judge(text);
  if (verdict.refusal !== undefined) expect(verdict, text).not.toMatchObject({ errors: 0 });
  return verdict;
}

const arn = "acs:oss:*:1746495857600001:one";

const statementsOf = (document: JsonObject) => document["Statement"] as readonly JsonObject[];

/** The first statement with other fields; a field that is undefined is left out. */
function withFirst(document: JsonObject, fields: Readonly<Record<string, Json | undefined>>): JsonObject {
  const [first = {}, ...rest] = statementsOf(document);
  const changed = Object.entries({ ...first, ...fields }).filter(([, value]) => value !== undefined);
  return { ...document, Statement: [Object.fromEntries(changed) as JsonObject, ...rest] };
}

function changed<T>(
  change: fc.Arbitrary<T>,
  apply: (document: JsonObject, value: T) => JsonObject,
): fc.Arbitrary<JsonObject> {
  return fc.tuple(policyDocument, change).map(([document, value]) => apply(document, value));
}

const otherVersion = changed(
  fc.constantFrom<Json>("1", "2", "", "2012-10-17", " 1", "1.0", 1, 1.5, null, true, ["1"], {}),
  (document, Version) => ({ ...document, Version }),
);

const withoutVersion = policyDocument.map(({ Statement: statements = [] }): JsonObject => ({
  Statement: statements,
}));

const starred = fc.constantFrom("**", "a**b", "***", "*?*", "* *", "17464958****0001", "logs/*/*.gz", "*");

const doubleStars = changed(
  fc.tuple(
    starred,
    fc.constantFrom("Principal", "Action", "Resource", "Condition", "Sid", "deep", "name", "beside"),
  ),
  (document, [text, where]) => {
    if (where === "beside") return { ...document, Id: text };
    if (where === "name") return withFirst(document, { [text]: "x" });
    if (where === "deep") return withFirst(document, { Note: [{ a: [text] }] });
    if (where === "Resource") return withFirst(document, { Resource: [`acs:oss:*:*:one/${text}`] });
    if (where === "Condition") {
      return withFirst(document, { Condition: { StringLike: { "acs:UserAgent": [text] } } });
    }
    return withFirst(document, { [where]: [text] });
  },
);

const ipKey = fc.constantFrom("acs:SourceIp", "acs:sourceip", "acs:SourceIP", "acs:SourceIp ");
const vpcKey = fc.constantFrom("acs:SourceVpc", "acs:sourcevpc", "acs:SourceVpce");

/** With or without its SourceVpc: in the same statement, under the same operator or another, or in another one. */
const sourceIp = changed(
  fc.record({
    ip: ipKey,
    vpc: vpcKey,
    where: fc.constantFrom("nowhere", "other operator", "same operator", "other statement", "no map"),
    operator: fc.constantFrom("IpAddress", "NotIpAddress"),
  }),
  (document, { ip, vpc, where, operator }) => {
    const own = { [ip]: ["203.0.113.7"] };
    const other = { [vpc]: ["vpc-*"] };
    const condition: JsonObject =
      where === "same operator"
        ? { [operator]: { ...own, ...other } }
        : {
            [operator]: own,
            ...(where === "other operator" ? { StringNotLike: other } : {}),
            ...(where === "no map" ? { StringNotLike: ["acs:SourceVpc"] } : {}),
          };
    const alone = withFirst(document, { Condition: condition });
    const [first = {}] = statementsOf(document);
    const more = { ...first, Effect: "Deny", Condition: { StringNotLike: other } };
    return where === "other statement" ? { ...alone, Statement: [...statementsOf(alone), more] } : alone;
  },
);

const strangeStatement = changed(
  fc.constantFrom("map", "none", "empty", "null", "text", "number", "list in list", "null in list"),
  (document, shape) => {
    const { Statement: statements = [], ...rest } = document;
    const list = statements as readonly Json[];
    switch (shape) {
      case "none":
        return rest;
      case "map":
        return { ...rest, Statement: list[0] ?? {} };
      case "empty":
        return { ...rest, Statement: [] };
      case "null":
        return { ...rest, Statement: null };
      case "text":
        return { ...rest, Statement: [...list, "Allow"] };
      case "number":
        return { ...rest, Statement: 1 };
      case "list in list":
        return { ...rest, Statement: [list] };
      case "null in list":
        return { ...rest, Statement: [...list, null] };
    }
  },
);

const strangeField = changed(
  fc.tuple(
    fc.constantFrom("Effect", "Principal", "Action", "Resource", "Condition", "NotAction"),
    fc.oneof(fc.constantFrom<Json | undefined>(undefined, null, "", "allow", [], {}, 1, [[]]), oddDocument),
  ),
  (document, [field, value]) => withFirst(document, { [field]: value }),
);

const limitBytes = 16_384;

function sizeOf(document: JsonObject): number {
  return Buffer.byteLength(jsonText(document));
}

/** Some bytes below the limit, just at it or above it, in letters of one, two and three bytes. */
const big = changed(
  fc.tuple(fc.integer({ min: -4, max: 4 }), fc.constantFrom("x", "é", "文")),
  (document, [beyond, letter]) => {
    const own = statementsOf(document)[0]?.["Resource"] as readonly string[];
    const parts: string[] = [];
    const grown = (last: string) => withFirst(document, { Resource: [...own, ...parts, `${arn}/${last}`] });
    while (sizeOf(grown("")) < limitBytes - 2_100) {
      parts.push(`${arn}/${parts.length}/${letter.repeat(600)}`);
    }
    return grown("z".repeat(Math.max(0, limitBytes + beyond - sizeOf(grown("")))));
  },
);

const changes = {
  nothing: policyDocument,
  "another Version": otherVersion,
  "no Version": withoutVersion,
  "consecutive asterisks": doubleStars,
  "acs:SourceIp": sourceIp,
  "a strange Statement": strangeStatement,
  "a strange field": strangeField,
  "about 16 KB": big,
  "any document": oddDocument,
} satisfies Readonly<Record<string, fc.Arbitrary<JsonObject>>>;

describe("what OSS refuses, `validate` finds", () => {
  const seen: Verdict[] = [];

  test.each(Object.entries(changes))("in a policy with %s", (_, documents) => {
    fc.assert(
      fc.property(documents, (document) => {
        seen.push(expectAgreement(bucketFile(document)));
      }),
      { numRuns: runs(30) },
    );
  });

  test("and both judges said both often, OSS for every reason that it has", () => {
    const count = (isCounted: (verdict: Verdict) => boolean) => seen.filter(isCounted).length;
    expect(count(({ errors }) => errors === 0)).toBeGreaterThan(runs(40));
    expect(count(({ errors }) => errors > 0)).toBeGreaterThan(runs(40));
    expect(count(({ errors, refusal }) => errors > 0 && refusal === undefined)).toBeGreaterThan(runs(4));
    for (const number of [1, 2, 5, 7, 8]) {
      expect(
        count(({ refusal }) => refusal === `0030-0000000${number}`),
        String(number),
      ).toBeGreaterThan(runs(4));
    }
  });
});

test("a generated policy that nothing was done to has no error and is accepted", () => {
  fc.assert(
    fc.property(policyDocument, (document) => {
      expect(judge(bucketFile(document))).toEqual({ errors: 0, refusal: undefined });
    }),
    { numRuns: runs(20) },
  );
});

describe("every lint fixture", () => {
  const lint = fileURLToPath(new URL("../lint", import.meta.url));
  const fixtures = readdirSync(lint, { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(".yaml"),
  );

  test.each(fixtures)("%s", (path) => {
    expectAgreement(readFileSync(join(lint, path), "utf8"));
  });

  test("and some of them are refused", () => {
    const refused = fixtures.filter((path) => judge(readFileSync(join(lint, path), "utf8")).refusal);
    expect(refused.length).toBeGreaterThan(5);
  });
});
