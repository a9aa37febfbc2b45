import { parseShard, type Shard } from "../desired/shard.ts";
import { planReports, reportNames, type ReportName } from "../report/forms.ts";

/** The files that reports go to. */
type ReportFiles = { readonly [name in ReportName]?: string };

/** Options over all verbs; each verb takes those that it declares. */
export interface Options extends ReportFiles {
  readonly csv?: string;
  readonly codeclimate?: string;
  readonly policies: string;
  readonly bucket: readonly string[];
  readonly exclude: readonly string[];
  readonly account: readonly string[];
  readonly shard?: Shard;
  readonly github: boolean;
  readonly gitlab: boolean;
  readonly region?: string;
  /** Words after the verb that are not options: the code for `explain`, the question for `access`, the files for `merge`. */
  readonly words: readonly string[];
  /** `KEY=VALUE`. */
  readonly with: readonly string[];
  readonly concurrency: number;
  readonly sandbox: boolean;
  /** Ask the live policies instead of the files. */
  readonly live: boolean;
  /** Write a Deny instead of taking an Allow away. */
  readonly deny: boolean;
  /** Show the edits of files as a diff, and write nothing. */
  readonly dryRun: boolean;
  readonly seed?: string;
  readonly endpoint?: string;
  readonly profile?: string;
  readonly ecsRole?: string;
  readonly detailedExitcode: boolean;
  /** Ends with 3 where the answer to a question is not "nothing". */
  readonly exitCode: boolean;
  readonly yes: boolean;
  /** Write, in `watch`. */
  readonly apply: boolean;
  /** Time between two reconciles, in milliseconds. */
  readonly interval: number;
  /** `HOST:PORT`. */
  readonly listen?: string;
  readonly log: string;
  readonly journal?: string;
  readonly plan?: string;
  readonly base?: string;
  readonly events?: string;
  /** Access logs: files, folders, or `-`. */
  readonly requests?: readonly string[];
  /** File for a patch that takes out what no request used. */
  readonly propose?: string;
  /** Days before now in which requests count. */
  readonly days?: number;
  readonly since?: string;
  readonly until?: string;
  /** Show some requests as they are. */
  readonly verbose: boolean;
  readonly force: boolean;
  /** `HAZARD@BUCKET`. */
  readonly accept: readonly string[];
  readonly forbid?: string;
  /** Names of buckets, never patterns. */
  readonly replaceUnparseable: readonly string[];
  readonly fix: boolean;
  readonly strict: boolean;
  readonly stdinPath?: string;
  readonly quiet: boolean;
  readonly color: boolean;
  readonly port: number;
  /** Name of the bucket once more. */
  readonly confirm?: string;
  readonly identities?: string;
  readonly output: string;
  readonly state?: string;
  /** Say with each answer what decided it. */
  readonly explain: boolean;
}

export type OptionName = Exclude<keyof Options, "words">;

export interface OptionSpec {
  readonly flags: string;
  readonly description: string;
  readonly initial?: string | number | readonly string[];
  /** Text for the initial value in the help, where the value itself says nothing. */
  readonly initialText?: string;
  /** Given once for each value. */
  readonly isRepeatable?: boolean;
  /** Makes the value from its text, or says what is wrong with it. */
  readonly parse?: (text: string) => number | Shard | { readonly problem: string };
}

const reportSpecs = Object.fromEntries(
  reportNames.map((name) => [
    name,
    { flags: `--${name} <file>`, description: planReports[name].description },
  ]),
) as Record<ReportName, OptionSpec>;

