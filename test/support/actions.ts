import { readFileSync } from "node:fs";
import { join } from "node:path";
import { token } from "./github.ts";
import { writeTree } from "./run-cli.ts";

export interface ActionsOptions {
  readonly event?: string;
  /** The payload as text; a pull request of the repository itself where nothing is said. */
  readonly payload?: string;
  readonly token?: string;
  readonly workspace?: string;
}

export interface Actions {
  readonly env: Readonly<Record<string, string>>;
  summary(): string;
  output(): string;
}

export function pullRequestPayload(number: number, head = "octo/policies"): string {
  const repo = (name: string) => ({ repo: { full_name: name } });
  return JSON.stringify({ number, pull_request: { number, head: repo(head), base: repo("octo/policies") } });
}

/** The environment of a step of GitHub Actions, whose files are empty at its start. */
export function actionsStep(url: string, options: ActionsOptions = {}): Actions {
  const { event = "pull_request", payload = pullRequestPayload(7) } = options;
  const folder = writeTree({ "event.json": payload, "summary.md": "", output: "" });
  const read = (name: string) => readFileSync(join(folder, name), "utf8");
  return {
    env: {
      CI: "true",
      GITHUB_ACTIONS: "true",
      GITHUB_API_URL: url,
      GITHUB_SERVER_URL: "https://github.example",
      GITHUB_REPOSITORY: "octo/policies",
      GITHUB_RUN_ID: "4711",
      GITHUB_TOKEN: options.token ?? token,
      GITHUB_EVENT_NAME: event,
      GITHUB_EVENT_PATH: join(folder, "event.json"),
      GITHUB_STEP_SUMMARY: join(folder, "summary.md"),
      GITHUB_OUTPUT: join(folder, "output"),
      GITHUB_WORKSPACE: options.workspace ?? folder,
    },
    summary: () => read("summary.md"),
    output: () => read("output"),
  };
}

/** Commands that GitHub's runner takes from a log; all others it prints. */
const registered = [
  ...["add-mask", "add-matcher", "add-path", "debug", "echo", "endgroup", "error", "group", "notice"],
  ...["remove-matcher", "save-state", "set-env", "set-output", "stop-commands", "warning"],
];

export interface RunnerCommand {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly data: string;
}

/**
 * What the runner makes of a log, after ActionCommand.TryParseV2 and TryParse of actions/runner: a line
 * that begins with `::`, behind any blanks, or one that holds `##[` anywhere.
 */
export function runnerCommands(log: string): readonly RunnerCommand[] {
  return log.split(/\r\n|\r|\n/).flatMap((line) => parseSecond(line.trimStart()) ?? parseFirst(line) ?? []);
}

function parseSecond(line: string): RunnerCommand | undefined {
  const end = line.indexOf("::", 2);
  if (!line.startsWith("::") || end < 0) return undefined;
  const head = line.slice(2, end);
  const space = head.indexOf(" ");
  const name = space < 0 ? head : head.slice(0, space);
  if (!registered.includes(name.toLowerCase())) return undefined;
  const pairs = (space < 0 ? "" : head.slice(space + 1).trim())
    .split(",")
    .map((pair) => /^([^=]*)=(.*)$/s.exec(pair))
    .flatMap((match) =>
      match === null ? [] : [[match[1] ?? "", unescapeProperty(match[2] ?? "")] as const],
    );
  return { name, properties: Object.fromEntries(pairs), data: unescapeData(line.slice(end + 2)) };
}

function parseFirst(line: string): RunnerCommand | undefined {
  const name = /##\[([\w-]+)[^\]]*\]/.exec(line)?.[1] ?? "";
  return registered.includes(name.toLowerCase()) ? { name, properties: {}, data: "" } : undefined;
}

function unescapeProperty(text: string): string {
  return unescapeData(text.replaceAll("%3A", ":").replaceAll("%2C", ","));
}

function unescapeData(text: string): string {
  return text.replaceAll("%0D", "\r").replaceAll("%0A", "\n").replaceAll("%25", "%");
}

/** What a later step finds in the outputs, after the runner's EnvFileKeyValuePairs. */
export function stepOutputs(file: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  const lines = file.split("\n");
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? "";
    if (line === "") continue;
    const heredoc = line.indexOf("<<");
    const equals = line.indexOf("=");
    if (heredoc >= 0 && (equals < 0 || heredoc < equals)) {
      const end = lines.indexOf(line.slice(heredoc + 2), index + 1);
      if (end < 0) throw new Error(`no end of ${line}`);
      found[line.slice(0, heredoc)] = lines.slice(index + 1, end).join("\n");
      index = end;
    } else if (equals >= 0) found[line.slice(0, equals)] = line.slice(equals + 1);
    else throw new Error(`the runner refuses ${line}`);
  }
  return found;
}
