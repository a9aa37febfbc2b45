import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { parse } from "yaml";
import { effects, type Keys } from "./github-actions.ts";
import { asksForStatus, evaluate, interpolate, type Context, type JobStatus } from "./github-expressions.ts";
import { token } from "./github.ts";
import { copyTool, executable, npmStandInThatKeeps, root } from "./tool-repository.ts";
import { writeTree } from "./run-cli.ts";

/** The event, the repository and the machine of one run of a workflow. */
export interface Scene {
  /** The repository at GitHub: a folder with its git history. */
  readonly origin: string;
  readonly event: { readonly name: string; readonly payload: unknown };
  readonly ref: string;
  readonly sha: string;
  readonly vars: Readonly<Record<string, string>>;
  readonly keys?: Keys;
  /** What the machine gives every step, such as an OSS_ENDPOINT. */
  readonly env?: Readonly<Record<string, string>>;
  readonly actor?: string;
  /** What somebody else does before this job begins. */
  readonly before?: Readonly<Record<string, () => void>>;
}

interface JobRun {
  readonly result: "success" | "failure" | "skipped";
  /** The names of the steps that ran. */
  readonly ran: readonly string[];
  /** All that the steps printed, with their exit codes. */
  readonly log: string;
  readonly summary: string;
  readonly outputs: Readonly<Record<string, string>>;
  /** The roles that were taken, by ARN. */
  readonly roles: readonly string[];
  /** What was handed to code scanning. */
  readonly sarif: string | undefined;
}

