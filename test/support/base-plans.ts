import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Sandbox } from "../../src/sandbox/server.ts";
import type { Repository } from "./repository.ts";
import { accountFile, environmentOf, runCli, writeTree, type CliOptions } from "./run-cli.ts";
import { sandboxWith } from "./store.ts";

export interface Spoken {
  readonly effect?: string;
  readonly who?: string;
  readonly action?: string;
  readonly to?: string;
}

export const statement = ({
  effect = "Allow",
  who = "2",
  action = "oss:GetObject",
  to = "data",
}: Spoken = {}) =>
  `{"Effect":"${effect}","Principal":["${who}"],"Action":["${action}"],"Resource":["acs:oss:*:1746495857600001:${to}/*"]}`;
export const policy = (...spoken: readonly Spoken[]) =>
  `{"Version":"1","Statement":[${spoken.map(statement).join(",")}]}`;
export const file = (...spoken: readonly Spoken[]) => `bucket: data\npolicy: ${policy(...spoken)}\n`;

export const reads: Spoken = {};
export const writes: Spoken = { action: "oss:PutObject" };
export const deletes: Spoken = { action: "oss:DeleteObject" };
export const guard: Spoken = { effect: "Deny", who: "9", action: "oss:*" };

interface Situation {
  /** Account that owns the buckets; the one of most files by default. */
  readonly account?: string;
  readonly repository: Repository;
  /** Where it runs and what it reads, where that is not the repository and its `policies`. */
  readonly policies?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly live?: string | undefined;
  readonly base?: string;
  readonly verb?: string;
  readonly words?: readonly string[];
  /** The door of another build. */
  readonly door?: CliOptions["door"];
}

/** What a plan says of the files as they stand, beside a live policy and a base. */
export async function planned(situation: Situation) {
  const { repository, live, base = "HEAD", verb = "plan", words = [], env = {} } = situation;
  const { policies = "policies" } = situation;
  const sandbox: Sandbox = await sandboxWith({
    ...(situation.account === undefined ? {} : { account: situation.account }),
    buckets: ["data", "logs"].map((name) => ({
      name,
      region: "cn-hangzhou",
      ...(name === "data" && live !== undefined ? { policy: live } : {}),
    })),
  });
  const json = join(writeTree({}), "plan.json");
  const all = [verb, "--policies", policies, "--base", base, "--json", json, ...words];
  const result = await inFolder(repository.folder, () =>
    runCli(all, {
      env: { ...environmentOf(sandbox), ...env },
      ...(situation.door === undefined ? {} : { door: situation.door }),
    }),
  );
  const document = JSON.parse(readFileSync(json, "utf8")) as Document;
  const change = document.changes.find(({ bucket }) => bucket === "data");
  const hazards = change?.hazards?.map(({ code }) => code) ?? [];
  return { ...result, document, change, hazards, sandbox };
}

/** Runs in a folder, as a user does who stands there. */
export async function inFolder<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const before = process.cwd();
  process.chdir(folder);
  try {
    return await work();
  } finally {
    process.chdir(before);
  }
}

interface Document {
  readonly revision: string | null;
  readonly base: string | null;
  readonly uncommitted?: readonly string[];
  readonly changes: readonly {
    readonly bucket: string;
    readonly cause: string;
    readonly blocked: boolean;
    readonly hazards?: readonly {
      code: string;
      message: string;
      accepted?: string;
      witness?: { action: string };
    }[];
    readonly digests?: { live: string };
  }[];
  readonly loosened?: readonly { message: string; file: string; line: number }[];
  readonly abandoned?: readonly { bucket: string; file: string }[];
}

export const tree = (text: string, more: Readonly<Record<string, string>> = {}) => ({
  "policies/account.yaml": accountFile,
  "policies/data.yaml": text,
  ...more,
});
