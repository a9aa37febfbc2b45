import { describe, expect, test } from "vitest";
import { parseDesired } from "../../src/desired/desired.ts";
import { lintBucket } from "../../src/lint/lint.ts";
import { accountFile } from "../support/run-cli.ts";

function findings(policy: string): readonly string[] {
  const { buckets, diagnostics } = parseDesired([
    { path: "account.yaml", text: accountFile },
    { path: "one.yaml", text: `bucket: one\npolicy: ${policy}\n` },
  ]);
  expect(diagnostics).toEqual([]);
  return buckets.flatMap(lintBucket).map(({ code, span }) => `${span?.start.column ?? 0} ${code}`);
}

const good = 'Effect: Allow, Principal: ["1"], Action: "oss:*", Resource: ["*"]';

test("a policy as OSS documents it has no finding", () => {
  expect(findings(`{ Version: "1", Statement: [{ ${good}, Condition: { Bool: { "acs:SecureTransport": ["true"] } } }] }`)).toEqual([]);
});

describe("each mistake is found where it stands", () => {
  test.each<[string, string, string[]]>([
    ["no Version", `{ Statement: [{ ${good} }] }`, ["9 version"]],
    ["Version as a number", `{ Version: 1, Statement: [{ ${good} }] }`, ["20 version"]],
    ["another Version", `{ Version: "2012-10-17", Statement: [{ ${good} }] }`, ["20 version"]],
    ["no Statement", '{ Version: "1" }', ["9 policy-shape"]],
    ["Statement as a map", `{ Version: "1", Statement: { ${good} } }`, ["36 policy-shape"]],
    ["no statements", '{ Version: "1", Statement: [] }', ["36 policy-shape"]],
    ["a statement that is a word", '{ Version: "1", Statement: [Allow] }', ["37 policy-shape"]],
    ["an unknown field", `{ Version: "1", Id: x, Statement: [{ ${good}, Sid: y }, { ${good}, Sid: z }] }`, ["25 unsupported-field", "123 unsupported-field"]],
    ["a UID without quotes", `{ Version: "1", Statement: [{ ${good.replace('"1"', "1")} }] }`, ["65 unquoted-uid"]],
    ["an empty statement", '{ Version: "1", Statement: [{}] }', ["37 empty-principal", ...Array.from({ length: 3 }, () => "37 policy-shape")]],
    ["an empty Principal, which makes the policy public", `{ Version: "1", Statement: [{ ${good.replace('["1"]', "[]")} }] }`, ["64 empty-principal"]],
    ["an Effect in lower case", `{ Version: "1", Statement: [{ ${good.replace("Allow", "allow")} }] }`, ["47 policy-shape"]],
    ["a Principal that is a map", `{ Version: "1", Statement: [{ ${good.replace('["1"]', "{ RAM: x }")} }] }`, ["64 policy-shape"]],
    ["a Condition that is a list", `{ Version: "1", Statement: [{ ${good}, Condition: [] }] }`, ["123 policy-shape"]],
    ["a Condition without a key", `{ Version: "1", Statement: [{ ${good}, Condition: { Bool: "true" } }] }`, ["131 policy-shape"]],
    ["a Condition with a deep value", `{ Version: "1", Statement: [{ ${good}, Condition: { Bool: { "acs:SecureTransport": {} } } }] }`, ["136 policy-shape"]],
  ])("%s", (_, policy, expected) => {
    expect(findings(policy).map((finding) => finding.replace(/^\d+ /, ""))).toEqual(
      expected.map((finding) => finding.replace(/^\d+ /, "")),
    );
  });

  test("the column is that of the value", () => {
    expect(findings(`{ Version: 1, Statement: [{ ${good} }] }`)).toEqual(["20 version"]);
    expect(findings('{ Version: "1", Statement: [Allow] }')).toEqual(["37 policy-shape"]);
  });
});
