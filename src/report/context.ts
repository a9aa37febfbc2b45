import type { Outcome } from "../apply/outcome.ts";

/** Facts about a run that its reports show beside the plan. */
export interface ReportContext {
  /** The version of this tool. */
  readonly version: string;
  /** The folder of the policy files. */
  readonly policies: string;
  /** Scope of the run: the folder, and the options that select a part of it. */
  readonly scope: string;
  /** Address of the page of the run, made by this tool. */
  readonly link?: string | undefined;
  /** The run stopped before it compared anything: an empty plan does not mean that nothing is to be done. */
  readonly isErrored: boolean;
  /** Results of apply, if it ran. */
  readonly outcomes?: readonly Outcome[];
}
