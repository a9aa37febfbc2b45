import type { Outcome } from "../apply/outcome.ts";

/** Facts about a run that its reports show beside the plan. */
export interface ReportContext {
  /** The version of this tool. */
  readonly version: string;
  /** The folder of the policy files. */
  readonly policies: string;
  /** What the run is about: the folder, and the options that select a part of it. */
  readonly scope: string;
  /** Address of the page of the run, made by this tool. */
  readonly link?: string | undefined;
  /** The run stopped before anything could be compared: no changes does not mean nothing to do. */
  readonly isErrored: boolean;
  /** Results of apply, where it ran. */
  readonly outcomes?: readonly Outcome[];
}
