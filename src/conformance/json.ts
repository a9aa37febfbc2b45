import type { JsonObject } from "../policy/json.ts";
import { questionFindings, type CaseFinding, type RunFacts } from "./findings.ts";

/** Returns a run as JSON: each open question with its position, and each case with its result. */
export function findingsJson(facts: RunFacts, findings: readonly CaseFinding[]): JsonObject {
  return {
    version: "1",
    ...facts,
    questions: Object.fromEntries(questionFindings(findings).map(([name, found]) => [name, { ...found }])),
    cases: findings.map(({ one, result }) => {
      const { id, question, facts: known, settles } = one;
      return {
        id,
        question,
        facts: known,
        ...(settles === undefined ? {} : { settles }),
        result: { ...result },
      };
    }),
  };
}
