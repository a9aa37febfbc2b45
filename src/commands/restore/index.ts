import { errorCode } from "../../system-error.ts";
import { isFailed } from "../../result.ts";
import { readFileSync } from "node:fs";
import { parseJournal } from "../../apply/journal.ts";
import { hasErrors, refusal, type Diagnostic } from "../../diagnostic.ts";
import type { Io } from "../../run/io.ts";
import { makePlan } from "../../pipeline/plan.ts";
import type { Options } from "../../run/options.ts";
import { noteExcluded, type SelectionOptions } from "../../run/selection.ts";
import { startRun } from "../../run/run.ts";
import { notStarted, stop, type Prepared } from "../../pipeline/prepare.ts";
import { checksOn } from "../../pipeline/bucket-checks.ts";
import { readDesired } from "../../pipeline/read-desired.ts";
import { openSession } from "../../pipeline/session.ts";
import { carryOut } from "../apply.ts";
import { showPlan } from "../plan.ts";
import { brokenLines } from "./entries.ts";
import { nothingToRestore, policiesBefore, withBytes, type Restorable } from "./plan.ts";

/**
 * Puts back the policies that a run of apply overwrote, by its journal. They are planned, shown, gated,
 * journaled and written as any change; a policy that someone changed since is not overwritten.
 */
export async function restore(options: Options, io: Io): Promise<number> {
  const run = startRun(options, io);
  const { out } = run;
  const read = readRestorable(options);
  if (hasErrors(read.diagnostics)) {
    await stop(read.diagnostics, new Map(), run);
    return out.end(notStarted);
  }
  out.diagnostics(read.diagnostics);
  noteExcluded(read.restorable, out);
  const { accounts, buckets, managed, desired, sources } = read.restorable;
  const opened = await openSession(accounts, buckets, run, options.dryRun ? "plan" : "apply");
  if (isFailed(opened)) {
    await stop(opened.problems, sources, run);
    return out.end(notStarted);
  }
  const prepared: Prepared = {
    desired,
    accounts,
    buckets,
    matched: buckets,
    managed,
    sources,
    diagnostics: [],
    checks: checksOn(desired.buckets, "rules"),
    session: opened,
  };
  const { journal = "", ...others } = options;
  const made = withBytes(await makePlan(prepared, run), read.restorable, journal);
  if (options.dryRun) return showPlan(made, prepared, run);
  // This run has a new journal; the restored one is never written to.
  return carryOut(made, prepared, { ...run, options: others });
}

interface ReadRestorable {
  readonly restorable: Restorable;
  readonly diagnostics: readonly Diagnostic[];
}

function readRestorable(options: SelectionOptions & Pick<Options, "journal" | "policies">): ReadRestorable {
  const refused = (message: string, help: string): ReadRestorable => ({
    restorable: nothingToRestore,
    diagnostics: [refusal("journal", message, help)],
  });
  const { journal: file } = options;
  if (file === undefined) return refused("restore needs a journal", "name it: `restore --journal FILE`");
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    return refused(
      `the journal \`${file}\` cannot be read (${errorCode(error)})`,
      "name the file that apply wrote",
    );
  }
  const parsed = parseJournal(text);
  if ("problem" in parsed) return refused(`\`${file}\`: ${parsed.problem}`, parsed.help);
  const found = policiesBefore(parsed, readDesired(options.policies), options, file);
  const broken = brokenLines(parsed.broken, file);
  return { restorable: found.restorable, diagnostics: [...broken, ...found.problems] };
}
