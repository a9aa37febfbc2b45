/** Error of an exceeded budget. The message says what was too much, for people. */
export class OverBudget extends Error {}

/** Message where a description would take too long. */
export const tooManyParts = () => "the difference has too many parts to describe";

/**
 * Budget of one analysis, in steps and never in time: the same input has the same answer on every
 * machine. One step is about the work for one pattern in one state.
 */
export class Budget {
  #left: number;
  #isExceeded = false;
  readonly #whole: Budget | undefined;

  constructor(steps: number, whole?: Budget) {
    this.#left = steps;
    this.#whole = whole;
  }

  get isSpent(): boolean {
    return this.left <= 0;
  }

  /** True if work was refused. If not, a larger budget has the same results. */
  get isExceeded(): boolean {
    return this.#isExceeded;
  }

  /** Steps that can be spent. */
  get left(): number {
    return Math.min(this.#left, this.#whole?.left ?? Infinity);
  }

  /** Steps left here and in each budget that this one is a part of. With equal states, the same work has the same result. */
  get state(): string {
    return this.#whole === undefined ? String(this.#left) : `${this.#left} ${this.#whole.state}`;
  }

  /** Counts work before it is done. Throws OverBudget if none is left. */
  spend(steps: number, reason: () => string): void {
    this.#left -= steps;
    this.#whole?.spend(steps, reason);
    if (this.#left >= 0) return;
    this.#exceed();
    throw new OverBudget(reason());
  }

  /** Counts work that was done before, which never throws. */
  count(steps: number): void {
    this.#left -= steps;
    if (this.#whole !== undefined) this.#whole.count(steps);
    if (this.#left < 0) this.#exceed();
  }

  #exceed(): void {
    this.#isExceeded = true;
    if (this.#whole !== undefined) this.#whole.#exceed();
  }

  /** Returns a budget of a part of the remaining steps, from 0 to 1, so that later queries keep a share. */
  part(share: number): Budget {
    return new Budget(Math.floor(Math.max(0, this.#left) * share), this);
  }
}

/**
 * Memoizes work that takes steps, by a key. A known answer costs as much as a new one, so that no answer depends on
 * earlier ones. The cache is cleared when it holds `most` answers.
 */
export function memoizeSteps<Given, T>(
  keyOf: (given: Given) => string,
  make: (given: Given, budget: Budget) => T,
  reason: () => string,
  most: number,
): (given: Given, budget: Budget) => T {
  const answers = new Map<string, { readonly answer: T; readonly steps: number }>();
  return (given, budget) => {
    const key = keyOf(given);
    const known = answers.get(key);
    if (known !== undefined) {
      budget.spend(known.steps, reason);
      return known.answer;
    }
    const { left } = budget;
    const answer = make(given, budget);
    if (answers.size >= most) answers.clear();
    answers.set(key, { answer, steps: left - budget.left });
    return answer;
  };
}

/** Limits of the analysis. */
export const limits = {
  /** Steps for one query on one bucket, under all its interpretations together. */
  questionSteps: 5_000_000,
  /** Steps for all queries on one bucket of a plan, and for all queries of a run. */
  bucketSteps: 8_000_000,
  runSteps: 160_000_000,
  /** Steps that each bucket has at least, however many buckets there are. */
  leastBucketSteps: 2_000_000,
  /** Steps for the access matrix of one report, and for each bucket in it. */
  matrixSteps: 60_000_000,
  matrixBucketSteps: 4_000_000,
  /** Steps for an unrequested hint, and for all of them on one policy. */
  hintSteps: 200_000,
  policyHintSteps: 2_000_000,
  /** Steps to find the classes of actions outside the catalogue. */
  unknownActionSteps: 2_000_000,
  /** Interpretations of one query; each open question at least doubles them. */
  interpretations: 64,
  /** Steps to check that a term of a description matches some text. */
  describedSteps: 2_000_000,
  /** Parts of one description, and terms of one part. */
  describedPaths: 4_000,
  describedTerms: 500,
  /** Conditions in all parts of one description: they are what a report prints. */
  describedConditions: 10_000,
  /** Steps to expand the boxes of a description. Beyond them boxes are still correct, but not maximal. */
  expandSteps: 400_000,
} as const;
