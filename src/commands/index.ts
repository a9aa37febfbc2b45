import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import type { Diagnostic } from "../diagnostic.ts";
import { isFailed } from "../result.ts";
import { reportNames } from "../report/forms.ts";
import { renderDiagnostic } from "../report/text/diagnostics.ts";
import { plainText } from "../report/text/style.ts";
import {
  comparedFolderProblem,
  defaultedOptions,
  withDefaults,
  type DefaultsSource,
} from "../run/defaults.ts";
import { exitCodeOf, exitLine, failure } from "../run/exit.ts";
import type { Io } from "../run/io.ts";
import { swallowedOptions } from "../run/npm-options.ts";
import { optionSpecs, type OptionName, type OptionSpec, type Options } from "../run/options.ts";
import { outputProblem } from "../run/outputs.ts";
import { toolVersion } from "../run/version.ts";

/** A verb: one file in this folder, loaded when it is called, so that `--help` costs nothing. */
interface Verb {
  readonly name: string;
  readonly summary: string;
  /** Words that the verb takes, if any. */
  readonly words?:
    "[code]" | "<shell>" | "<question> [words...]" | "<principal> [words...]" | "<plans...>" | "[paths...]";
  /** More about the words, for --help. */
  readonly help?: string;
  readonly options: readonly OptionName[];
  /** Descriptions of options that mean something else to this verb. */
  readonly meanings?: Partial<Record<OptionName, Pick<OptionSpec, "description" | "initialText">>>;
  readonly load: () => Promise<(options: Options, io: Io) => Promise<number>>;
}

const common = ["policies", "bucket", "exclude", "account", "quiet", "color"] as const;
/** A plan in all its forms. */
const reports = [...reportNames, "github"] as const;
const cloud = ["sandbox", "seed", "endpoint", "profile", "ecsRole", "concurrency"] as const;

