/** Error in the text of a file, with offsets. */
export interface YamlProblem {
  readonly message: string;
  readonly help?: string;
  readonly start: number;
  readonly end: number;
  readonly related?: readonly { readonly message: string; readonly start: number; readonly end: number }[];
}