interface WorkflowRun {
  readonly jobs: Readonly<Record<string, JobRun>>;
  /** By name, then by path. */
  readonly artifacts: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface Step {
  readonly name?: string;
  readonly id?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly shell?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, unknown>>;
  readonly "working-directory"?: string;
  readonly "continue-on-error"?: boolean;
}

export interface Job {
  readonly if?: string;
  readonly needs?: string | readonly string[];
  readonly permissions?: Readonly<Record<string, string>>;
  readonly environment?: string;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

export interface Workflow {
  readonly on: unknown;
  readonly permissions: unknown;
  readonly concurrency?: Readonly<Record<string, unknown>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

export function readWorkflow(path: string): Workflow {
  return parse(readFileSync(path, "utf8")) as Workflow;
}

/**
 * Runs a workflow as GitHub does: jobs in order, `run:` steps in bash, in real checkouts. What is not run is stated:
 * actions are replaced by their effects (github-actions.ts), and npm, as far as it fetches packages and builds again what
 * is built, by a stand-in (tool-repository.ts).
 */
export async function runWorkflow(workflow: Workflow, scene: Scene): Promise<WorkflowRun> {
  const jobs: Record<string, JobRun> = {};
  const artifacts = writeTree({});
  for (const [name, job] of Object.entries(workflow.jobs)) {
    scene.before?.[name]?.();
    jobs[name] = await runJob(job, scene, jobs, artifacts);
  }
  return {
    jobs,
    artifacts: Object.fromEntries(
      readdirSync(artifacts).map((name) => [name, filesIn(join(artifacts, name))]),
    ),
  };
}

/** What changes while a job runs. */
export interface Running {
  readonly scene: Scene;
  readonly job: Job;
  readonly machine: string;
  readonly workspace: string;
  readonly artifacts: string;
  readonly needs: Readonly<Record<string, unknown>>;
  readonly steps: Record<string, { readonly outputs: Readonly<Record<string, string>> }>;
  readonly roles: string[];
  readonly ran: string[];
  /** The inputs and the folder of the composite action whose steps run. */
  readonly action?: { readonly inputs: Readonly<Record<string, string>>; readonly path: string };
  env: Record<string, string>;
  status: JobStatus;
  log: string;
  sarif: string | undefined;
}

async function runJob(
  job: Job,
  scene: Scene,
  before: Readonly<Record<string, JobRun>>,
  artifacts: string,
): Promise<JobRun> {
  const machine = writeTree({ summary: "", "workspace/.keep": "", "temp/.keep": "", "home/.keep": "" });
  const names = typeof job.needs === "string" ? [job.needs] : (job.needs ?? []);
  const needs = Object.fromEntries(names.map((name) => [name, before[name]]));
  const running: Running = {
    scene,
    job,
    machine,
    workspace: join(machine, "workspace"),
    artifacts,
    needs,
    steps: {},
    roles: [],
    ran: [],
    env: { ...environmentOf(scene, machine) },
    status: names.every((name) => before[name]?.result === "success") ? "success" : "failure",
    log: "",
    sarif: undefined,
  };
  if (!isDue(job.if, contextOf(running), running.status)) return skipped;
  running.status = "success";
  for (const step of job.steps) await runStep(step, running);
  const context = contextOf(running);
  return {
    result: running.status,
    ran: running.ran,
    log: running.log,
    summary: readFileSync(join(machine, "summary"), "utf8"),
    outputs: mapValues(job.outputs ?? {}, (value) => interpolate(value, context, running.status)),
    roles: running.roles,
    sarif: running.sarif,
  };
}

const skipped: JobRun = {
  result: "skipped",
  ran: [],
  log: "",
  summary: "",
  outputs: {},
  roles: [],
  sarif: undefined,
};

function environmentOf(scene: Scene, machine: string): Readonly<Record<string, string>> {
  const workspace = join(machine, "workspace");
  writeFileSync(join(machine, "event.json"), JSON.stringify(scene.event.payload));
  return {
    PATH: [executable("npm", npmStandInThatKeeps), process.env["PATH"] ?? ""].join(delimiter),
    HOME: join(machine, "home"),
    CI: "true",
    GITHUB_ACTIONS: "true",
    GITHUB_ACTOR: scene.actor ?? "octocat",
    GITHUB_REPOSITORY: repository,
    GITHUB_SERVER_URL: "https://github.com",
    GITHUB_API_URL: "http://127.0.0.1:9",
    GITHUB_RUN_ID: "1",
    GITHUB_RUN_ATTEMPT: "1",
    GITHUB_EVENT_NAME: scene.event.name,
    GITHUB_EVENT_PATH: join(machine, "event.json"),
    GITHUB_REF: scene.ref,
    GITHUB_REF_NAME: scene.ref.replace(/^refs\/(heads|tags)\//, ""),
    GITHUB_SHA: scene.sha,
    GITHUB_WORKSPACE: workspace,
    GITHUB_STEP_SUMMARY: join(machine, "summary"),
    RUNNER_TEMP: join(machine, "temp"),
    ...scene.env,
  };
}

export const repository = "octo/policies";

function contextOf({ scene, steps, needs, action }: Running): Context {
  return {
    github: {
      repository,
      event: scene.event.payload,
      ref: scene.ref,
      token,
      run_attempt: "1",
      actor: scene.actor ?? "octocat",
    },
    vars: scene.vars,
    steps,
    needs,
    ...(action === undefined ? {} : { inputs: action.inputs }),
  };
}

function isDue(condition: string | undefined, context: Context, status: JobStatus): boolean {
  if (condition === undefined) return status === "success";
  const value = evaluate(condition, context, status);
  return value !== "" && value !== false && (asksForStatus(condition) || status === "success");
}

async function runStep(step: Step, running: Running): Promise<void> {
  const context = contextOf(running);
  if (!isDue(step.if, context, running.status)) return;
  const filled = (value: unknown) => interpolate(String(value), context, running.status);
  const inputs = mapValues(step.with ?? {}, filled);
  const name = step.name ?? step.uses ?? step.run ?? "";
  running.ran.push(name);
  running.log += `--- ${name}\n`;
  const succeeded =
    step.run === undefined
      ? await useAction(step, inputs, running, mapValues(step.env ?? {}, filled))
      : await runShell(step, step.run, mapValues(step.env ?? {}, filled), running);
  if (!succeeded && step["continue-on-error"] !== true) running.status = "failure";
}

async function runShell(
  step: Step,
  text: string,
  env: Readonly<Record<string, string>>,
  running: Running,
): Promise<boolean> {
  if (text.includes("${{")) throw new Error("an expression in a script is never run here");
  const files = writeTree({ script: text, output: "", env: "", path: "" });
  const folder = interpolate(step["working-directory"] ?? ".", contextOf(running), running.status);
  // What GitHub calls without a `shell:` has no pipefail.
  const flags = step.shell === "bash" ? ["--noprofile", "--norc", "-eo", "pipefail"] : ["-e"];
  const code = await new Promise<number>((resolve) => {
    const child = spawn("bash", [...flags, join(files, "script")], {
      cwd: join(running.workspace, folder),
      env: {
        ...running.env,
        ...(running.action === undefined ? {} : { GITHUB_ACTION_PATH: running.action.path }),
        GITHUB_OUTPUT: join(files, "output"),
        GITHUB_ENV: join(files, "env"),
        GITHUB_PATH: join(files, "path"),
        ...env,
      },
    });
    const add = (part: Buffer): void => {
      running.log += part.toString();
    };
    child.stdout.on("data", add);
    child.stderr.on("data", add);
    child.on("close", (ended) => resolve(ended ?? 1));
  });
  running.log += `--- code ${code}\n`;
  if (readFileSync(join(files, "env"), "utf8") !== "")
    throw new Error("a step changes the environment of others");
  if (step.id !== undefined) running.steps[step.id] = { outputs: outputsIn(join(files, "output")) };
  return code === 0;
}

/** `name=value`, and `name<<END`, lines, `END`. */
function outputsIn(file: string): Readonly<Record<string, string>> {
  const found = readFileSync(file, "utf8").matchAll(/^([\w-]+)(?:=(.*)|<<(.+)\n([\s\S]*?)\n?^\3$)/gm);
  return Object.fromEntries([...found].map(([, name = "", line, , lines]) => [name, line ?? lines ?? ""]));
}

async function useAction(
  { uses = "", id }: Step,
  inputs: Readonly<Record<string, string>>,
  running: Running,
  env: Readonly<Record<string, string>>,
): Promise<boolean> {
  const name = uses.replace(/@.*/, "");
  if (name.endsWith("/oss-policy")) return useOurAction({ id, inputs, env }, running);
  const effect = effects[name];
  if (effect === undefined) throw new Error(`nobody stated what \`${uses}\` does`);
  return effect(inputs, running);
}

/** The composite action, in a checkout of its own, as GitHub keeps the repositories of actions apart. */
async function useOurAction(
  given: {
    readonly id: string | undefined;
    readonly inputs: Readonly<Record<string, string>>;
    readonly env: Readonly<Record<string, string>>;
  },
  running: Running,
): Promise<boolean> {
  const action = parse(readFileSync(join(root, "action.yml"), "utf8")) as {
    inputs: Record<string, { default?: string }>;
    outputs: Record<string, { value: string }>;
    runs: { steps: readonly Step[] };
  };
  const checkout = join(running.machine, "action");
  if (!existsSync(checkout)) copyTool(checkout);
  const inputs = mapValues(action.inputs, (input, name) => given.inputs[name] ?? input.default ?? "");
  const inner: Running = {
    ...running,
    steps: {},
    env: { ...running.env, ...given.env },
    action: { inputs, path: checkout },
  };
  for (const step of action.runs.steps) await runStep(step, inner);
  running.log = inner.log;
  const outputs = mapValues(action.outputs, ({ value }) =>
    interpolate(value, contextOf(inner), inner.status),
  );
  if (given.id !== undefined) running.steps[given.id] = { outputs };
  return inner.status === "success";
}

function filesIn(folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const files = names.filter((name) => statSync(join(folder, name)).isFile());
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

function mapValues<From, To>(
  from: Readonly<Record<string, From>>,
  to: (value: From, name: string) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(from).map(([name, value]) => [name, to(value, name)]));
}