const verbs: readonly Verb[] = [
  {
    name: "plan",
    summary: "show what apply would do",
    options: [
      ...common,
      "shard",
      "base",
      "events",
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
    options: [...common, "shard", "fix", "dryRun", "stdinPath", "json", "sarif", "codeclimate", "github"],
    load: async () => (await import("./validate/index.ts")).validate,
  },
  {
    name: "access",
    summary: "answer what the policies allow, for all requests",
    words: "<question> [words...]",
    help: `Questions:
  who-can ACTION RESOURCE         who is allowed it, and under what; its bucket may be a glob
  what-can PRINCIPAL              what a principal is allowed, in all buckets
  can PRINCIPAL ACTION RESOURCE   whether a principal is allowed it, and which line decides
  diff REV..REV                   what merging a revision would change, with verdict and hazards
  diff FILE FILE                  what differs between two policies, each in JSON or YAML
  public                          what anonymous callers are allowed
  matrix                          who can read, list, write, delete and administer which bucket
  report                          all of it, by bucket and by principal, as a page with --html
A RESOURCE is BUCKET, or BUCKET/KEY, where KEY may be a pattern.
A PRINCIPAL is a name from \`identities\`, a UID, a role session's ARN, anonymous or owner.
With --exit-code, public and diff end with 3 where they find something or cannot decide it.`,
    options: [...common, "with", "json", "html", "csv", "live", "exitCode", ...cloud],
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
    load: async () => (await import("./edit/grant.ts")).grant,
  },
  {
    name: "revoke",
    summary: "edit the policy files so that a principal is no longer allowed this",
    words: "<principal> [words...]",
    help: `Usage: revoke PRINCIPAL [ACTION...] [BUCKET[/KEY]]
Without an ACTION, everything is revoked; without a BUCKET, in every bucket. The bucket may be a glob, KEY a pattern.
--deny leaves what is allowed as it is, and writes a Deny statement.`,
    options: [...common, "with", "deny", "dryRun"],
    load: async () => (await import("./edit/revoke.ts")).revoke,
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
    summary: "write a first account.yaml and bucket file, and pipelines; never overwrites a file",
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
    name: "demo",
    summary: "plan, apply and plan again over a sandbox with drift: needs no account",
    options: ["quiet", "color"],
    load: async () => (await import("./demo/index.ts")).demo,
  },
  {
    name: "sandbox",
    summary: "run a local OSS server on the loopback",
    options: ["port", "seed", "state", "quiet", "color"],
    load: async () => (await import("./sandbox.ts")).sandbox,
  },
];

/** The verb that completion scripts call; it is for no one else, and has no options. */
const completingVerb = "complete";

/** Runs one command line and gives its exit code. An invalid command line ends in an error before anything is read. */
export async function run(typed: readonly string[], io: Io): Promise<number> {
  if (typed[0] === completingVerb)
    return (await import("./completion/complete.ts")).complete(typed.slice(1), verbs, io);
  const words = withoutAliases(typed);
  const called = verbs.find(({ name }) => name === words[0]);
  const swallowed = swallowedOptions(io.env, words, called?.options ?? []);
  for (const diagnostic of swallowed) io.stderr(`${renderDiagnostic(diagnostic, new Map(), plainText)}\n`);
  if (swallowed.length > 0) return refuse(io);
  let exitCode = 0;
  const program = newProgram(io, words, async (verb, options) => {
    exitCode = await (await verb.load())(options, io);
  });
  try {
    await program.parseAsync([...words], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : refuse(io);
  }
  return exitCode;
}

/** `help`, `help VERB`, `version` and `-v` are what many tools know. */
function withoutAliases(words: readonly string[]): readonly string[] {
  const [first = "", ...others] = words;
  if (first === "help" && others.length === 0) return ["--help"];
  if (first === "help") return verbs.some(({ name }) => name === others[0]) ? [...others, "--help"] : others;
  return first === "version" || first === "-v" ? ["--version", ...others] : words;
}

function refuse(io: Io): number {
  const refused = [failure("invalid command line, nothing was done")];
  io.stdout(`${exitLine(refused)}\n`);
  return exitCodeOf(refused);
}

/** Every verb is in it, but only those among the words with all their options: the others show that they have any. */
function newProgram(
  io: Io,
  words: readonly string[],
  start: (verb: Verb, options: Options) => Promise<void>,
): Command {
  const program = new Command("oss-policy")
    .description("GitOps for Alibaba Cloud OSS bucket policies.")
    .version(toolVersion)
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr });
  for (const verb of verbs) {
    const command = program
      .command(verb.name)
      .summary(verb.summary)
      .description(`${capitalized(verb.summary)}.`);
    command.copyInheritedSettings(program).allowExcessArguments(false);
    const used = words.includes(verb.name) ? verb.options : verb.options.slice(0, 1);
    for (const name of used) command.addOption(newOption({ ...optionSpecs[name], ...verb.meanings?.[name] }));
    if (verb.words !== undefined) command.arguments(verb.words);
    if (verb.help !== undefined) command.addHelpText("after", `\n${verb.help}`);
    command.action(async () => {
      const options = await optionsOf(command, verb, io);
      const clash = outputProblem(options, verb.name, command.args);
      if (clash !== undefined) command.error(`error: ${clash}`);
      return start(verb, options);
    });
  }
  program.addHelpText(
    "after",
    "\nExit codes: 0 success, 1 error, 2 pending changes (only with --detailed-exitcode),\n3 blocked by a guard, or found by --exit-code, 4 stale. The last line of a run gives the code and the reason.",
  );
  return program;
}

/** Returns the options of a call, with the defaults of the working directory where the verb has any of them. */
async function optionsOf(command: Command, verb: Verb, io: Io): Promise<Options> {
  const options = { ...command.opts<Options>(), words: command.args };
  const names: readonly OptionName[] = defaultedOptions;
  if (!verb.options.some((name) => names.includes(name))) return options;
  const isGiven = (name: OptionName) =>
    !verb.options.includes(name) || command.getOptionValueSource(name) === "cli";
  const defaulted = await withDefaults(options, isGiven, loadDefaultsParser);
  if (isFailed(defaulted)) return refuseDefaults(defaulted.problems, defaulted.source, io);
  const compared = comparedFolderProblem(defaulted, verb.name, command.args);
  return compared === undefined ? defaulted.options : refuseDefaults([compared], defaulted.source, io);
}

const loadDefaultsParser = async () => (await import("../run/defaults-file.ts")).parseDefaults;

function refuseDefaults(problems: readonly Diagnostic[], source: DefaultsSource | undefined, io: Io): never {
  const sources = new Map(source === undefined ? [] : [[source.file, source.text]]);
  for (const problem of problems) io.stderr(`${renderDiagnostic(problem, sources, plainText)}\n`);
  throw new CommanderError(1, "defaults", "");
}

function newOption({ flags, description, initial, initialText, isRepeatable, parse }: OptionSpec): Option {
  const option = new Option(flags, description);
  if (initial !== undefined) option.default(initial, initialText);
  if (isRepeatable === true) {
    option.argParser((text: string, before: readonly string[]) => [...before, text]);
  } else if (parse !== undefined) {
    option.argParser((text: string) => {
      const value = parse(text);
      if (typeof value === "number" || !("problem" in value)) return value;
      throw new InvalidArgumentError(value.problem);
    });
  }
  return option;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
