import { printable } from "../../src/report/printable.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { runs } from "../support/runs.ts";

/** How GitHub's runner finds a command in a line: at its start behind blanks, or `##[` anywhere. */
function isCommand(line: string): boolean {
  const text = line.trimStart();
  return (text.startsWith("::") && text.indexOf("::", 2) > 0) || line.includes("##[");
}

describe("text from outside is no command to the runner of a pipeline", () => {
  test.each([
    ["::error::all is well", "\\u{3a}:error::all is well"],
    ["  ::set-output name=a::b", "  \\u{3a}:set-output name=a::b"],
    ["x ##[error]y", "x ##\\u{5b}error]y"],
    ["##[group]a##[endgroup]", "##\\u{5b}group]a##\\u{5b}endgroup]"],
  ])("%s", (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  test("however it is spelled, and behind any blanks", () => {
    const piece = fc.constantFrom(
      "::",
      ":",
      "##[",
      "#",
      "[",
      "error",
      " ",
      "\t",
      "\n",
      "]",
      "a",
      "\u00a0",
      "\ufeff",
    );
    const law = fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const line = `      ${printable(pieces.join(""))}`;
      expect(isCommand(line), line).toBe(false);
    });
    fc.assert(law, { numRuns: runs(2_000) });
  });

  test("and addresses of IPv6 stay as they are", () => {
    for (const address of ["::1", "::/0", "::ffff:10.0.0.1/128", "2001:db8::/32"])
      expect(printable(address)).toBe(address);
  });
});
