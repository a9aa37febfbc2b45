import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Seed } from "../../src/sandbox/seed/seed.ts";
import type { Sandbox } from "../../src/sandbox/server.ts";
import { policy, reads } from "../support/base-plans.ts";
import { accountFile, environmentOf, runCli, writeTree, type CliOptions } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";
import type { Build } from "./killed.ts";

export interface Scene {
  readonly files: Readonly<Record<string, string>>;
  /** Live policies by bucket; `null` for a bucket without one. */
  readonly live?: Readonly<Record<string, string | null>>;
  readonly seed?: Partial<Seed>;
  readonly verb?: string;
  readonly words?: readonly string[];
  readonly options?: CliOptions;
}

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly sandbox: Sandbox;
}

export async function sandboxOf({ live = {}, seed = {} }: Pick<Scene, "live" | "seed">): Promise<Sandbox> {
  const buckets = Object.entries({ data: null, ...live }).map(([name, policy]) => ({
    name,
    region: "cn-hangzhou",
    ...(policy === null ? {} : { policy }),
  }));
  return sandboxWith({ buckets, ...seed });
}

/** One run of a build over a tree and a sandbox. A bug that it reports is thrown: a crash is no guard. */
export async function ran({ product }: Build, scene: Scene, sandbox?: Sandbox): Promise<Ran> {
  const { verb = "plan", words = [], options = {} } = scene;
  const cloud = sandbox ?? (await sandboxOf(scene));
  const policies = writeTree({ "account.yaml": accountFile, ...scene.files });
  const env = { ...environmentOf(cloud), ...options.env };
  const result = await runCli([verb, "--policies", policies, ...words], {
    ...options,
    env,
    door: product.run,
  });
  if (/a bug of oss-policy|internal error/.test(result.stdout + result.stderr))
    throw new Error(result.stdout + result.stderr);
  return { ...result, sandbox: cloud };
}

interface Document {
  readonly changes: readonly {
    readonly bucket: string;
    readonly hazards?: readonly { severity: string; code: string; accepted?: string }[];
  }[];
}

/** `SEVERITY CODE` of the hazards of `data` in a plan, and whether each is accepted. */
export async function hazardsIn(build: Build, scene: Scene): Promise<readonly string[]> {
  const json = join(writeTree({}), "plan.json");
  await ran(build, { ...scene, words: ["--json", json, ...(scene.words ?? [])] });
  const { changes } = JSON.parse(readFileSync(json, "utf8")) as Document;
  const hazards = changes.find(({ bucket }) => bucket === "data")?.hazards ?? [];
  return hazards.map(hazardText);
}

function hazardText({ severity, code, accepted }: { severity: string; code: string; accepted?: string }) {
  return `${severity} ${code}${accepted === undefined || accepted === null ? "" : " accepted"}`;
}

/** The buckets `b-0` to `b-9`, of which some change. */
export function manyBuckets(changing: number, more = "") {
  const names = Array.from({ length: 10 }, (_, index) => `b-${index}`);
  const text = (name: string) => policy(reads).replaceAll("data", name);
  const files = names.map((name) => [`${name}.yaml`, `bucket: ${name}\npolicy: ${text(name)}\n`]);
  const stands = names.map((name, index) => [
    name,
    index < changing ? text(name).replace("Get", "Put") : text(name),
  ]);
  return {
    files: { ...Object.fromEntries(files), "account.yaml": `${accountFile}${more}` } as Record<
      string,
      string
    >,
    live: Object.fromEntries(stands) as Record<string, string>,
  };
}
