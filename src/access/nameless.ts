import { memoizeWithin } from "../memoize.ts";
import type { Bucket } from "../policy/bucket.ts";
import type { Policy, Statement } from "../policy/policy.ts";
import type { Budget } from "./budget.ts";

/** Stands for the name of the bucket. No resource that OSS documents has it. */
const itself = "\u0000";

/**
 * Returns a text that is the same for two buckets of one owner only if the policies decide the same about both: those
 * that differ in nothing but the bucket's own name. An answer that says objects by their keys is then the same, too.
 */
export function namelessText(policies: readonly (Policy | "none")[], bucket: Bucket): string {
  const { name, owner, observed } = bucket;
  const texts = policies.map((policy) => (policy === "none" ? none : textOf(policy, bucket)));
  const isBound = texts.some((one) => one.isBound);
  // JSON has no line break of its own, so the lines are told apart.
  return [
    JSON.stringify([owner, [...(observed ?? [])]]),
    isBound ? name : itself,
    ...texts.map(({ text }) => text),
  ].join("\n");
}

interface NamelessPolicy {
  readonly text: string;
  /** True if the meaning of the text depends on the name. */
  readonly isBound: boolean;
}

const none: NamelessPolicy = { text: "none", isBound: false };

/** The policies of a few buckets. */
const maxPolicies = 20;

/** Memoized, since several questions are about the same policies. */
const textOf = memoizeWithin(
  ({ name }: Bucket) => name,
  (policy: Policy, { name }): NamelessPolicy => ({
    text: JSON.stringify({ ...policy, statements: policy.statements.map((one) => withoutName(one, name)) }),
    isBound: policy.statements.some(({ resource }) =>
      (resource ?? []).some((word) => isAboutOthers(word, name)),
    ),
  }),
  maxPolicies,
);

function withoutName(statement: Statement, name: string): Statement {
  const resource = statement.resource?.map((word) => {
    const [, head = "", itsName, rest = ""] = segments.exec(word) ?? [];
    return itsName === name ? `${head}${itself}${rest}` : word;
  });
  return { ...statement, resource: resource ?? null };
}

/** Returns true for a resource that may match one bucket and not another: a pattern but `*`, or another name. */
function isAboutOthers(word: string, name: string): boolean {
  return word !== "*" && !["*", name].includes(segments.exec(word)?.[2] ?? "");
}

const segments = /^(acs:oss:[^:]*:[^:]*:)([^/]*)(\/.*)?$/s;

/** Question about policies of a bucket. */
interface PolicyQuestion {
  readonly policies: readonly (Policy | "none")[];
  readonly bucket: Bucket;
  /** What is asked, beside the policies. */
  readonly kind: string;
}

/** Answers that are kept for one kind of question. */
const maxAnswers = 200;

/**
 * Returns a function that decides a question once for all buckets that differ in nothing but their name, since one
 * change is often made to many. `isDecided` is false for an answer that more steps could change: it is kept for
 * questions with the same steps, unless its text names the bucket.
 */
export function decidedOnce<T>(
  isDecided: (answer: T) => boolean,
): (question: PolicyQuestion, budget: Budget, decide: () => T) => T {
  const known = new Map<string, { readonly answer: T; readonly steps: number }>();
  return ({ policies, bucket, kind }, budget, decide) => {
    const { left, state } = budget;
    const question = `${kind} ${namelessText(policies, bucket)}`;
    const decided = known.get(question);
    const found =
      decided !== undefined && decided.steps <= left ? decided : known.get(`${state} ${question}`);
    if (found !== undefined) {
      // The same steps are counted, so that no later answer depends on what was decided before.
      budget.count(found.steps);
      return found.answer;
    }
    const answer = decide();
    const isFinal = isDecided(answer) && budget.left >= 0;
    if (!isFinal && JSON.stringify(answer).includes(bucket.name)) return answer;
    if (known.size >= maxAnswers) known.clear();
    known.set(isFinal ? question : `${state} ${question}`, { answer, steps: left - budget.left });
    return answer;
  };
}
