import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../src/commands/index.ts";
import { mistakes } from "./mistakes.ts";
import { oneOf, picker, type Pick } from "./random.ts";

/** A right file, and the account.yaml beside it. */
interface Source {
  readonly name: string;
  readonly text: string;
  readonly account: string;
}

export interface Figures {
  readonly files: number;
  /** Files with one injected mistake. */
  readonly injected: number;
  /** Of those, the ones with at most one error. */
  readonly single: number;
  /** Of those, the ones without any finding of severity error. */
  readonly silent: number;
  readonly slowestMs: number;
  /** The runs that ended in another way than 0 or 1, threw, printed a stack trace or took too long. */
  readonly broken: readonly string[];
  /** For each kind of mistake, how often it had more than one error, with an example. */
  readonly several: ReadonlyMap<string, { readonly count: number; readonly example: string }>;
}

const maxMs = 5_000;

/** Validates so many mutated files of `policies/` and of the fixtures, one at a time, in this process. */
export async function soakValidate(root: string, count: number, seed: number): Promise<Figures> {
  const pick = picker(seed);
  const sources = sourcesIn(root);
  const folder = mkdtempSync(join(tmpdir(), "oss-policy-soak-"));
  const figures = { files: 0, injected: 0, single: 0, silent: 0, slowestMs: 0, broken: [] as string[] };
  const several = new Map<string, { count: number; example: string }>();
  try {
    while (figures.files < count) {
      const source = oneOf(sources, pick);
      const kind = pick(5) === 0 ? undefined : oneOf(Object.keys(mistakes), pick);
      const text =
        source && (kind === undefined ? garbled(source.text, pick) : mistakes[kind]?.(source.text, pick));
      if (source === undefined || text === undefined || text === source.text) continue;
      const verdict = await validated(folder, source.account, text);
      figures.files += 1;
      figures.slowestMs = Math.max(figures.slowestMs, verdict.ms);
      if (verdict.problem !== undefined)
        figures.broken.push(`${source.name}, ${kind ?? "garbled"}: ${verdict.problem}\n${text}`);
      if (kind === undefined) continue;
      figures.injected += 1;
      if (verdict.errors <= 1) figures.single += 1;
      if (verdict.errors === 0) figures.silent += 1;
      if (verdict.errors > 1) {
        const known = several.get(kind);
        several.set(kind, {
          count: (known?.count ?? 0) + 1,
          example: known?.example ?? `${source.name}\n${verdict.output}`,
        });
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { ...figures, several };
}

function sourcesIn(root: string): readonly Source[] {
  const read = (...path: string[]) => readFileSync(join(root, ...path), "utf8");
  const filesOf = (...path: string[]) =>
    readdirSync(join(root, ...path))
      .filter((name) => name.endsWith(".yaml"))
      .sort();
  const bare = 'account: "1746495857600001"\nregion: cn-hangzhou\n';
  const own = filesOf("policies").filter((name) => name !== "account.yaml");
  return [
    ...own.map((name) => ({ name, text: read("policies", name), account: read("policies", "account.yaml") })),
    ...filesOf("test", "lint", "ok").map((name) => ({
      name,
      text: read("test", "lint", "ok", name),
      account: bare,
    })),
  ];
}

/** Some characters, lines or pieces moved, lost, doubled or put in: no mistake of a person, and none in particular. */
function garbled(text: string, pick: Pick): string {
  let result = text;
  for (let times = 1 + pick(8); times > 0; times -= 1) {
    const [from, length] = [pick(result.length + 1), pick(12)];
    const [before, piece, after] = [
      result.slice(0, from),
      result.slice(from, from + length),
      result.slice(from + length),
    ];
    const strange = oneOf(
      [
        "{",
        "}",
        "[",
        "]",
        '"',
        "'",
        ":",
        "- ",
        "&a",
        "*a",
        "!t ",
        "|",
        ">",
        "#",
        "\t",
        "\n",
        "\0",
        "${",
        "}",
        "é",
        "\u202e",
        "? ",
        "<<: ",
        "%",
        "---\n",
        "0".repeat(400),
      ],
      pick,
    );
    const changes = [
      before + after,
      before + piece + piece + after,
      before + (strange ?? "") + piece + after,
      after + before,
    ];
    result = oneOf(changes, pick) ?? result;
  }
  return result;
}

interface Verdict {
  readonly errors: number;
  readonly ms: number;
  readonly output: string;
  readonly problem?: string;
}

async function validated(folder: string, account: string, text: string): Promise<Verdict> {
  writeFileSync(join(folder, "account.yaml"), account);
  writeFileSync(join(folder, "one.yaml"), text);
  let output = "";
  const print = (part: string) => {
    output += part;
  };
  const start = performance.now();
  let code: number | string;
  try {
    code = await run(["validate", "--policies", folder], {
      env: {},
      stdout: print,
      stderr: print,
      isTerminal: { stdin: false, stdout: false, stderr: false },
      readInput: () => Promise.resolve(new Uint8Array()),
      openStreams: () => {
        throw new Error("there are no streams");
      },
      ask: () => Promise.resolve(""),
      clock: { now: () => performance.now(), sleep: () => Promise.resolve() },
      random: () => 0.5,
      today: "2026-06-01",
      wallTime: () => new Date(0),
      untilStopped: () => new Promise(() => undefined),
      onHangup: () => undefined,
    });
  } catch (error) {
    code = `threw ${String(error)}`;
  }
  const ms = performance.now() - start;
  const errors = Number(/^Validate: .*? (\d+) errors?,/m.exec(output)?.[1] ?? NaN);
  const problem = problemOf(code, output, errors, ms);
  return { errors, ms, output, ...(problem === undefined ? {} : { problem }) };
}

function problemOf(code: number | string, output: string, errors: number, ms: number): string | undefined {
  if (code !== 0 && code !== 1) return `ended with ${code}`;
  if (Number.isNaN(errors) || (code === 0) !== (errors === 0))
    return `ended with ${code} and this:\n${output}`;
  if (/^\s+at .*:\d+:\d+\)?$/m.test(output)) return `a stack trace:\n${output}`;
  return ms > maxMs ? `took ${ms.toFixed(0)} ms` : undefined;
}
