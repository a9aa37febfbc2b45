import { expect, test } from "vitest";
import { file, planned, policy, reads, tree } from "../support/base-plans.ts";
import { newRepository } from "../support/repository.ts";
import { accountFile } from "../support/run-cli.ts";

test("what is weaker is found at its line, or where it was taken out", async () => {
  const account = (...lines: readonly string[]) => `${accountFile}${lines.join("\n")}\n`;
  const deletesOf = (...actions: readonly string[]) =>
    `  - { name: deletes, Principal: ["*"], Action: [${actions.join(", ")}], Resource: ["*"] }`;
  const repository = newRepository({
    ...tree(file(reads)),
    "policies/account.yaml": account(
      "guardrails:",
      '  - { name: writes, Principal: ["*"], Action: ["oss:PutObject"], Resource: ["*"] }',
      deletesOf('"oss:DeleteObject"', '"oss:DeleteBucket"'),
      "limits: { change: { percent: 10 } }",
      'identities: { bob: "30" }',
    ),
  });
  repository.write({
    "policies/account.yaml": account(
      "guardrails:",
      deletesOf('"oss:DeleteObject"'),
      "limits:",
      "  delete: { percent: 5 }",
      "  change: { percent: 20 }",
      "identities:",
      '  alice: "29"',
      '  bob: "31"',
      "hazards:",
      "  grants-administration: note",
      "operators:",
      '  - principal: "8"',
    ),
  });
  const { document } = await planned({ repository, live: policy(reads) });
  const start = accountFile.split("\n").length - 1;
  expect(document.loosened?.map(({ message, line }) => `${line - start}: ${message}`)).toEqual([
    "1: guardrail `writes` is gone",
    "2: guardrail `deletes` is changed: `Action` no longer has `oss:DeleteBucket`",
    "5: the limit `change` is 20 percent, and was 10 percent",
    "10: the severity of `grants-administration` is note, and was block",
    "7: identity `alice` is new: 29",
    "8: identity `bob` is 31, and was 30",
    "12: operator `8` is new",
  ]);
});
