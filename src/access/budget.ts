/** The work budget ran out; the message says on what, in words for people. */
export class OverBudget extends Error {}

/**
 * Work that one analysis may take, counted in steps and never in time, so that the same input has the
 * same answer on every machine. One step is about the work of looking at one pattern in one state.
 */
export class Budget {
  #left: number;
  readonly #whole: Budget | undefined;

  constructor(steps: number, whole?: Budget) {
    this.#left = steps;
    this.#whole = whole;
  }

  get isSpent(): boolean {
    return this.#left <= 0;
  }

  /** Counts work before it is done. Throws OverBudget where none is left. */
  spend(steps: number, reason: () => string): void {
    this.#left -= steps;
    this.#whole?.spend(steps, reason);
    if (this.#left < 0) throw new OverBudget(reason());
  }

  /** Half of what is left, for a question after which others must still have their share. */
  half(): Budget {
    return new Budget(Math.floor(Math.max(0, this.#left) / 2), this);
  }
}

/** Every limit of the analysis, in one table. */
export const limits = {
  /** Steps for one question about one bucket, under all its interpretations together. */
  questionSteps: 16_000_000,
  /** Steps for all questions about one bucket of a plan, and for those of a whole run. */
  bucketSteps: 32_000_000,
  runSteps: 160_000_000,
  /** Each bucket has so many, however many buckets there are. */
  leastBucketSteps: 2_000_000,
  /** Steps for the access matrix of one report. */
  matrixSteps: 60_000_000,
  /** Steps for a hint that no user asked for. */
  hintSteps: 200_000,
  /** Steps to find the kinds of actions that the catalogue does not know. */
  unknownActionSteps: 2_000_000,
  /** Interpretations of one question: each open point at least doubles them. */
  interpretations: 64,
  /** Steps to find out whether one term of a description says anything. */
  describedSteps: 2_000_000,
  /** Parts of one description, and terms of one part. */
  describedPaths: 4_000,
  describedTerms: 500,
  /** Steps of expanding the parts of a description; after them parts are right, but not as large as they could be. */
  expandSteps: 400_000,
} as const;
