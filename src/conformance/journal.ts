import { createHash } from "node:crypto";
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { kill, pid } from "node:process";
import { errorCode } from "../system-error.ts";

/** What a run did to the bucket and must undo, as its journal has it. */
export interface RunRecord {
  readonly run: string;
  readonly bucket: string;
  readonly region: string;
  /** Process of the run. */
  readonly pid: number;
  /** Digests of the policies that it put. */
  readonly policies: ReadonlySet<string>;
  /** True if it switched Block Public Access on. */
  readonly hasBlocked: boolean;
}

/** Journal of a run: each line is on disk before what it says is done. */
export interface RunJournal {
  readonly file: string;
  readonly record: RunRecord;
  willPut(policy: Uint8Array): void;
  willBlock(): void;
  /** Everything is undone: the file goes. */
  end(): void;
}

export function digestOf(policy: Uint8Array): string {
  return createHash("sha256").update(policy).digest("hex");
}

/** Begins the journal of a run. Throws if the file exists or cannot be written. */
export function beginJournal(file: string, start: Pick<RunRecord, "run" | "bucket" | "region">): RunJournal {
  writeFileSync(file, `${JSON.stringify({ ...start, pid })}\n`, { flag: "wx", mode: 0o600 });
  return journalOf(file, { ...start, pid, policies: new Set(), hasBlocked: false });
}

function journalOf(file: string, start: RunRecord): RunJournal {
  const policies = new Set(start.policies);
  let { hasBlocked } = start;
  const add = (line: object) => appendFileSync(file, `${JSON.stringify(line)}\n`);
  return {
    file,
    get record() {
      return { ...start, policies, hasBlocked };
    },
    willPut: (policy) => {
      const digest = digestOf(policy);
      add({ policy: digest });
      policies.add(digest);
    },
    willBlock: () => {
      add({ block: true });
      hasBlocked = true;
    },
    end: () => rmSync(file, { force: true }),
  };
}

/** Journal that a run left, or what is wrong with it; undefined if there is none. */
export function leftJournal(file: string): RunJournal | { readonly problem: string } | undefined {
  if (!existsSync(file)) return undefined;
  const lines = readLines(file);
  const [first, ...rest] = lines;
  const { run, bucket, region, pid: process } = (first ?? {}) as Partial<RunRecord>;
  if (run === undefined || bucket === undefined || region === undefined || process === undefined) {
    // A run that is killed while it writes its first line has done nothing yet.
    if (lines.length === 0)
      return journalOf(file, {
        run: "",
        bucket: "",
        region: "",
        pid: 0,
        policies: new Set(),
        hasBlocked: false,
      });
    return { problem: `\`${file}\` is no journal of a conformance run` };
  }
  if (process !== pid && isRunning(process)) return { problem: `a run is going on (process ${process})` };
  const policies = rest.flatMap((line) => (typeof line["policy"] === "string" ? [line["policy"]] : []));
  const hasBlocked = rest.some((line) => line["block"] === true);
  return journalOf(file, { run, bucket, region, pid: process, policies: new Set(policies), hasBlocked });
}

/** Returns the lines; what was killed while it was written is left out. */
function readLines(file: string): readonly Readonly<Record<string, unknown>>[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .flatMap((line) => {
      try {
        const value: unknown = JSON.parse(line);
        return typeof value === "object" && value !== null ? [value as Record<string, unknown>] : [];
      } catch {
        return [];
      }
    });
}

function isRunning(process: number): boolean {
  try {
    kill(process, 0);
    return true;
  } catch (error) {
    return errorCode(error) === "EPERM";
  }
}
