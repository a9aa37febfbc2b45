import fc from "fast-check";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import type { Json } from "../../src/policy/json.ts";
import { escapeVariables } from "../../src/desired/variables.ts";
import { accountFile, runCli, writeTree } from "../support/run-cli.ts";
import { runs } from "../support/runs.ts";

/** Words with which a file goes wrong, beside those with which it does not. */
const principals = [
  "*",
  "202147604049350001",
  "arn:sts::1746495857600001:assumed-role/R/*",
  "anonymous",
  " 1",
];
const actions = ["oss:GetObject", "oss:*", "oss:ListObjects", "oss:Frob", "s3:GetObject", "oss:${x}", "*"];
const names = [
  "/*",
  "",
  "/a/${ram:UserName}",
  "/a，b",
  "/%E5%9B%BE",
  "/*,acs:oss:*:*:b/c",
  "/e\u0301",
  "/＊",
];
const tests: readonly (readonly [operator: string, key: string, values: readonly Json[]])[] = [
  ["DateLessThan", "acs:CurrentTime", ["2026-12-31", "2026-12-31T00:00Z", "2026-12-31T00:00:00", "soon", 7]],
  ["NumericLessThan", "oss:object-remaining-retention-days", ["30", "1e3", "1.0", "-1", "007", "x", 30, 1.5]],
  [
    "IpAddress",
    "acs:SourceVpcIp",
    ["10.0.0.0/8", "::ffff:10.0.0.1", "::ffff:a00:1", "101.*.*.9", "10.0.0.9/8"],
  ],
  ["Bool", "acs:SecureTransport", ["true", "False", true, "yes", "1"]],
  ["StringLike", "acs:SourceVpc", ["vpc-*", "vpc-1", "", "${acs:SourceVpc}", "vpce-*"]],
  ["StringNotEquals", "acs:UserAgent", ["a", "a*", ""]],
  ["StringEquals", "acs:PrincipalArn", ["a"]],
  ["StringEquals", "oss:ExistingObjectTag/${x}", ["a"]],
  ["IpAddressIncludeBorder", "acs:SourceVpcIp", ["10.0.0.1"]],
  ["StringEqualsIfExists", "acs:UserAgent", ["a"]],
  ["StringEquals", "acs:SourceVpcIp", ["10.0.0.1"]],
];

/** Mostly the first word, so that many files have nothing wrong. */
function mostly(words: readonly string[]): fc.Arbitrary<string[]> {
  const [first = "", ...others] = words;
  return fc.oneof(
    { weight: 4, arbitrary: fc.constant<string[]>([first]) },
    fc.subarray([first, ...others], { minLength: 1, maxLength: 2 }),
  );
}

const condition = fc
  .constantFrom(...tests)
  .chain(([operator, key, values]) =>
    fc
      .subarray([...values], { maxLength: Math.min(2, values.length) })
      .map((some) => ({ [operator]: { [key]: some } })),
  );

const statement = fc.record(
  {
    Effect: fc.constantFrom("Allow", "Deny"),
    Principal: mostly(principals),
    Action: mostly(actions),
    Resource: mostly(names),
    Condition: condition,
  },
  { requiredKeys: ["Effect", "Principal", "Action", "Resource"] },
);

function bucketFile(bucket: string, statements: readonly { Resource: string[] }[], silence: boolean): string {
  const written = statements.map((one) => ({
    ...one,
    Resource: one.Resource.map((name) => `acs:oss:*:1746495857600001:${bucket}${name}`),
  }));
  const text = escapeVariables(
    stringify({ bucket, policy: { Version: "1", Statement: written } }, { lineWidth: 0 }),
  );
  return silence ? text.replaceAll(/^( +)(\S.*)$/gm, silenced) : text;
}

/** Every code that plan could block for, silenced above every line. */
const codes = ["policy-variable", "undecided-value", "unknown-condition-key", "undocumented-operator"];

function silenced(line: string, indent: string): string {
  return [...codes.map((code) => `${indent}# oss-policy-ignore ${code}: a trial`), line].join("\n");
}

interface Report {
  readonly diagnostics: readonly {
    readonly severity: string;
    readonly file?: string;
    readonly code: string;
  }[];
}
interface Plan {
  readonly changes: readonly {
    readonly bucket: string;
    readonly hazards: readonly { readonly code: string }[];
  }[];
}

const known = ["access-undecided", "refused-by-oss", "guardrail-broken"];

test("what validate passes plan blocks for nothing that is in the file", async () => {
  const drawn = fc.sample(fc.tuple(fc.array(statement, { minLength: 1, maxLength: 2 }), fc.boolean()), {
    numRuns: runs(100),
    seed: 20261128,
  });
  const files = drawn.map(([statements, silence], index) => bucketFile(`b-${index}`, statements, silence));
  const folder = writeTree({
    "account.yaml": accountFile,
    ...Object.fromEntries(files.map((text, index) => [`b-${index}.yaml`, text])),
  });
  const policies = ["--policies", folder];
  const report = JSON.parse((await runCli(["validate", ...policies, "--json", "-"])).stdout) as Report;
  const buckets = files.map((_, index) => ({ name: `b-${index}`, region: "cn-hangzhou" }));
  const seed = join(writeTree({ "seed.yaml": stringify({ buckets }) }), "seed.yaml");
  const planned = await runCli(["plan", ...policies, "--sandbox", "--seed", seed, "--json", "-"]);
  const plan = JSON.parse(planned.stdout) as Plan;
  const isMarked = (bucket: string) =>
    report.diagnostics.some(
      ({ severity, file, code }) =>
        severity !== "note" && code !== "unused-ignore" && (file ?? "").endsWith(`/${bucket}.yaml`),
    );
  const late = plan.changes
    .filter(({ bucket, hazards }) => hazards.some(({ code }) => known.includes(code)) && !isMarked(bucket))
    .map(({ bucket }) => files[Number(bucket.slice(2))]);
  expect(plan.changes.filter(({ hazards }) => hazards.length > 0).length).toBeGreaterThan(drawn.length / 4);
  expect(files.filter((_, index) => !isMarked(`b-${index}`)).length).toBeGreaterThan(0);
  expect(late).toEqual([]);
});
