/** New source text between two offsets. */
export interface SourceEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Error in the text of a file, with offsets. */
export interface YamlProblem {
  readonly message: string;
  readonly help?: string;
  readonly start: number;
  readonly end: number;
  /** Correction, only if one is certain. */
  readonly edits?: readonly SourceEdit[];
  readonly related?: readonly { readonly message: string; readonly start: number; readonly end: number }[];
}
