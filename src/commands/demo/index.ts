import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { apply } from "../apply.ts";
import { demoSeed } from "./seed.ts";
import { failure, success } from "../../run/exit.ts";
import type { Io } from "../../run/io.ts";
import type { Options } from "../../run/options.ts";
import { openOutput } from "../../run/output.ts";
import { plan } from "../plan.ts";

/** The whole loop over a sandbox in this process: drift, plan, apply, and a second plan that finds it gone. */
export async function demo(options: Options, io: Io): Promise<number> {
  const out = openOutput(options, io);
  const { startSandbox } = await import("../../sandbox/server.ts");
  const sandbox = await startSandbox({ seed: demoSeed });
  const [key] = demoSeed.keys;
  const cloud: Io = { ...io, env: { OSS_ACCESS_KEY_ID: key?.id, OSS_ACCESS_KEY_SECRET: key?.secret } };
  const common: Options = { ...options, ...demoOptions, policies: examplePolicies(), endpoint: sandbox.url };
  const step = (text: string) => out.result(`\n${out.style.paint("bold", `--- ${text}`)}\n\n`);

  step("Three of five buckets have drifted from policies/, and one cannot be read. Apply would do this:");
  await plan(common, cloud);
  step("Now apply does it. The bucket that cannot be read is left alone, and named:");
  // What the demo overwrites is gone with its server: its journal is of no use to anybody.
  const scratch = mkdtempSync(join(tmpdir(), "oss-policy-demo-"));
  await apply({ ...common, yes: true, quiet: true, journal: join(scratch, "journal.jsonl") }, cloud);
  rmSync(scratch, { recursive: true, force: true });
  step("A second plan finds nothing to change:");
  await plan(common, cloud);

  const writes = sandbox.requests.filter(({ method }) => method !== "GET").length;
  await sandbox.close();
  out.result(`\nThe demo made ${writes} writes to a local server, and none to OSS.\n`);
  return out.end(
    writes === expectedWrites ? success : failure(`the demo should have made ${expectedWrites} writes`),
  );
}

/** The example tree of this package, wherever the demo is run from and however the code was bundled. */
function examplePolicies(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, "policies")) && folder !== dirname(folder)) folder = dirname(folder);
  return relative("", join(folder, "policies"));
}

/** A bucket created, one updated, one deleted. */
const expectedWrites = 3;

const demoOptions = {
  bucket: [],
  exclude: [],
  accept: [],
  with: [],
  account: [],
  concurrency: 4,
  sandbox: false,
  detailedExitcode: false,
} as const;
