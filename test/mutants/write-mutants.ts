const exit = "run/exit.ts";
const journal = "apply/journal.ts";
const restore = "commands/restore/plan.ts";
const entries = "commands/restore/entries.ts";
const saved = "plan/saved-plan.ts";
const apply = "commands/apply.ts";
const stale = '  { kind: "stale", code: 4, words: "stale" },\n';
const blocked = '  { kind: "blocked", code: 3, words: "blocked by a guard" },\n';
const found = '  { kind: "found", code: 3, words: "found" },\n';
const changes = '  { kind: "changes", code: 2, words: "success with pending changes" },\n';

/** Wrong exit codes, journals, restores, saved plans and consents, each with the probe that sees it. */
export const writeMutants = [
  {
    name: "what is blocked hides what is stale",
    file: exit,
    from: stale + blocked,
    to: blocked + stale,
    probe: "the order of the exit codes",
  },
  {
    name: "pending changes hide what is blocked",
    file: exit,
    from: blocked + found + changes,
    to: changes + blocked + found,
    probe: "the order of the exit codes",
  },
  {
    name: "an error is exit code 0",
    file: exit,
    from: 'kind: "error", code: 1',
    to: 'kind: "error", code: 0',
    probe: "the order of the exit codes",
  },
  {
    name: "pending changes are always exit code 2",
    file: "commands/plan.ts",
    from: "return detailedExitcode && changes.some(isWriting)",
    to: "return (detailedExitcode || changes.length > 0) && changes.some(isWriting)",
    probe: "exit code 2 of plan",
  },
  {
    name: "a bucket that cannot be read is a success",
    file: "pipeline/write-reports.ts",
    from: "return unreadable.length + others > 0 ?",
    to: "return unreadable.length + others < 0 ?",
    probe: "a bucket that cannot be read",
  },
  {
    name: "restore asks no guardrail",
    file: "plan/hazards.ts",
    from: "[...ofChange, ...stateHazards(input)]",
    to: "[...ofChange]",
    probe: "restore under a guardrail",
  },
  {
    name: "a write that failed is a success",
    file: apply,
    from: '  failed: "error",',
    to: '  failed: "success",',
    probe: "a write that is refused",
  },
  {
    name: "a journal goes on behind half a line",
    file: journal,
    from: '    if (!isWhole) throw new Error("an earlier line could not be written");\n',
    to: "",
    probe: "a line behind half a line",
  },
  {
    name: "half a line counts as whole",
    file: journal,
    from: "    isWhole = false;\n",
    to: "",
    probe: "a line behind half a line",
  },
  {
    name: "a journal is written to a file that is there",
    file: journal,
    from: 'openSync(file, "ax", 0o600)',
    to: 'openSync(file, "a", 0o600)',
    probe: "a journal that is there",
  },
  {
    name: "others may read a journal",
    file: journal,
    from: 'openSync(file, "ax", 0o600)',
    to: 'openSync(file, "ax", 0o644)',
    probe: "who may read a journal",
  },
  {
    name: "a journal of any format is read",
    file: journal,
    from: "if (!/^1\\.\\d+$/.test(head.data.journal))",
    to: 'if (head.data.journal === "")',
    probe: "journals of other formats",
  },
  {
    name: "lines of a journal that cannot be read are passed over",
    file: journal,
    from: "    else broken.push(brokenLine(line, index + 2));\n",
    to: "",
    probe: "a journal with half a line",
  },
  {
    name: "restore writes a document, not the bytes",
    file: restore,
    from: "first.body === null ? change : { ...change, body: first.body }",
    to: "first.body === null ? change : { ...change, body: `${first.body} ` }",
    probe: "restore",
  },
  {
    name: "restore puts back the last write of a run",
    file: entries,
    from: "{ first: known?.first ?? entry,",
    to: "{ first: entry,",
    probe: "restore of a journal with several writes",
  },
  {
    name: "restore overwrites an edit of others",
    file: restore,
    from: "if (change.digests.live === last.digests.desired) return bytes;",
    to: 'if (last.digests.desired !== "") return bytes;',
    probe: "restore over an edit of others",
  },
  {
    name: "restore blocks nothing of an edit of others",
    file: restore,
    from: "return { ...bytes, blocked: true };",
    to: "return bytes;",
    probe: "restore over an edit of others",
  },
  {
    name: "a saved plan is of any file",
    file: saved,
    from: "if (desired !== change.digests.desired)",
    to: 'if (desired === "")',
    probe: "a saved plan of other files",
  },
  {
    name: "a saved plan is of any live policy",
    file: saved,
    from: "if (live !== change.digests.live) return",
    to: 'if (live === "") return',
    probe: "a saved plan of another live policy",
  },
  {
    name: "a bucket that the saved plan does not have is written",
    file: saved,
    from: "  if (saved?.digests === undefined) return",
    to: "  if (saved === undefined) return undefined;\n  if (saved.digests === undefined) return",
    probe: "a saved plan of more files",
  },
  {
    name: "a saved plan that was changed is taken",
    file: saved,
    from: "if (digest !== digestOf(document))",
    to: "if (digest === undefined)",
    probe: "a saved plan that was changed",
  },
  {
    name: "any answer but no writes",
    file: apply,
    from: 'answer?.trim() === "yes"',
    to: 'answer?.trim() !== "no"',
    probe: "answers of a user",
  },
  {
    name: "without a terminal it writes",
    file: apply,
    from: '  return "impossible";',
    to: '  return "yes";',
    probe: "answers of a user",
  },
  {
    name: "a bucket that is excluded is written",
    file: "run/selection.ts",
    from: " && !exclude.some(matches)",
    to: "",
    probe: "a bucket that is left out",
  },
  {
    name: "an --exclude that excludes nothing is no mistake",
    file: "run/selection.ts",
    from: "if (idle.length > 0)",
    to: "if (idle.length > 1)",
    probe: "a bucket that is left out",
  },
  {
    name: "a dry run writes",
    file: "commands/restore/index.ts",
    from: "if (options.dryRun) return showPlan",
    to: "if (options.dryRun && options.detailedExitcode) return showPlan",
    probe: "a dry run of restore",
  },
] as const;
