import fc from "fast-check";
import { expect, test } from "vitest";
import { editFile } from "../../src/edit/edited-file.ts";
import type { FileEdit } from "../../src/edit/file-edit.ts";
import { runs } from "../support/runs.ts";

/** How a list is written. */
interface Layout {
  readonly style: "dashes" | "lines" | "line";
  readonly indent: number;
  readonly hasLastComma: boolean;
  readonly commented: readonly boolean[];
  readonly isLineAbove: boolean;
  readonly eol: "\n" | "\r\n";
}

const layout: fc.Arbitrary<Layout> = fc.record({
  style: fc.constantFrom("dashes", "lines", "line"),
  indent: fc.integer({ min: 6, max: 10 }),
  hasLastComma: fc.boolean(),
  commented: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
  isLineAbove: fc.boolean(),
  eol: fc.constantFrom("\n", "\r\n"),
});

/** Lines of a list of principals, whose comments name the principal that they are about. */
function listLines(words: readonly string[], one: Layout): readonly string[] {
  // YAML wants lines in brackets deeper than their key.
  const blanks = " ".repeat(one.style === "lines" ? one.indent + 2 : one.indent);
  const comment = (word: string, at: number) => (one.commented[at] === true ? ` # ${word}` : "");
  const above = one.isLineAbove ? [`${blanks}# the callers`] : [];
  if (one.style === "line")
    return [
      `      Principal: [${words.map((word) => `"${word}"`).join(", ")}${one.hasLastComma ? "," : ""}] # all`,
    ];
  if (one.style === "dashes")
    return [
      "      Principal:",
      ...above,
      ...words.map((word, at) => `${blanks}- "${word}"${comment(word, at)}`),
    ];
  const last = words.length - 1;
  const items = words.map(
    (word, at) => `${blanks}"${word}"${at < last || one.hasLastComma ? "," : ""}${comment(word, at)}`,
  );
  return ["      Principal: [", ...above, ...items, "        ]"];
}

function fileText(words: readonly string[], one: Layout): string {
  const head = ["# top", "bucket: logs", "policy:", '  Version: "1"', "  Statement:", "    - Effect: Allow"];
  const rest = ["      Action: [x] # what", "      # why", "      Resource: [y]", "# end", ""];
  return [...head, ...listLines(words, one), ...rest].join(one.eol);
}

/** The layout without the comment of the member at an index. */
const without = (one: Layout, index: number): Layout => ({
  ...one,
  commented: one.commented.toSpliced(index, 1),
});

test("a member that is removed leaves the text that has never had it", () => {
  fc.assert(
    fc.property(layout, fc.integer({ min: 2, max: 4 }), fc.nat(3), (one, count, chosen) => {
      const words = ["a", "b", "c", "d"].slice(0, count);
      const member = chosen % count;
      const edit: FileEdit = { kind: "remove member", statement: 0, field: "Principal", member };
      const edited = editFile({ path: "logs.yaml", text: fileText(words, one) }, [edit]);
      expect(edited?.after).toBe(fileText(words.toSpliced(member, 1), without(one, member)));
    }),
    { numRuns: runs(300) },
  );
});

test("a member that is added leaves the text that has always had it", () => {
  fc.assert(
    fc.property(layout, fc.integer({ min: 1, max: 3 }), (one, count) => {
      const words = ["a", "b", "c", "d"].slice(0, count);
      const bare = { ...one, commented: one.commented.with(count, false) };
      const edit: FileEdit = { kind: "add member", statement: 0, field: "Principal", text: "new" };
      const edited = editFile({ path: "logs.yaml", text: fileText(words, bare) }, [edit]);
      expect(edited?.after).toBe(fileText([...words, "new"], bare));
    }),
    { numRuns: runs(300) },
  );
});

test("a statement that is added and removed again leaves the text as it was", () => {
  fc.assert(
    fc.property(layout, fc.boolean(), (one, isBare) => {
      const whole = fileText(["a", "b"], one);
      const text = isBare ? whole.trimEnd() : whole;
      const content = { Effect: "Allow", Principal: ["new"], Action: ["x"], Resource: ["y"] };
      const edits: readonly FileEdit[] = [
        { kind: "insert statement", behind: 0, content },
        { kind: "remove statement", statement: 1 },
      ];
      expect(editFile({ path: "logs.yaml", text }, edits)?.after).toBe(text);
    }),
    { numRuns: runs(100) },
  );
});
