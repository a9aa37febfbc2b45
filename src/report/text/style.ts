import { styleText } from "node:util";

export type Style = "red" | "green" | "yellow" | "dim" | "bold";

/** How a text report is to look: colour adds to the symbols and words, it never carries a meaning alone. */
export interface TextStyle {
  readonly paint: (style: Style, text: string) => string;
}

export const plainText: TextStyle = { paint: (_, text) => text };
export const colouredText: TextStyle = { paint: (style, text) => styleText(style, text) };
