import { expect, test } from "vitest";
import { accountFile, runCli, writeTree } from "../support/run-cli.ts";

const file = (accepts: readonly string[]) => `bucket: data
accept:
${accepts.map((one) => `  - ${one}`).join("\n")}
policy:
  Version: "1"
  Statement:
    - { Effect: Allow, Principal: ["*"], Action: "oss:GetObjct", Resource: "acs:oss:*:*:data/*" }
`;
const valid = "{ hazard: removes-policy, reason: It is over. }";
const digest = `sha256:${"0".repeat(64)}`;

const mistakes: Record<string, string> = {
  "{ hazard: removes-policy }": "4:5: error: `reason` is missing",
  "{ guardrail: x }": "4:5: error: `reason` is missing",
  "{ reason: y }": "4:5: error: an accept needs a `hazard` or a `guardrail`",
  "{ hazard: removes-policy, guardrail: x, reason: y }":
    "4:31: error: an accept is of a `hazard` or of a `guardrail`",
  "{ hazard: removes-policie, reason: y }":
    "4:15: error: `removes-policie` is not a hazard that can be accepted",
  "{ hazard: drops-condition, reason: y }":
    "4:15: error: `drops-condition` is accepted for one live policy only",
  [`{ guardrail: x, live: "${digest}", reason: y }`]:
    "4:21: error: `live` is no key of the accept of a guardrail",
  "{ hazard: removes-policy, region: {}, reason: y }":
    "4:31: error: `region` is no key of the accept of a hazard",
  "{ hazard: removes-policy, reason: y, for: z }": "4:42: error: `for` is not a key of accept",
  "{ hazard: removes-policy, reason: y, until: soon }":
    "4:49: error: `accept.1.until`: until is a day of the calendar",
};

for (const day of ["2026-13-45", "2027-02-30"])
  mistakes[`{ hazard: removes-policy, reason: y, until: ${day} }`] =
    "4:49: error: `accept.1.until`: until is a day of the calendar";

mistakes["{ hazard: constructor, reason: y }"] =
  "4:15: error: `constructor` is not a hazard that can be accepted";
mistakes["{ hazard: guardrail-broken, reason: y }"] =
  "4:15: error: `guardrail-broken` is not a hazard that can be accepted";

test.each(Object.entries(mistakes))(
  "%s is one mistake, and hides no other of its file",
  async (accept, message) => {
    const tree = writeTree({ "account.yaml": accountFile, "data.yaml": file([valid, accept]) });
    const { code, stdout } = await runCli(["validate", "--policies", tree]);
    const found = stdout
      .split("\n")
      .flatMap((line) => / *\S*data\.yaml:(\d+:\d+: error: .*)$/.exec(line)?.[1] ?? []);
    expect(found[0]).toContain(message);
    expect(found.slice(1)).toEqual([expect.stringContaining("`oss:GetObjct` is not an action of OSS")]);
    expect(code).toBe(1);
    const planned = await runCli(["plan", "--sandbox", "--policies", tree]);
    expect(planned.stdout).toContain("no plan was made");
  },
);

const several: Readonly<Record<string, readonly string[]>> = {
  "{ hazard: removes-policy, reason: y, for: z, from: a }": ["`for` is not a key", "`from` is not a key"],
  "{ hazard: removes-policie, reason: y, for: z }": [
    "`removes-policie` is not a hazard",
    "`for` is not a key",
  ],
  "{ hazard: removes-policie }": ["`reason` is missing", "`removes-policie` is not a hazard"],
  "{ hazrd: removes-policy }": ["`hazrd` is not a key"],
};

test.each(Object.entries(several))("%s has a message for each mistake", async (accept, messages) => {
  const tree = writeTree({ "account.yaml": accountFile, "data.yaml": file([accept]) });
  const { stdout } = await runCli(["validate", "--policies", tree]);
  const found = stdout.split("\n").filter((line) => /data\.yaml:3:\d+: error/.test(line));
  expect(found).toEqual(messages.map((message) => expect.stringContaining(message) as string));
});
