/** How alarming a line is. Colour follows it, and never says more than the words beside it. */
export type Tone = "bad" | "watch" | "neutral" | "good";
