import { describe, expect, test } from "vitest";
import { likelyBucket } from "../../src/desired/likely-bucket.ts";
import { parseDesired } from "../../src/desired/desired.ts";
import { accountFile } from "../support/run-cli.ts";

const shared = { path: "policies/account.yaml", text: accountFile };
const { accounts } = parseDesired([shared], { top: "policies" });

/** The bucket that a file is about, as the parser and the guess have it. */
function both(text: string) {
  const { buckets } = parseDesired([shared, { path: "policies/b.yaml", text }], { top: "policies" });
  const [account] = accounts;
  if (account === undefined) throw new Error("the account file is in order");
  const guess = likelyBucket(text, account);
  return {
    parsed: buckets.map(({ bucket, region }) => `${region}/${bucket}`),
    guess: guess === undefined ? undefined : `${guess.region}/${guess.bucket}`,
  };
}

describe("the guess is what the parser finds", () => {
  test.each([
    ["a plain name", "bucket: logs-2026\npolicy: none\n"],
    ["a comment before and behind it", "# bucket: other\nbucket: logs # of the web\npolicy: none\n"],
    ["quotes", 'bucket: "logs"\npolicy: none\n'],
    ["other quotes, and a region", "region: cn-beijing\nbucket: 'logs'\npolicy: none\n"],
    ["Windows line ends", "bucket: logs\r\nregion: cn-beijing\r\npolicy: none\r\n"],
    ["the policy first", "policy: none\nbucket: logs\n"],
    ["JSON on lines", JSON.stringify({ bucket: "logs", region: "cn-beijing", policy: "none" }, null, 2)],
    ["another bucket below", "bucket: logs\npolicy: none\nvars:\n  bucket: other\n"],
  ])("%s", (_, text) => {
    const { parsed, guess } = both(text);
    expect(parsed).toEqual([guess]);
  });
});

describe("what is not written plainly is not guessed", () => {
  test.each([
    ["several buckets", "buckets: [logs, web]\npolicy: none\n"],
    ["an anchor", "bucket: &name logs\npolicy: none\n"],
    ["a region behind an anchor", "region: &place cn-beijing\nbucket: logs\npolicy: none\n"],
    ["JSON on one line", JSON.stringify({ region: "cn-beijing", bucket: "logs", policy: "none" })],
    ["a name that OSS does not allow", "bucket: Logs_2026\npolicy: none\n"],
    ["a name that is only nested", "policy: none\nvars:\n  bucket: other\n"],
  ])("%s", (_, text) => {
    expect(both(text).guess).toBeUndefined();
  });
});
