import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import type { Job } from "../support/github-runner.ts";
import { readPage, root } from "../support/pages.ts";
import { newRepository } from "../support/repository.ts";
import { writeTree } from "../support/run-cli.ts";
import { liveOf, named, worldOf } from "../support/shards.ts";
import { shardFigures } from "../soak/shards.ts";

const cli = join(root, "dist/cli.js");

interface Ran {
  readonly code: number | null;
  readonly text: string;
}

/** Runs a script as a container or a step does. */
async function shell(script: string, folder: string, env: Readonly<Record<string, string>>): Promise<Ran> {
  const path = process.env["PATH"] ?? "";
  const child = spawn("sh", ["-ec", script], { cwd: folder, env: { PATH: path, ...env } });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (part: Buffer) => (text += part.toString()));
  return { code: await new Promise((resolve) => child.on("close", resolve)), text };
}

interface Manifest {
  readonly spec: {
    readonly completionMode?: string;
    readonly completions?: number;
    readonly template: { readonly spec: { readonly containers: readonly Container[] } };
  };
}

interface Container {
  readonly command: readonly string[];
  readonly args: readonly [string];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
}

function jobIn(file: string): { readonly manifest: Manifest; readonly container: Container } {
  const manifest = parse(readFileSync(join(root, "deploy/kubernetes", file), "utf8")) as Manifest;
  const [container] = manifest.spec.template.spec.containers;
  if (container === undefined) throw new Error(`${file} has no container`);
  return { manifest, container };
}

const bucketsIn = (file: string) =>
  (JSON.parse(readFileSync(file, "utf8")) as { changes: { bucket: string }[] }).changes.map(
    ({ bucket }) => bucket,
  );

test("the indexed Job plans every bucket once, and the second Job merges its plans", async () => {
  const { env, policies } = await worldOf(24, 4);
  const plans = writeTree({});
  const here = ({ args: [script] }: Container) =>
    script
      .replaceAll("/git/current/policies", policies)
      .replaceAll("/plans/", `${plans}/`)
      .replaceAll("/oss-policy/dist/cli.js", cli);
  const { manifest, container } = jobIn("plan-shards.job.yaml");
  expect(manifest.spec.completionMode).toBe("Indexed");
  const shards = container.env?.find(({ name }) => name === "SHARDS")?.value;
  expect(shards).toBe(String(manifest.spec.completions));
  expect(container.command).toEqual(["sh", "-c"]);
  for (const index of [0, 1, 2, 3]) {
    const ran = await shell(here(container), plans, {
      ...env,
      JOB_COMPLETION_INDEX: String(index),
      SHARDS: "4",
    });
    expect(ran.code, ran.text).toBe(0);
  }
  const files = readdirSync(plans).map((name) => join(plans, name));
  expect(files.flatMap(bucketsIn).sort()).toEqual(named(24));
  const merged = await shell(here(jobIn("merge-shards.job.yaml").container), plans, {});
  expect(merged.code, merged.text).toBe(0);
  expect(bucketsIn(join(plans, "plan.json"))).toEqual(named(24));
});

test("the workflow of the page plans in a matrix, merges, and applies in a matrix", async () => {
  const { env, policies, sandbox } = await worldOf(24, 4);
  const files = [...named(24).map((bucket) => `${bucket}.yaml`), "account.yaml"];
  const repository = newRepository();
  const wanted = Object.fromEntries(
    files.map((name) => [`policies/${name}`, readFileSync(join(policies, name), "utf8")]),
  );
  const asked = named(4).map((bucket) => [
    `policies/${bucket}.yaml`,
    `bucket: ${bucket}\npolicy: ${liveOf(bucket)}\n`,
  ]);
  repository.commit({ ...wanted, ...Object.fromEntries(asked) });
  const before = repository.git("rev-parse", "HEAD").trim();
  repository.commit(wanted);
  const page = readPage("docs/scale.md");
  const text = page.fences.find(({ text: one }) => one.includes("matrix:"))?.text ?? "";
  const { jobs, env: common } = parse(text) as {
    jobs: Record<string, Job & { strategy?: { matrix: { shard: readonly number[] } } }>;
    env: { SHARDS: string };
  };
  for (const [name, job] of Object.entries(jobs)) {
    const scripts = job.steps.flatMap(({ run }) => (run?.startsWith("npx oss-policy") === true ? [run] : []));
    expect(scripts).toHaveLength(1);
    const shards = job.strategy?.matrix.shard ?? [undefined];
    if (name !== "merge") expect(shards).toHaveLength(Number(common.SHARDS));
    for (const shard of shards) {
      const script = (scripts[0] ?? "").replaceAll("npx oss-policy", `node ${cli}`);
      const step = {
        ...env,
        ...common,
        BEFORE: before,
        ...(shard === undefined ? {} : { SHARD: String(shard) }),
      };
      const ran = await shell(script, repository.folder, step);
      expect(ran.code, `${script}\n${ran.text}`).toBe(0);
    }
  }
  expect(sandbox.requests.filter(({ method }) => method === "PUT")).toHaveLength(4);
});

test("2,000 buckets in 5 shards of processes: each in one, and the merged plan is that of one process", async () => {
  const { misplaced, isSame, shards } = await shardFigures(2_000, 5, cli);
  expect(misplaced).toEqual([]);
  expect(isSame).toBe(true);
  expect(shards.map(({ buckets }) => buckets).reduce((sum, count) => sum + count, 0)).toBe(2_000);
});