/** Every option of every verb, described once. */
export const optionSpecs: Readonly<Record<OptionName, OptionSpec>> = {
  policies: { flags: "--policies <dir>", description: "the folder of the policy files", initial: "policies" },
  bucket: {
    flags: "--bucket <glob>",
    description: "only buckets whose name matches; may be repeated",
    initial: [],
    initialText: "all",
    isRepeatable: true,
  },
  exclude: {
    flags: "--exclude <glob>",
    description: "no buckets whose name matches; may be repeated",
    initial: [],
    initialText: "none",
    isRepeatable: true,
  },
  account: {
    flags: "--account <name>",
    description: "only buckets of the account of this name or UID; may be repeated",
    initial: [],
    initialText: "all",
    isRepeatable: true,
  },
  shard: {
    flags: "--shard <i/n>",
    description:
      "only shard I of N: each bucket is in exactly one, by its name; `merge` joins the plans of all",
    parse: parseShard,
  },
  ...reportSpecs,
  codeclimate: {
    flags: "--codeclimate <file>",
    description: "write the findings as a Code Quality report, for GitLab, to a file; - is stdout",
  },
  csv: { flags: "--csv <file>", description: "write the result as CSV to a file; - is stdout" },
  github: {
    flags: "--github",
    description:
      "in GitHub Actions: annotations, a job summary, outputs, a comment on the pull request, an issue about drift",
  },
  gitlab: { flags: "--gitlab", description: "write a pipeline for GitLab: plan, apply and drift" },
  region: {
    flags: "--region <region>",
    description: "the region of the buckets, such as cn-hangzhou (default: asked)",
  },
  concurrency: {
    flags: "--concurrency <n>",
    description:
      "how many calls may be under way at once; a run begins with 16, and adds while OSS does not throttle",
    initial: 64,
    parse: wholeNumber(1, 256),
  },
  sandbox: {
    flags: "--sandbox",
    description: "talk to a sandbox in this process instead of OSS: needs no account",
  },
  live: { flags: "--live", description: "ask the live policies that OSS has, not those of the files" },
  seed: { flags: "--seed <file>", description: "what the sandbox holds at its start" },
  endpoint: {
    flags: "--endpoint <url>",
    description: "connect here instead of OSS's public endpoints; {region} is replaced (env OSS_ENDPOINT)",
  },
  profile: {
    flags: "--profile <name>",
    description: "use the credentials of this profile of the aliyun CLI (env ALIBABA_CLOUD_PROFILE)",
  },
  ecsRole: {
    flags: "--ecs-role <name>",
    description: "use the credentials of this role of the ECS instance",
  },
  detailedExitcode: { flags: "--detailed-exitcode", description: "exit 2 where there are pending changes" },
  exitCode: {
    flags: "--exit-code",
    description: "exit 3 where `public` or `diff` finds something, or cannot decide it",
  },
  yes: { flags: "--yes", description: "apply without a question" },
  apply: { flags: "--apply", description: "write, too: make the live policies match the files each time" },
  interval: {
    flags: "--interval <time>",
    description: "time between two reconciles, such as 30s, 10m or 1h",
    initial: 600_000,
    initialText: "10m",
    parse: duration,
  },
  listen: {
    flags: "--listen <address>",
    description: "serve /metrics, /healthz and /readyz at HOST:PORT; without a host at all addresses",
  },
  log: { flags: "--log <format>", description: "the form of the log: text or json", initial: "text" },
  plan: {
    flags: "--plan <file>",
    description: "write only what this plan, saved by `plan --json`, writes, and only from where it began",
  },
  base: {
    flags: "--base <rev>",
    description: "compare with this git revision: distinguishes edits from drift, and applies its guards too",
  },
  events: {
    flags: "--events <path>",
    description:
      "events of ActionTrail, which say who changed a policy last: a file, a folder of files, or - for stdin",
  },
  requests: {
    flags: "--requests <path>",
    description:
      "access logs with the requests to judge by: a file, a folder, or - for stdin; may be repeated",
    initial: [],
    initialText: "none",
    isRepeatable: true,
  },
  propose: {
    flags: "--propose <file>",
    description: "write a patch of the policy files that takes out what no request was seen to use",
  },
  days: {
    flags: "--days <n>",
    description: "only requests of the last N days, as with --since Nd",
    parse: wholeNumber(1, 99_999),
  },
  since: {
    flags: "--since <time>",
    description: "only requests from this time on, such as 7d, 24h, 2026-11-01 or 2026-11-01T08:00:00Z",
  },
  until: { flags: "--until <time>", description: "only requests before this time, written as for --since" },
  verbose: {
    flags: "--verbose",
    description:
      "show up to 3 requests of each effect as they are, with key and address, in the text and in --json",
  },
  journal: {
    flags: "--journal <file>",
    description:
      "the journal of what is overwritten: the one to restore, or a new file (default: in .oss-policy)",
  },
  fix: { flags: "--fix", description: "correct what has one certain correction, and write the files" },
  strict: { flags: "--strict", description: "fail on warnings as well: exit 1" },
  dryRun: { flags: "--dry-run", description: "show what would be written, and write nothing" },
  stdinPath: { flags: "--stdin-path <path>", description: "where the text on stdin would be as a file" },
  force: { flags: "--force", description: "also replace the policy in files that exist" },
  accept: {
    flags: "--accept <hazard@bucket>",
    description:
      "consent to a hazard of one bucket, or of those that match a pattern, for this run; or to a new account by new-account@UID, or beyond limits by limits@ACCOUNT; may be repeated",
    initial: [],
    initialText: "none",
    isRepeatable: true,
  },
  with: {
    flags: "--with <key=value>",
    description: "a condition key and its value, such as acs:SecureTransport=true; may be repeated",
    initial: [],
    initialText: "none",
    isRepeatable: true,
  },
  deny: {
    flags: "--deny",
    description: "write a Deny statement, which also stops what RAM policies and ACLs allow",
  },
  forbid: {
    flags: "--forbid <what>",
    description: "gains: block every change that grants access, for a change that should only rewrite",
  },
  replaceUnparseable: {
    flags: "--replace-unparseable <bucket>",
    description: "replace the live policy of this bucket although it does not parse; may be repeated",
    initial: [],
    initialText: "none",
    isRepeatable: true,
  },
  quiet: { flags: "--quiet", description: "no progress and no notes; warnings and errors stay" },
  color: { flags: "--no-color", description: "no colour (env NO_COLOR)" },
  confirm: {
    flags: "--confirm <bucket>",
    description: "the name of the scratch bucket once more",
  },
  identities: {
    flags: "--identities <file>",
    description: "the identities that send the requests: names of environment variables with their keys",
  },
  output: {
    flags: "--output <file>",
    description: "write what was observed here, for `interpretations` of account.yaml",
    initial: "interpretations.yaml",
  },
  port: {
    flags: "--port <n>",
    description: "listen here; 0 is any free port",
    initial: 9000,
    parse: wholeNumber(0, 65_535),
  },
  state: { flags: "--state <dir>", description: "keep the sandbox's state in this folder" },
  explain: {
    flags: "--explain",
    description: "say in the header x-oss-policy-decision of each answer what decided it, with file and line",
  },
};

function wholeNumber(least: number, most: number): (text: string) => number | { readonly problem: string } {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    return { problem: `must be a whole number from ${least} to ${most}` };
  };
}

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };
const leastIntervalMs = 10_000;
const longestIntervalMs = 24 * 3_600_000;

function duration(text: string): number | { readonly problem: string } {
  const [, count = "", unit = ""] = /^(\d{1,6})([smh])$/.exec(text) ?? [];
  const ms = Number(count) * (unitMs[unit] ?? Number.NaN);
  if (ms >= leastIntervalMs && ms <= longestIntervalMs) return ms;
  return { problem: "must be from 10s to 24h, such as 30s, 10m or 1h" };
}
