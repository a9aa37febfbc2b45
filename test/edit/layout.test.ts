import { describe, expect, test } from "vitest";
import { alice, bob, edited, owner } from "../support/edited.ts";

const all = `acs:oss:*:${owner}:logs/*`;
const head = 'bucket: logs\npolicy:\n  Version: "1"\n  Statement:\n';

/** Runs a command over one bucket file, and returns its text. */
async function textAfter(text: string, ...words: readonly string[]): Promise<string | undefined> {
  const { code, files, stderr } = await edited({ "logs.yaml": text }, ...words);
  expect([code, stderr]).toEqual([0, expect.not.stringContaining("error")]);
  return files["logs.yaml"];
}

const revokes = ["revoke", "alice"];
const grants = ["grant", "alice", "oss:GetObject", "logs"];

describe("comments and layout stay: a principal is removed", () => {
  /** Statement with the principals as they are written. */
  const file = (principal: string) =>
    `# top\n${head}    # why\n    - Effect: Allow # effect\n${principal}      # below\n      Action: oss:GetObject\n      Resource: "${all}" # all\n\n# end\n`;

  test.each([
    [
      "the first of a list",
      `      Principal: ["${alice}", "${bob}"] # who\n`,
      `      Principal: ["${bob}"] # who\n`,
    ],
    ["the last of a list", `      Principal: [ "${bob}", "${alice}" ]\n`, `      Principal: [ "${bob}" ]\n`],
    [
      "of three, with a comma at the end",
      `      Principal: ["${bob}", "${alice}", "3",]\n`,
      `      Principal: ["${bob}", "3",]\n`,
    ],
    [
      "the last, with a comma at the end",
      `      Principal: ["${bob}", "${alice}",]\n`,
      `      Principal: ["${bob}",]\n`,
    ],
    [
      "two at once",
      `      Principal: ["${alice}", "${bob}", "\${alice}"]\n`,
      `      Principal: ["${bob}"]\n`,
    ],
    [
      "of a list with dashes, with the comment behind it",
      `      Principal:\n        - "${bob}" # bob\n        - "${alice}" # leaked\n        # others\n        - "3"\n`,
      `      Principal:\n        - "${bob}" # bob\n        # others\n        - "3"\n`,
    ],
    [
      "of dashes that are not indented",
      `      Principal:\n      - "${alice}"\n      - "${bob}"\n`,
      `      Principal:\n      - "${bob}"\n`,
    ],
    [
      "on a line of its own in brackets",
      `      Principal:\n        [\n          "${alice}", # leaked\n          "${bob}", # bob\n        ]\n`,
      `      Principal:\n        [\n          "${bob}", # bob\n        ]\n`,
    ],
    [
      "the last line in brackets, with the comma before it",
      `      Principal: [\n          "${bob}", # bob\n          "${alice}" # leaked\n        ]\n`,
      `      Principal: [\n          "${bob}" # bob\n        ]\n`,
    ],
    [
      "with the comment above it, which would be about the next one",
      `      Principal:\n        # alice owner\n        - \${alice}\n        # bob, until June\n        - "${bob}"\n`,
      `      Principal:\n        # bob, until June\n        - "${bob}"\n`,
    ],
    [
      "with the comment that names it, where the next one has none",
      `      Principal:\n        # alice owner\n        - \${alice}\n        - "${bob}"\n`,
      `      Principal:\n        - "${bob}"\n`,
    ],
    [
      "with the comment above the last line in brackets",
      `      Principal: [\n        "${bob}",\n        # leaves in June\n        "${alice}",\n      ]\n`,
      `      Principal: [\n        "${bob}",\n      ]\n`,
    ],
    [
      "without the comment on the whole list",
      `      Principal:\n        # those who read\n        - "${alice}"\n        - "${bob}"\n`,
      `      Principal:\n        # those who read\n        - "${bob}"\n`,
    ],
    [
      "with an ignore comment that was about it alone",
      `      Principal:\n        # oss-policy-ignore role-maybe-public: known\n        - "arn:sts::1:assumed-role/*/*"\n        # oss-policy-ignore unlikely-key: seen\n        - "${alice}"\n        - "${bob}"\n`,
      `      Principal:\n        # oss-policy-ignore role-maybe-public: known\n        - "arn:sts::1:assumed-role/*/*"\n        - "${bob}"\n`,
    ],
  ])("%s", async (_, before, after) => {
    expect(await textAfter(file(before), ...revokes)).toBe(file(after));
  });
});

describe("comments and layout stay: a principal is added", () => {
  const file = (principal: string) =>
    `${head}    - Action: ["oss:GetObject"]\n${principal}      Resource: ["${all}"]\n      Effect: Allow\n`;

  test.each([
    ["to one value", `      Principal: "${bob}" # bob\n`, `      Principal: ["${bob}", "\${alice}"] # bob\n`],
    ["to a list", `      Principal: ["${bob}"] # bob\n`, `      Principal: ["${bob}", "\${alice}"] # bob\n`],
    [
      "to a list with a comma at the end",
      `      Principal: ["${bob}",]\n`,
      `      Principal: ["${bob}", "\${alice}",]\n`,
    ],
    [
      "to a list with dashes, behind the comment of the last",
      `      Principal:\n        - '${bob}' # bob\n`,
      `      Principal:\n        - '${bob}' # bob\n        - "\${alice}"\n`,
    ],
    [
      "to lines in brackets",
      `      Principal: [\n          "${bob}" # bob\n        ]\n`,
      `      Principal: [\n          "${bob}", # bob\n          "\${alice}"\n        ]\n`,
    ],
    [
      "to lines in brackets with a comma at the end",
      `      Principal: [\n          "${bob}", # bob\n        ]\n`,
      `      Principal: [\n          "${bob}", # bob\n          "\${alice}",\n        ]\n`,
    ],
  ])("%s", async (_, before, after) => {
    expect(await textAfter(file(before), ...grants)).toBe(file(after));
  });
});

