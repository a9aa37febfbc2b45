import { styleText } from "node:util";

export type Style = "red" | "green" | "yellow" | "dim" | "bold";

/** Look of a text report. Colour only adds to symbols and words, and never carries a meaning alone. */
export interface TextStyle {
  readonly paint: (style: Style, text: string) => string;
}

export const plainText: TextStyle = { paint: (_, text) => text };
export const colouredText: TextStyle = { paint: (style, text) => styleText(style, text) };
