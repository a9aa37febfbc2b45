import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { logLine, type LoggedFields } from "../support/log-lines.ts";
import { accountFile, runCli, writeTree } from "../support/run-cli.ts";

export const etl = "202147604049350001";
export const old = "202147604049350009";

interface Proposed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly stays: readonly { readonly bucket: string; readonly why: string }[];
  /** Files after `git apply`; as they were without a patch. */
  readonly file: (name: string) => string;
}

/** Asks for a patch, and applies it with git as a user does. */
export async function propose(
  files: Readonly<Record<string, string>>,
  lines: readonly string[],
  ...words: readonly string[]
): Promise<Proposed> {
  const tree = Object.entries({
    "account.yaml": `${accountFile}vars: { both: ["${etl}", "${old}"] }\n`,
    ...files,
  });
  const folder = writeTree(Object.fromEntries(tree.map(([name, text]) => [`policies/${name}`, text])));
  writeFileSync(join(folder, "log"), lines.join("\n"));
  const asked = ["access", "unused", "--requests", "log", "--propose", "narrow.patch", "--json", "json"];
  const result = await runCli([...asked, ...words], { folder });
  if (existsSync(join(folder, "narrow.patch")))
    execFileSync("git", ["apply", "--whitespace=nowarn", "narrow.patch"], { cwd: folder });
  const { stays = [] } = existsSync(join(folder, "json"))
    ? (JSON.parse(readFileSync(join(folder, "json"), "utf8")) as { proposal: Partial<Proposed> }).proposal
    : {};
  const valid = await runCli(["validate"], { folder });
  expect(valid.stdout + valid.stderr).not.toMatch(/error:/);
  return { ...result, stays, file: (name) => readFileSync(join(folder, "policies", name), "utf8") };
}

export const file = (statements: string, head = "bucket: data") =>
  `${head}\nregion: cn-hangzhou\npolicy:\n  Version: "1"\n  Statement:\n${statements}`;
export const statement = (fields: Readonly<Record<string, string>> = {}) =>
  `    - Effect: Allow
      Principal: ${fields["Principal"] ?? `["${etl}"]`}
      Action: ${fields["Action"] ?? '["oss:GetObject"]'}
      Resource: ${fields["Resource"] ?? '["acs:oss:*:*:${bucket}/*"]'}
`;
export const get = (more: LoggedFields = {}) => logLine({ requester: etl, object: "raw/a", ...more });
export const put = (more: LoggedFields = {}) => get({ method: "PUT", operation: "PutObject", ...more });
export const list = (more: LoggedFields = {}) => get({ object: "-", operation: "GetBucket", ...more });
