import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sealedText } from "../../src/plan/saved-plan.ts";
import type { JsonObject } from "../../src/policy/json.ts";
import type { Sandbox } from "../../src/sandbox/server.ts";
import { accountFile, environmentOf, runCli, writeTree, type CliResult } from "./run-cli.ts";
import { sandboxWith } from "./store.ts";

export type Words = readonly string[];

export interface World {
  readonly env: Readonly<Record<string, string>>;
  readonly policies: string;
  readonly sandbox: Sandbox;
}

const statement = (bucket: string, action = "oss:GetObject", who = "202147604049350001") =>
  `{ Effect: Allow, Principal: ["${who}"], Action: ["${action}"], Resource: ["acs:oss:*:*:${bucket}/*"] }`;
export const fileOf = (bucket: string, action?: string, who?: string) =>
  `bucket: ${bucket}\npolicy: { Version: "1", Statement: [${statement(bucket, action, who)}] }\n`;
export const liveOf = (bucket: string, who = "202147604049350001") =>
  `{"Version":"1","Statement":[{"Effect":"Allow","Principal":["${who}"],"Action":["oss:ListObjects"],"Resource":["acs:oss:*:*:${bucket}"]}]}`;

export const named = (count: number) =>
  Array.from({ length: count }, (_, at) => `b-${String(at).padStart(2, "0")}`);

/** So many buckets; the first ones have another policy than their file asks for. */
export async function worldOf(count: number, changed: number, account = accountFile): Promise<World> {
  const buckets = named(count);
  const policyOf = (bucket: string) =>
    liveOf(bucket)
      .replace("ListObjects", "GetObject")
      .replace(/:([^:"]+)"\]\}\]/, ':$1/*"]}]');
  const sandbox = await sandboxWith({
    buckets: buckets.map((name, at) => ({
      name,
      region: "cn-hangzhou",
      policy: at < changed ? liveOf(name) : policyOf(name),
    })),
  });
  const files = Object.fromEntries(buckets.map((bucket) => [`${bucket}.yaml`, fileOf(bucket)]));
  return { env: environmentOf(sandbox), policies: writeTree({ "account.yaml": account, ...files }), sandbox };
}

/** Plans every shard into a file. */
export async function planShards(
  { env, policies }: Pick<World, "env" | "policies">,
  count: number,
  more: Words = [],
) {
  const folder = writeTree({});
  const files: string[] = [];
  const results: CliResult[] = [];
  for (let index = 1; index <= count; index += 1) {
    const file = join(folder, `shard-${index}.json`);
    const words = ["plan", "--policies", policies, "--shard", `${index}/${count}`, "--json", file, ...more];
    results.push(await runCli(words, { env }));
    files.push(file);
  }
  return { files, results, folder };
}

/** Edits a saved plan and gives it the digest of its new content, as anyone can who may write the file. */
export function resealed(
  file: string,
  edit: (plan: { changes: Record<string, unknown>[]; shard: Record<string, unknown> }) => void,
): void {
  const plan = JSON.parse(readFileSync(file, "utf8")) as Parameters<typeof edit>[0] & { digest?: string };
  delete plan.digest;
  edit(plan);
  writeFileSync(file, [...sealedText(plan as unknown as JsonObject)].join(""));
}
