import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { onTestFinished } from "vitest";
import type { Io } from "../../src/run/io.ts";
import { run } from "../../src/commands/index.ts";
import type { Sandbox } from "../../src/sandbox/server.ts";

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** What a person at the terminal answers; without it nobody is there. */
  readonly answer?: string;
  /** What comes on stdin. */
  readonly input?: string | Uint8Array;
  /** The same, for one question after the other; undefined is Ctrl-C. */
  readonly answers?: readonly (string | undefined)[];
  /** When the user asks the process to stop. */
  readonly stopped?: Promise<void>;
  /** Replaces the real clock. */
  readonly clock?: Io["clock"];
  readonly wallTime?: Io["wallTime"];
  /** Gets the listener of SIGHUP. */
  readonly onHangup?: Io["onHangup"];
  /** Gets all of stdout each time that it grows. */
  readonly onOutput?: (stdout: string) => void;
  /** The working folder. */
  readonly folder?: string;
  /** The door of another build. */
  readonly door?: typeof run;
}

/** One command line in this process, by the same door that cli.ts uses. */
export async function runCli(words: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const { env = {}, answer, answers, input = "", stopped, folder, door = run, clock } = options;
  const { wallTime = () => new Date(), onHangup = () => undefined, onOutput = () => undefined } = options;
  const text = { stdout: "", stderr: "" };
  const isThere = answer !== undefined || answers !== undefined;
  const left = [...(answers ?? [])];
  const io: Io = {
    // Programs are found as they are here.
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stdout: (part) => {
      text.stdout += part;
      onOutput(text.stdout);
    },
    stderr: (part) => {
      text.stderr += part;
    },
    isTerminal: { stdin: isThere, stdout: false, stderr: isThere },
    readInput: (maxBytes) => {
      const bytes = Buffer.from(input);
      return Promise.resolve(bytes.length > maxBytes ? undefined : bytes);
    },
    openStreams: () => ({
      input: Readable.from([Buffer.from(input)]),
      get output(): never {
        throw new Error("a protocol over stdio is served in a process of its own");
      },
    }),
    ask: (question) => {
      text.stderr += question;
      return Promise.resolve(answers === undefined ? (answer ?? "") : left.shift());
    },
    clock: clock ?? {
      now: () => performance.now(),
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms / 20)),
    },
    random: () => 0.5,
    today: "2026-06-01",
    wallTime,
    untilStopped: () => stopped ?? new Promise(() => undefined),
    onHangup,
  };
  const code = await inFolder(folder ?? (words[0] === "restore" ? writeTree({}) : undefined), () =>
    door(withJournal(words), io),
  );
  return { code, ...text };
}

async function inFolder<T>(folder: string | undefined, act: () => Promise<T>): Promise<T> {
  const before = process.cwd();
  if (folder !== undefined) process.chdir(folder);
  try {
    return await act();
  } finally {
    process.chdir(before);
  }
}

/** Journals of tests do not stay; those of restore are in a working folder of its own. */
function withJournal(words: readonly string[]): readonly string[] {
  if (words[0] !== "apply" || words.includes("--journal")) return words;
  return ["apply", "--journal", join(writeTree({}), "journal.jsonl"), ...words.slice(1)];
}

/** The environment with which the commands talk to a sandbox. */
export function environmentOf(sandbox: Sandbox): Readonly<Record<string, string>> {
  return {
    OSS_ENDPOINT: sandbox.url,
    OSS_ACCESS_KEY_ID: "sandbox",
    OSS_ACCESS_KEY_SECRET: "sandbox",
    CI: "true",
  };
}

/** A folder for one test, with these files in it. */
export function writeTree(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "oss-policy-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

export const accountFile = 'account: "1746495857600001"\nregion: cn-hangzhou\n';
