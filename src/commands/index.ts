import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import type { Diagnostic } from "../diagnostic.ts";
import { isFailed } from "../result.ts";
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
import { verbs, type Verb } from "./verbs.ts";

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
    if (error.code === "commander.excessArguments" && called?.options.includes("bucket") === true)
      io.stderr("  help: buckets are selected by `--bucket GLOB`\n");
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
    !verb.options.includes(name) ||
    command.getOptionValueSource(name) === "cli" ||
    // Where nothing is another choice of the verb, a default for others is none for it.
    verb.meanings?.[name]?.initial !== undefined;
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
