import type { Outcome } from "../../apply/outcome.ts";
import { refusal, type Diagnostic } from "../../diagnostic.ts";
import type { Plan } from "../../plan/plan.ts";
import { plainText } from "../../report/text/style.ts";
import { exitCodeOf, failure, success, type Ending } from "../../run/exit.ts";
import type { Io } from "../../run/io.ts";
import type { Options } from "../../run/options.ts";
import type { Output } from "../../run/output.ts";
import type { Run } from "../../run/run.ts";
import type { Stop } from "../../run/stop.ts";
import { bugText } from "../../system-error.ts";
import { reconcileOnce } from "../apply.ts";

/** Result of one reconcile. */
export interface Reconciled {
  /** Absent where none could be made. */
  readonly plan?: Plan;
  /** UIDs of the accounts that it covered; empty without a plan. */
  readonly accounts: readonly string[];
  readonly outcomes: readonly Outcome[];
  /** Reasons for the exit code that a single run would have. */
  readonly endings: readonly Ending[];
  readonly findings: readonly Diagnostic[];
  readonly notes: readonly string[];
}

/**
 * Reconciles once, and keeps what it reports. Never throws: a service outlives what a run would end with, such as a
 * working directory that is removed.
 */
export async function reconcile(
  options: Options,
  io: Io,
  { stop, onCall }: { readonly stop: Stop; readonly onCall: Run["onCall"] },
): Promise<Reconciled> {
  const { out, findings, notes } = recordedOutput();
  const today = io.wallTime().toISOString().slice(0, 10);
  const reconciling: Io = { ...io, today, stdout: out.note, stderr: out.note };
  const failed = { accounts: [], outcomes: [], endings: [failure("no plan was made")], findings, notes };
  try {
    const made = await reconcileOnce({ options, io: reconciling, out, onCall }, stop);
    if (made === undefined) return failed;
    return { ...made, accounts: made.accounts.map(({ uid }) => uid), findings, notes };
  } catch (error) {
    findings.push(refusal("watch", `the reconcile ended early: ${bugText(error)}`));
    return failed;
  }
}

/** Output that is kept, for a log that shows only what is new. */
function recordedOutput(): {
  readonly out: Output;
  readonly findings: Diagnostic[];
  readonly notes: string[];
} {
  const findings: Diagnostic[] = [];
  const notes: string[] = [];
  const keep = (found: readonly Diagnostic[]) => {
    findings.push(...found);
  };
  const nothing = () => undefined;
  const out: Output = {
    style: plainText,
    result: nothing,
    note: (text) => {
      notes.push(text.trim());
    },
    diagnostics: keep,
    findings: keep,
    report: () => success,
    progress: () => nothing,
    end: (...endings) => exitCodeOf(endings),
  };
  return { out, findings, notes };
}
