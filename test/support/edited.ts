import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runCli, writeTree, type CliResult } from "./run-cli.ts";

export const owner = "1746495857600001";
export const alice = "202147604049351234";
export const bob = "202147604049350099";

/** An account with two names. */
export const namedAccount = `account: "${owner}"
region: cn-hangzhou
identities:
  alice: "${alice}"
  bob: "${bob}"
`;

export interface EditRun extends CliResult {
  /** Texts of the files after the run. */
  readonly files: Readonly<Record<string, string>>;
  readonly folder: string;
}

/** Runs `grant` or `revoke` over files of a tree; `account.yaml` is there unless one is given. */
export async function edited(
  files: Readonly<Record<string, string>>,
  ...words: readonly string[]
): Promise<EditRun> {
  const all = { "account.yaml": namedAccount, ...files };
  const folder = writeTree(all);
  const [verb = "", ...rest] = words;
  const ran = await runCli([verb, "--policies", ".", ...rest], { folder });
  const texts = Object.keys(all).map((name) => [name, readFileSync(join(folder, name), "utf8")]);
  return { ...ran, folder, files: Object.fromEntries(texts) as Readonly<Record<string, string>> };
}

/** Text of a bucket file with these statements, in the usual layout. */
export function bucketFile(bucket: string, ...statements: readonly string[]): string {
  return `bucket: ${bucket}\npolicy:\n  Version: "1"\n  Statement:\n${statements.join("")}`;
}

/** Statement in the usual layout. */
export function allows(
  principals: string,
  actions: string,
  resources: string,
  effect: "Allow" | "Deny" = "Allow",
): string {
  return `    - Effect: ${effect}
      Principal: [${principals}]
      Action: [${actions}]
      Resource: [${resources}]
`;
}
