import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { file, planned, policy, reads, writes } from "./base-plans.ts";
import { owner } from "./events.ts";
import type { Repository } from "./repository.ts";
import { accountFile, environmentOf, runCli, writeTree } from "./run-cli.ts";
import { sandboxWith } from "./store.ts";

const identities = `identities: { data-team: "202147604049350001", pipelines: "arn:sts::${owner}:assumed-role/ops-admin/*" }\n`;
export const account = { "policies/account.yaml": `${accountFile}${identities}` };

interface Told {
  readonly events: string | Uint8Array;
  readonly live?: string | undefined;
  /** Policy files that are compared with a revision; without one, with OSS alone. */
  readonly repository?: Repository;
  readonly name?: string;
  readonly words?: readonly string[];
}

/** Plans a bucket whose live policy differs, with events in a file of this name. */
export async function plannedWith({
  events,
  repository,
  name = "events.jsonl",
  words = [],
  ...situation
}: Told) {
  const path = join(writeTree({}), name);
  writeFileSync(path, events);
  const live = "live" in situation ? situation.live : policy(reads, writes);
  const all = ["--events", path, ...words];
  const result = await (repository === undefined
    ? plannedAlone(all, live)
    : planned({ repository, live, words: all }));
  const line = /last change in the events: (.*)/.exec(result.stdout)?.[1];
  return { ...result, line, path };
}

async function plannedAlone(words: readonly string[], live: string | undefined) {
  const place = { name: "data", region: "cn-hangzhou" };
  const sandbox = await sandboxWith({ buckets: [live === undefined ? place : { ...place, policy: live }] });
  const folder = writeTree({ "account.yaml": `${accountFile}${identities}`, "data.yaml": file(reads) });
  const json = join(writeTree({}), "plan.json");
  const all = ["plan", "--policies", folder, "--json", json, ...words];
  const result = await runCli(all, { env: environmentOf(sandbox) });
  const document = JSON.parse(readFileSync(json, "utf8")) as {
    changes: readonly { cause: string }[];
  };
  return { ...result, document, change: document.changes[0], hazards: [] as readonly string[] };
}

export const lastChangeOf = (change: unknown) =>
  (change as { lastChange?: Record<string, unknown> | null }).lastChange;
