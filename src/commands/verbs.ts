import { reportNames } from "../report/forms.ts";
import type { Io } from "../run/io.ts";
import type { OptionName, OptionSpec, Options } from "../run/options.ts";

/** A verb: one file in this folder, loaded when it is called, so that `--help` costs nothing. */
export interface Verb {
  readonly name: string;
  readonly summary: string;
  /** Words that the verb takes, if any. */
  readonly words?:
    "[code]" | "<shell>" | "<question> [words...]" | "<principal> [words...]" | "<plans...>" | "[paths...]";
  /** More about the words, for --help. */
  readonly help?: string;
  readonly options: readonly OptionName[];
  /** Descriptions of options that mean something else to this verb. */
  readonly meanings?: Partial<Record<OptionName, Pick<OptionSpec, "description"> & Partial<OptionSpec>>>;
  readonly load: () => Promise<(options: Options, io: Io) => Promise<number>>;
}

const common = ["policies", "bucket", "exclude", "account", "quiet", "color"] as const;
/** A plan in all its forms. */
const reports = [...reportNames, "github"] as const;
const cloud = ["sandbox", "seed", "endpoint", "profile", "ecsRole", "concurrency"] as const;

/** The verbs, in the order of --help. */
export const verbs: readonly Verb[] = [
  {
    name: "plan",
    summary: "show what apply would do",
    options: [
      ...common,
      "shard",
      "base",
      "events",
      "requests",
      "since",
      "until",
      "verbose",
      ...reports,
      "accept",
      "forbid",
      "replaceUnparseable",
      "detailedExitcode",
      ...cloud,
    ],
    load: async () => (await import("./plan.ts")).plan,
  },
  {
    name: "apply",
    summary: "make the live policies match the files: read again, write, read back",
    options: [
      ...common,
      "shard",
      "base",
      "events",
      "requests",
      "since",
      "until",
      "verbose",
      ...reports,
      "accept",
      "replaceUnparseable",
      "yes",
      "plan",
      "journal",
      ...cloud,
    ],
    load: async () => (await import("./apply.ts")).apply,
  },
  {
    name: "merge",
    summary: "make one plan of the plans of all shards, and judge the limits of their accounts",
    words: "<plans...>",
    help: `PLANS are the files that \`plan --shard I/N --json FILE\` wrote, one for each shard, all of the same policy files and
options. The merged plan is the one that a single run would have made: \`apply --plan\` takes its --json.`,
    options: [...reports, "detailedExitcode", "quiet", "color"],
    load: async () => (await import("./merge.ts")).merge,
  },
  {
    name: "watch",
    summary: "plan, or apply with --apply, on an interval: a service with metrics",
    help: `It also reconciles at once on SIGHUP, and when the git HEAD of the policy folder moves. SIGTERM ends it after the
writes in flight.`,
    options: [
      ...(["policies", "bucket", "exclude", "account", "quiet"] as const),
      "base",
      "accept",
      "apply",
      "interval",
      "listen",
      "log",
      ...(["endpoint", "profile", "ecsRole", "concurrency"] as const),
    ],
    load: async () => (await import("./watch/index.ts")).watch,
  },
  {
    name: "validate",
    summary: "find mistakes in the policy files, without a network",
    words: "[paths...]",
    help: `PATHS are files and folders; without one, the whole tree is checked. A file is checked with the account,
variables and statement sets of its tree. \`-\` is a bucket file on stdin; --stdin-path says where it would be.`,
    options: [
      ...common,
      "shard",
      "fix",
      "strict",
      "dryRun",
      "stdinPath",
      "json",
      "sarif",
      "codeclimate",
      "github",
    ],
    load: async () => (await import("./validate/index.ts")).validate,
  },
  {
    name: "access",
    summary: "answer what the policies allow, for all requests",
    words: "<question> [words...]",
    help: `Questions:
  who-can ACTION RESOURCE         who is allowed it, and under what; its bucket may be a glob
  what-can PRINCIPAL              what a principal is allowed, in all buckets; with --requests what of it was seen
  can PRINCIPAL ACTION RESOURCE   whether a principal is allowed it; if not, which line refuses it
  diff REV..REV                   what merging a revision would change, with verdict and hazards
  diff FILE FILE                  what differs between two policies, each in JSON or YAML
  public                          what anonymous callers are allowed
  matrix                          who can read, list, write, delete and administer which bucket
  unused                          grants into which no request of --requests fell
  report                          all of it, by bucket and by principal, as a page with --html
A RESOURCE is BUCKET, or BUCKET/KEY, where KEY may be a pattern.
A PRINCIPAL is a name from \`identities\`, a UID, a role session's ARN, anonymous or owner.
With --exit-code, public and diff end with 3 where they find something or cannot decide it.`,
    options: [
      ...common,
      "with",
      "json",
      "html",
      "csv",
      "live",
      "exitCode",
      "propose",
      "requests",
      "days",
      "since",
      "until",
      ...cloud,
    ],
    load: async () => (await import("./access/index.ts")).access,
  },
  {
    name: "grant",
    summary: "edit the policy files so that a principal is allowed exactly this",
    words: "<principal> [words...]",
    help: `Usage: grant PRINCIPAL ACTION... BUCKET[/KEY]
A PRINCIPAL is a name from \`identities\`, a UID or a role session's ARN. The bucket may be a glob, KEY a pattern.
Without KEY, actions on objects are allowed on all objects. --with sets a condition.`,
    options: [...common, "with", "dryRun"],
    load: async () => (await import("./edit/index.ts")).grant,
  },
  {
    name: "revoke",
    summary: "edit the policy files so that a principal is no longer allowed this",
    words: "<principal> [words...]",
    help: `Usage: revoke PRINCIPAL [ACTION...] [BUCKET[/KEY]]
Without an ACTION, everything is revoked; without a BUCKET, in every bucket. The bucket may be a glob, KEY a pattern.
--deny leaves what is allowed as it is, and writes a Deny statement.`,
    options: [...common, "with", "deny", "dryRun"],
    load: async () => (await import("./edit/index.ts")).revoke,
  },
  {
    name: "explain",
    summary: "explain a finding: why it matters, an example, the fix; without a code, list all codes",
    words: "[code]",
    options: ["color"],
    load: async () => (await import("./explain.ts")).explain,
  },
  {
    name: "schema",
    summary: "print the JSON Schema of the policy files, for editors",
    options: [],
    load: async () => (await import("./schema.ts")).schema,
  },
  {
    name: "lsp",
    summary: "serve an editor: findings while typing, fixes, completion, what changes against HEAD",
    options: ["policies"],
    load: async () => (await import("./lsp.ts")).lsp,
  },
  {
    name: "init",
    summary:
      "write a first account.yaml and bucket file, and pipelines; changes no existing file but .gitignore",
    options: ["policies", "account", "region", "github", "gitlab", "quiet", "color"],
    meanings: {
      policies: { description: "the folder for the policy files" },
      account: { description: "the UID of the account that owns the buckets", initialText: "asked" },
      github: { description: "write workflows for GitHub: plan, apply and drift" },
    },
    load: async () => (await import("./init/index.ts")).init,
  },
  {
    name: "completion",
    summary: "print the completion script of a shell: bash, zsh or fish",
    words: "<shell>",
    options: [],
    load: async () => (await import("./completion/index.ts")).completion,
  },
  {
    name: "import",
    summary: "write the live policies as files",
    options: [...common, "force", ...cloud],
    load: async () => (await import("./import/index.ts")).importPolicies,
  },
  {
    name: "restore",
    summary: "put back the policies that a journal holds: read, show, write, read back",
    options: [...common, ...reports, "accept", "dryRun", "yes", "journal", ...cloud],
    load: async () => (await import("./restore/index.ts")).restore,
  },
  {
    name: "conformance",
    summary: "find out on a scratch bucket what OSS does where its documentation leaves it open",
    help: `The bucket must be empty, private and without a policy, and is named twice. It is left as it was, also after
Ctrl-C; what a killed run left is cleaned up by the next one. This calls OSS; with --sandbox it calls a sandbox.`,
    options: [
      "bucket",
      "confirm",
      "identities",
      "region",
      "output",
      "json",
      "endpoint",
      "sandbox",
      "seed",
      "quiet",
      "color",
    ],
    meanings: {
      bucket: { description: "the scratch bucket", initialText: "none" },
      region: { description: "the region of the bucket (default: cn-hangzhou)" },
      json: { description: "write the cases with their results as JSON to a file; - is stdout" },
      endpoint: {
        description: "call this endpoint alone, instead of OSS's public one of the region (env OSS_ENDPOINT)",
      },
    },
    load: async () => (await import("./conformance.ts")).conformance,
  },
  {
    name: "demo",
    summary: "plan, apply and plan again over a sandbox with drift: needs no account",
    options: ["quiet", "color"],
    load: async () => (await import("./demo/index.ts")).demo,
  },
  {
    name: "sandbox",
    summary: "run a local OSS server on the loopback",
    options: ["port", "seed", "policies", "state", "explain", "log", "quiet", "color"],
    meanings: {
      policies: {
        description: "serve the policies of this folder, and serve them anew when a file changes",
        initial: "",
        initialText: "none",
      },
      log: {
        flags: "--log <file>",
        description: "add a line to this file for each request, in the format of OSS's access log",
        initial: "",
        initialText: "none",
      },
    },
    load: async () => (await import("./sandbox.ts")).sandbox,
  },
];
