import { readFileSync } from "node:fs";
import { refusal, type Diagnostic } from "../diagnostic.ts";
import { notStarted, stop } from "../pipeline/prepare.ts";
import { mergeShards, type ReadPlan } from "../plan/merge-shards.ts";
import { planFrom } from "../plan/plan-from-json.ts";
import { parsePlanDocument } from "../plan/saved-plan.ts";
import { isFailed, type Result } from "../result.ts";
import type { Io } from "../run/io.ts";
import type { Options } from "../run/options.ts";
import { outputProblem } from "../run/outputs.ts";
import { startRun } from "../run/run.ts";
import { toolVersion } from "../run/version.ts";
import { errorCode } from "../system-error.ts";
import { showMade } from "./plan.ts";

/** Makes one plan of the plans of all shards, and shows it as `plan` does. */
export async function merge(given: Options, io: Io): Promise<number> {
  const options = { ...noSelection, ...given };
  const run = startRun(options, io);
  const refuse = async (problems: readonly Diagnostic[]) => {
    await stop(problems, new Map(), run);
    return run.out.end(notStarted);
  };
  const read = options.words.map(readShard);
  const problems = read.flatMap((one) => (isFailed(one) ? one.problems : []));
  if (problems.length > 0) return refuse(problems);
  const merged = mergeShards(read.flatMap((one) => (isFailed(one) ? [] : [one])));
  if (isFailed(merged)) return refuse(merged.problems);
  const all = { ...options, ...merged.options };
  const clash = outputProblem(all, "merge", options.words);
  if (clash !== undefined) return refuse([refusal("report", clash)]);
  return showMade(merged.plan, new Map(), { ...run, options: all });
}

/** Options that the plans say, until they are read. */
const noSelection = { policies: "policies", bucket: [], exclude: [], account: [], accept: [] };

function readShard(file: string): Result<ReadPlan> {
  try {
    const document = parsePlanDocument(readFileSync(file, "utf8"), toolVersion);
    if ("problem" in document) return refused(`the plan \`${file}\` cannot be merged: ${document.problem}`);
    const { version } = document.tool;
    if (version === toolVersion) return { file, plan: planFrom(document) };
    return refused(`the plan \`${file}\` was written by oss-policy ${version}, and this is ${toolVersion}`);
  } catch (error) {
    return refused(`the plan \`${file}\` cannot be read (${errorCode(error)})`);
  }
}

function refused(message: string) {
  const help = "make it with `plan --shard I/N --json FILE`, by the same version";
  return { problems: [refusal("saved-plan", message, help)] };
}
