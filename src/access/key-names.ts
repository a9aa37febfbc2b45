import { rememberedBy } from "../policy/remembered.ts";
import type { TextField, TextGroup } from "./fields.ts";
import { textClasses } from "./texts.ts";
import type { Term } from "./set-names.ts";
import { Budget, limits, OverBudget } from "./budget.ts";
import { askedOf, wordKey, wordsOf, type Word } from "./group-words.ts";

/** Whether a text meets each question; undefined where it does not matter. */
type Answers = readonly (boolean | undefined)[];

type Draft = Term<Word>;

/**
 * The texts that answer the questions of a field in one of these ways, in the patterns of the
 * questions: exactly those, and without a word that makes no difference.
 */
export function termsOfTexts(
  field: TextField,
  questions: readonly TextGroup[],
  truths: readonly (readonly boolean[])[],
  budget: Budget,
): readonly Term<Word>[] {
  const exists: Exists = (all, none) => {
    const { answer, steps } = someText(field, all, none);
    // A known answer costs as much as a new one, so that no answer depends on earlier ones.
    budget.spend(steps, () => `the patterns of ${field.name} are too much to describe`);
    return answer;
  };
  const words = questions.map(wordsOf);
  const drafts = joinedAnswers(truths, budget).flatMap((answers) => draftsOf(exists, words, answers));
  budget.spend(drafts.length * drafts.length, () => "the difference has too many parts to describe");
  const kept = drafts.filter(
    (draft, index) =>
      !drafts.some((other, at) => at !== index && isCovered(exists, draft, other, at < index)),
  );
  return kept;
}

/** Two that differ in one answer only are one, for which that does not matter. */
function joinedAnswers(truths: readonly (readonly boolean[])[], budget: Budget): readonly Answers[] {
  const marks = (answers: Answers) => answers.map((one) => (one === undefined ? "-" : Number(one))).join("");
  let open = new Map<string, Answers>(truths.map((truth) => [marks(truth), truth]));
  const done: Answers[] = [];
  while (open.size > 0) {
    const width = truths[0]?.length ?? 0;
    budget.spend(open.size * width * width, () => "the difference has too many parts to describe");
    const joined = new Map<string, Answers>();
    for (const answers of open.values()) {
      const wider = answers.flatMap((one, at) => {
        if (one === undefined || !open.has(marks(answers.with(at, !one)))) return [];
        return [answers.with(at, undefined)];
      });
      for (const one of wider) joined.set(marks(one), one);
      if (wider.length === 0) done.push(answers);
    }
    if (joined.size > limits.describedTerms)
      throw new OverBudget("the difference has too many parts to describe");
    open = joined;
  }
  return needed(done, truths);
}

/** Without those that only say what others say, the narrowest first. */
function needed(all: readonly Answers[], truths: readonly (readonly boolean[])[]): readonly Answers[] {
  const covers = (answers: Answers, truth: readonly boolean[]) =>
    answers.every((one, at) => one === undefined || one === truth[at]);
  let kept = all;
  for (const answers of all) {
    const others = kept.filter((one) => one !== answers);
    const isNeeded = truths.some(
      (truth) => covers(answers, truth) && !others.some((other) => covers(other, truth)),
    );
    if (!isNeeded) kept = others;
  }
  return kept;
}

/** One pattern of each question that must be met, without all patterns of those that must not. */
function draftsOf(exists: Exists, words: readonly (readonly Word[])[], answers: Answers): readonly Draft[] {
  const without = words.flatMap((some, at) => (answers[at] === false ? some : []));
  let drafts: readonly (readonly Word[])[] = [[]];
  for (const some of words.filter((_, at) => answers[at] === true)) {
    drafts = drafts.flatMap((all) => some.map((word) => [...all, word]).filter((wider) => exists(wider, [])));
    if (drafts.length > limits.describedTerms)
      throw new OverBudget("the difference has too many parts to describe");
  }
  return drafts.flatMap((all) => {
    const narrowest = withoutThose(all, (word, other) => isWithin(exists, other, word));
    const felt = without.filter((word) => exists([...narrowest, word], []));
    const except = withoutThose(felt, (word, other) => isWithin(exists, word, other));
    return except.length === 0 || exists(narrowest, except) ? [{ all: narrowest, except }] : [];
  });
}

/** The words that none of the others makes idle; of two that make each other idle the first stays. */
function withoutThose(
  words: readonly Word[],
  isIdleBeside: (word: Word, other: Word) => boolean,
): readonly Word[] {
  return words.filter(
    (word, at) =>
      !words.some(
        (other, place) =>
          place !== at && isIdleBeside(word, other) && (place < at || !isIdleBeside(other, word)),
      ),
  );
}

/** Whether a term says nothing that another does not say; of two that say the same the first stays. */
function isCovered(exists: Exists, draft: Draft, other: Draft, isFirst: boolean): boolean {
  const says = (one: Draft, also: Draft) =>
    one.except.length === 0 &&
    one.all.every((word) => also.all.some((narrower) => isWithin(exists, narrower, word)));
  return says(other, draft) && (isFirst || !says(draft, other));
}

function isWithin(exists: Exists, word: Word, other: Word): boolean {
  return wordKey(word) === wordKey(other) || !exists([word], [other]);
}

const mostAnswers = 20_000;

type Exists = (all: readonly Word[], none: readonly Word[]) => boolean;

/** Whether some text of the field matches all of some patterns and none of others, and the work that it took. */
const someText = rememberedBy(
  ({ name }: TextField, all: readonly Word[], none: readonly Word[]) =>
    [name, ...all.map(wordKey), "", ...none.map(wordKey)].join("\n"),
  ({ name, language }, all, none): { readonly answer: boolean; readonly steps: number } => {
    const budget = new Budget(limits.describedSteps);
    let spent = 0;
    const kinds = textClasses({
      language,
      groups: [...askedOf(all), ...askedOf(none).map((asked) => ({ ...asked, question: all.length }))],
      isSettled: (known) => known.some((truth, at) => truth === (at === all.length)),
      spend: (steps) => {
        spent += steps;
        budget.spend(steps, () => `the patterns of ${name} are too much to describe`);
      },
    });
    return {
      answer: kinds.some(({ truth }) => truth.every((one, at) => one === at < all.length)),
      steps: spent,
    };
  },
  mostAnswers,
);