describe("statements", () => {
  const statement = (who: string, indent = "    ") =>
    `${indent}- Effect: Allow\n${indent}  Principal: ["${who}"]\n${indent}  Action: ["oss:GetObject"]\n${indent}  Resource: ["${all}"]\n`;

  test("are removed with the comments above them, and those of the next one stay", async () => {
    const comment = "    # nightly export\n";
    const ignore = "    # oss-policy-ignore unlikely-key: seen\n";
    const text = `${head}${comment}${ignore}${statement(alice)}    # inner\n${statement(bob)}`;
    expect(await textAfter(text, ...revokes)).toBe(`${head}    # inner\n${statement(bob)}`);
  });

  test("are added behind the last and its inner comments, at its indentation", async () => {
    const text = `bucket: logs\npolicy:\n    Version: "1"\n    Statement:\n${statement(bob)}      # inner\n# end\nregion: cn-beijing\n`;
    const added = statement("${alice}").replace("GetObject", "PutObject");
    expect(await textAfter(text, "grant", "alice", "oss:PutObject", "logs")).toBe(
      text.replace("# end\n", `${added}# end\n`),
    );
  });

  test("are added to a file without a line end", async () => {
    const text = `${head}${statement(bob)}`.trimEnd();
    const added = statement("${alice}").replace("GetObject", "PutObject").trimEnd();
    expect(await textAfter(text, "grant", "alice", "oss:PutObject", "logs")).toBe(`${text}\n${added}`);
  });

  test("have long lists on lines of their own", async () => {
    const keys = [
      "oss:GetObject",
      "oss:PutObject",
      "oss:DeleteObject",
      "oss:AbortMultipartUpload",
      "oss:ListParts",
    ];
    const text = `${head}${statement(bob)}`;
    const after = await textAfter(text, "grant", "alice", ...keys, "logs");
    expect(after).toContain(
      `      Action:\n${keys.map((key) => `        - "${key}"\n`).join("")}      Resource: [`,
    );
  });
});

describe("JSON in a YAML file", () => {
  const json = (...principals: readonly string[]) => ({
    Effect: "Allow",
    Principal: principals,
    Action: ["oss:GetObject"],
    Resource: [all],
  });
  const file = (...statements: readonly object[]) =>
    `${JSON.stringify({ bucket: "logs", policy: { Version: "1", Statement: statements } }, null, 2)}\n`;

  test.each([
    ["revoke", file(json(bob, alice)), file(json(bob))],
    ["revoke", file(json(alice, bob)), file(json(bob))],
    ["revoke", file(json(bob), json(alice)), file(json(bob))],
    ["revoke", file(json(alice)), `${JSON.stringify({ bucket: "logs", policy: "none" }, null, 2)}\n`],
    ["grant", file(json(bob)), file(json(bob, "${alice}"))],
  ])("stays JSON: %s %#", async (verb, before, after) => {
    expect(await textAfter(before, ...(verb === "grant" ? grants : revokes))).toBe(after);
  });

  test("gets a statement on a line of its own", async () => {
    const after = await textAfter(file(json(bob)), "grant", "alice", "oss:PutObject", "logs");
    const parsed = JSON.parse(after ?? "") as { policy: { Statement: object[] } };
    expect(parsed.policy.Statement[1]).toEqual({ ...json("${alice}"), Action: ["oss:PutObject"] });
    expect(after).toMatch(/\n {6}\},\n {6}\{ "Effect": "Allow", .* \}\n {4}\]\n/);
  });

  test("on one line stays on it", async () => {
    const line = (...statements: readonly object[]) =>
      `{"bucket": "logs", "policy": {"Version": "1", "Statement": ${JSON.stringify(statements)}}}\n`;
    expect(await textAfter(line(json(alice), json(bob)), ...revokes)).toBe(line(json(bob)));
    expect(await textAfter(line(json(bob), json(alice)), ...revokes)).toBe(line(json(bob)));
  });
});

describe("a layout that cannot be edited is refused, and nothing is written", () => {
  const statement = `      Action: ["oss:GetObject"]\n      Resource: ["${all}"]\n`;
  test.each([
    [
      "an anchor that another statement uses",
      `${head}    - Effect: Allow\n      Principal: &team ["${alice}", "${bob}"]\n${statement}    - Effect: Deny\n      Principal: *team\n      Action: ["oss:PutObject"]\n      Resource: ["${all}"]\n`,
    ],
    [
      "an alias",
      `vars: { x: &who "${alice}" }\n${head}    - Effect: Allow\n      Principal: [*who, "${bob}"]\n${statement}`,
    ],
    [
      "a dash on the line of another",
      `${head}    - Effect: Allow\n      Principal:\n        -\n          "${alice}"\n        - "${bob}"\n${statement}`,
    ],
  ])("%s", async (_, text) => {
    const { code, files, stderr } = await edited({ "logs.yaml": text }, ...revokes);
    expect([code, files["logs.yaml"]]).toEqual([code, text]);
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining("`logs.yaml` has a layout that cannot be edited"),
    ]);
  });
});
