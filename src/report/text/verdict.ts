import { printable } from "../printable.ts";
import { levelTones, verdictAccount, type AccountVerdict, type Verdict } from "../verdict.ts";
import { paintTone } from "./access.ts";
import { type TextStyle } from "./style.ts";

/** Renders a verdict as one line, that of an account below its plan's. */
export function renderVerdict(verdict: Verdict | AccountVerdict, style: TextStyle): string {
  const text = paintTone(levelTones[verdict.level], verdict.text, style);
  return "account" in verdict
    ? `  account ${printable(verdictAccount(verdict))}: ${text}`
    : style.paint("bold", text);
}
