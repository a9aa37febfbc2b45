import { expect, test } from "vitest";
import { accountFile, runCli, writeTree } from "../support/run-cli.ts";

const guardrails =
  'guardrails: [{ name: reads, Principal: ["*"], Action: ["oss:GetObject"], Resource: ["*"] }]\n';
const file = `bucket: web
policy:
  Version: "1"
  Statement: [{ Effect: Allow, Principal: ["2021"], Action: "oss:GetObject", Resource: "acs:oss:*:*:web/*" }]
accept:
`;
const lineOfFirst = file.split("\n").length;

/** Lines of the accepts that a plan calls unused, counted from the first, with the messages. */
async function unusedIn(...accepts: readonly string[]): Promise<readonly string[]> {
  const entries = accepts.map((more) => `  - { guardrail: reads, reason: a site${more} }\n`).join("");
  const tree = writeTree({ "account.yaml": `${accountFile}${guardrails}`, "web.yaml": `${file}${entries}` });
  const { stderr } = await runCli(["plan", "--sandbox", "--policies", tree]);
  return [...stderr.matchAll(/web\.yaml:(\d+):\d+: warning: (.*) \[unused-accept\]/g)].map(
    ([, line, message]) => `${Number(line) - lineOfFirst}: ${message}`,
  );
}

const region = (key: string) =>
  `, region: { Principal: ["*"], Action: ["oss:GetObject"], Resource: ["acs:oss:*:*:web/${key}"] }`;

test.each([
  ["one that is needed", [""], []],
  ["the later of two", ["", ""], [`1: this accept accepts nothing beyond the one in line ${lineOfFirst}`]],
  [
    "the one that ends first",
    [", until: 2027-01-01", ""],
    [`0: this accept accepts nothing beyond the one in line ${lineOfFirst + 1}`],
  ],
  [
    "a part of another one",
    [region("*"), region("a/*")],
    [`1: this accept accepts nothing beyond the one in line ${lineOfFirst}`],
  ],
])("%s", async (_, accepts, found) => {
  expect(await unusedIn(...accepts)).toEqual(found);
});
