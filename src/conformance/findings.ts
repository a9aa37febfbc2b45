import { openQuestions, type OpenQuestion } from "../policy/open-questions.ts";
import type { CaseResult, ConformanceCase } from "./case.ts";

/** Case with its result. */
export interface CaseFinding {
  readonly one: ConformanceCase;
  readonly result: CaseResult;
}

/** What a run says of an open question: its position, or why it stays open. */
export type QuestionFinding = { readonly position: string } | { readonly unsettled: string };

/** Returns what the cases together say of each open question. One position must be all that they show. */
export function questionFindings(
  findings: readonly CaseFinding[],
): readonly (readonly [OpenQuestion, QuestionFinding])[] {
  return (Object.keys(openQuestions) as OpenQuestion[]).map((name) => [
    name,
    findingOn(findings.filter(({ one }) => one.settles === name)),
  ]);
}

function findingOn(findings: readonly CaseFinding[]): QuestionFinding {
  const shown = new Set(
    findings.flatMap(({ result }) => (result.kind === "observed" ? (result.position ?? []) : [])),
  );
  const [position, ...others] = shown;
  if (position !== undefined && others.length === 0) return { position };
  if (position !== undefined)
    return { unsettled: `the cases contradict each other: ${[...shown].join(", ")}` };
  const reasons = findings.map(({ one, result }) => `${one.id}: ${reasonText(result)}`);
  return { unsettled: reasons.length === 0 ? "no case was run" : reasons.join("; ") };
}

function reasonText(result: CaseResult): string {
  return result.kind === "observed" ? result.meaning : result.reason;
}

/** Facts of a run that its file begins with. */
export interface RunFacts {
  readonly date: string;
  readonly region: string;
  readonly account: string;
  readonly bucket: string;
  /** `OSS`, or the address that was called in its place. */
  readonly endpoint: string;
  readonly tool: string;
}

/** Renders the file that `interpretations` of account.yaml names. */
export function renderInterpretations(facts: RunFacts, findings: readonly CaseFinding[]): string {
  const questions = questionFindings(findings);
  const observed = questions.flatMap(([name, found]) =>
    "position" in found ? [[name, found.position]] : [],
  );
  const open = questions.flatMap(([name, found]) => ("unsettled" in found ? [[name, found.unsettled]] : []));
  const cases = findings.map(({ one, result }) => [one.id, caseText(result)]);
  const head = [["version", "1"], ...Object.entries(facts)];
  return [
    "# Written by `oss-policy conformance`: what OSS did where its documentation leaves a question open.",
    ...head.map(([name, value]) => `${name ?? ""}: ${quoted(value)}`),
    ...mapLines("observed", observed),
    ...mapLines("unsettled", open),
    ...mapLines("cases", cases),
    "",
  ].join("\n");
}

/** Text of a result, such as `refused (403 AccessDenied): letter case counts`. */
export function caseText(result: CaseResult): string {
  if (result.kind !== "observed") return `${result.kind}: ${result.reason}`;
  return `${result.observation}${result.detail === "" ? "" : ` (${result.detail})`}: ${result.meaning}`;
}

function mapLines(name: string, entries: readonly (readonly (string | undefined)[])[]): readonly string[] {
  if (entries.length === 0) return [`${name}: {}`];
  return [`${name}:`, ...entries.map(([key, value]) => `  ${key ?? ""}: ${quoted(value)}`)];
}

/** JSON strings are YAML strings. */
function quoted(text = ""): string {
  return JSON.stringify(text);
}
