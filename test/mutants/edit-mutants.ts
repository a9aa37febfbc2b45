const prove = "edit/prove.ts";

/** Edits by intent without one of their proofs, each with the probe that sees it. */
export const editMutants = [
  {
    name: "what else an edit takes away is not looked at",
    file: prove,
    from: '  if (others.kind !== "exact") return others;\n',
    to: "",
    probe: "a part of a statement that no list can express",
  },
  {
    name: "what is still allowed is not looked at",
    file: prove,
    from: 'if (left.kind === "broken")\n    return {',
    to: 'if (left.kind === "broken")\n    return { kind: "exact" };\n  if (left.kind === "broken")\n    return {',
    probe: "a principal that is covered by everyone",
  },
  {
    name: "what an added statement gives is not looked at",
    file: prove,
    from: 'if (difference.verdict === "different") return { kind: "more", difference };',
    to: 'if (difference.verdict === "different") return { kind: "exact" };',
    probe: "a grant",
  },
  {
    name: "a Deny is removed like an Allow",
    file: "edit/removal.ts",
    from: 'if (meaningOf(statement).effect !== "Allow") return [];',
    to: "if (meaningOf(statement).effect === null) return [];",
    probe: "a principal that is allowed and denied",
  },
  {
    name: "the last principal leaves an empty list, which is everyone",
    file: "edit/removal.ts",
    from: "if (principals.kept.length > 0)",
    to: "if (principals.kept.length >= 0)",
    probe: "a statement of the principal alone",
  },
  {
    name: "what an edit does to other buckets is not looked at",
    file: "edit/edit-tree.ts",
    from: "const problem = isTarget ? problemIn(before, now, intent) : collateral(before, now, intent);",
    to: "const problem = isTarget ? problemIn(before, now, intent) : undefined;",
    probe: "a statement set of two buckets",
  },
  {
    name: "the errors that an edit brings are not looked at",
    file: "commands/edit/run-edit.ts",
    from: "if (errors.length > 0) {",
    to: "if (errors.length < 0) {",
    probe: "a grant that a guardrail forbids",
  },
  {
    name: "a Deny over all of a grant is no reason to refuse it",
    file: "edit/plan-additions.ts",
    from: "return found?.isWhole === true ? [found.finding] : [];",
    to: "return found?.isWhole === true ? [] : [];",
    probe: "a grant that a Deny overrides",
  },
  {
    name: "--dry-run writes",
    file: "commands/edit/run-edit.ts",
    from: "isDone || options.dryRun ? undefined : writeFiles(edit.files)",
    to: "isDone ? undefined : writeFiles(edit.files)",
    probe: "a dry run",
  },
] as const;
