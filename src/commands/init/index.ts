import { statSync } from "node:fs";
import { counted, printable } from "../../report/printable.ts";
import { refusal, type Diagnostic } from "../../diagnostic.ts";
import { isFailed } from "../../result.ts";
import { failure, success } from "../../run/exit.ts";
import type { Io } from "../../run/io.ts";
import type { Options } from "../../run/options.ts";
import type { Output } from "../../run/output.ts";
import { startRun } from "../../run/run.ts";
import { toolVersion } from "../../run/version.ts";
import { ask, defaultPolicies, mayAsk, readAccount } from "./answers.ts";
import { hasAccount, isRepository, pipelineFiles, treeFiles } from "./files.ts";
import { leadsOut } from "./leads-out.ts";
import { ignoreJournals, writeNew, type Written } from "./write.ts";

/** Writes a first policy tree that is valid, and the requested pipelines. No file is overwritten. */
export async function init(given: Options, io: Io): Promise<number> {
  const { out } = startRun(given, io);
  const refuse = (problems: readonly Diagnostic[]) => {
    out.diagnostics(problems);
    return out.end(failure("nothing was written"));
  };
  const policies = await readFolder(given, io);
  if (policies === undefined) return refuse([refusal("init", "init was not answered", "run it again")]);
  const options = { ...given, policies };
  const notFolder = folderProblem(policies);
  if (notFolder !== undefined) return refuse([refusal("init", notFolder, "name another with --policies")]);
  const pipelines = pipelineFiles(options);
  if (isFailed(pipelines)) return refuse(pipelines.problems);
  const account = hasAccount(policies) ? undefined : await readAccount(options, io);
  if (account !== undefined && isFailed(account)) return refuse(account.problems);
  const [accountFile, ...others] = treeFiles(policies, account);
  const first = accountFile === undefined ? [] : [writeNew(accountFile)];
  // Files beside it would belong to no account.
  const isStopped = first.some(({ kind }) => kind === "problem");
  const rest = isStopped ? [] : [...others.map(writeNew), ignoreJournals(), ...pipelines.map(writeNew)];
  return report([...first, ...rest], options, out);
}

/** Asks for the folder, unless one is named, or there is no terminal. */
async function readFolder({ policies }: Options, io: Io): Promise<string | undefined> {
  if (policies !== defaultPolicies || !mayAsk(io)) return policies;
  return ask("Folder of the policy files", defaultPolicies, folderProblem, io);
}

function folderProblem(folder: string): string | undefined {
  if (leadsOut(folder)) return `\`${folder}\` leads out of this folder by a link`;
  try {
    return statSync(folder).isDirectory() ? undefined : `\`${folder}\` is not a folder`;
  } catch {
    // It is created.
    return undefined;
  }
}

function report(written: readonly Written[], options: Options, out: Output): number {
  const problems = written.flatMap((one) => (one.kind === "problem" ? [one.problem] : []));
  const done = written.filter((one) => one.kind !== "problem");
  for (const { kind, line } of done) out.result(`  ${kind.padEnd(6)} ${line}\n`);
  out.diagnostics(problems);
  const count = (wanted: Written["kind"]) => written.filter(({ kind }) => kind === wanted).length;
  if (problems.length === 0) for (const line of nextSteps(options)) out.note(line);
  out.result(`Init: ${counted(count("wrote"), "file")} written, ${count("kept")} kept.\n`);
  return out.end(problems.length > 0 ? failure(`${counted(problems.length, "file")} not written`) : success);
}

function nextSteps({ policies, github, gitlab }: Options): readonly string[] {
  const folder = policies === defaultPolicies ? "" : ` --policies "${printable(policies)}"`;
  const call = (words: string, note: string) =>
    `  ${`npx oss-policy ${words}${folder}`.padEnd(44)} # ${note}`;
  const pipelines = [
    "The pipelines run the tool that package.json and package-lock.json name. Commit both to the main branch:",
    `  npm install --save-dev --save-exact oss-policy@${toolVersion}`,
    ...(github
      ? ['Then follow "Set up GitHub" in docs/github.md of oss-policy: roles, variables, environment.']
      : []),
    ...(gitlab ? ['Then follow "GitLab" in docs/other-ci.md of oss-policy: keys and environments.'] : []),
    ...(isRepository()
      ? []
      : ["This folder is not the top of a git repository, where pipelines are looked for."]),
  ];
  return [
    "Next:",
    call("validate", "checks the files"),
    call("plan --sandbox", "shows a plan, without an account"),
    call("import", "with a key, writes the policies of your buckets as files; then drop the example"),
    ...(github || gitlab ? ["", ...pipelines] : []),
  ];
}
