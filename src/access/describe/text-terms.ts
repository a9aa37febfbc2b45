/** Quine-McCluskey: prime implicants of the answers to pattern queries, as an irredundant cover of patterns. */

import { memoizeBy } from "../../memoize.ts";
import type { TextField, TextGroup } from "../engine/fields.ts";
import { objectKey } from "../text/language.ts";
import { textClasses } from "../text/text-classes.ts";
import type { Term } from "./set-cover.ts";
import { Budget, limits, OverBudget, tooManyParts } from "../budget.ts";
import { queriesOf, wordKey, wordsMayMeet, wordsOf, type PatternWord } from "./pattern-words.ts";
import { someKeyByGuess } from "./guess-key.ts";

/** Answers to the queries; undefined is "don't care". */
type Implicant = readonly (boolean | undefined)[];

type TextTerm = Term<PatternWord>;

/**
 * Returns terms that match exactly the texts with one of these combinations of answers. The terms use the
 * patterns of the queries and contain no redundant word. Throws OverBudget.
 */
export function termsOfTexts(
  field: TextField,
  queries: readonly TextGroup[],
  truths: readonly (readonly boolean[])[],
  budget: Budget,
): readonly Term<PatternWord>[] {
  const exists: Exists = (all, none) => {
    budget.spend(1 + all.length + none.length, tooManyParts);
    if (all.some((word, at) => all.some((other, place) => place > at && !wordsMayMeet(word, other))))
      return false;
    const close = none.filter((word) => all.every((other) => wordsMayMeet(word, other)));
    const sure = field.language === objectKey ? someKeyByGuess(all, close) : undefined;
    if (sure !== undefined) return sure;
    const { answer, steps } = someText(field, all, close);
    // A known answer costs as much as a new one, so that no answer depends on earlier ones.
    budget.spend(steps, () => `the patterns of ${field.name} are too much to describe`);
    return answer;
  };
  const words = queries.map(wordsOf);
  const drafts = primeImplicants(truths, budget).flatMap((answers) =>
    termsOfImplicant(exists, words, answers),
  );
  budget.spend(drafts.length * drafts.length, tooManyParts);
  const kept = drafts.filter(
    (draft, index) =>
      !drafts.some((other, at) => at !== index && isCovered(exists, draft, other, at < index)),
  );
  return kept;
}

/** Quine-McCluskey step: merges implicants that differ in one answer until only prime implicants are left. */
function primeImplicants(truths: readonly (readonly boolean[])[], budget: Budget): readonly Implicant[] {
  const marks = (answers: Implicant) =>
    answers.map((one) => (one === undefined ? "-" : Number(one))).join("");
  let open = new Map<string, Implicant>(truths.map((truth) => [marks(truth), truth]));
  const done: Implicant[] = [];
  while (open.size > 0) {
    const width = truths[0]?.length ?? 0;
    budget.spend(open.size * width * width, tooManyParts);
    const joined = new Map<string, Implicant>();
    for (const answers of open.values()) {
      const wider = answers.flatMap((one, at) => {
        if (one === undefined || !open.has(marks(answers.with(at, !one)))) return [];
        return [answers.with(at, undefined)];
      });
      for (const one of wider) joined.set(marks(one), one);
      if (wider.length === 0) done.push(answers);
    }
    if (joined.size > limits.describedTerms) throw new OverBudget(tooManyParts());
    open = joined;
  }
  return irredundantCover(done, truths);
}

/** Drops each implicant that the others cover, the narrowest first. */
function irredundantCover(
  all: readonly Implicant[],
  truths: readonly (readonly boolean[])[],
): readonly Implicant[] {
  const covers = (answers: Implicant, truth: readonly boolean[]) =>
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

/** Returns terms of one pattern for each query that must be true, except the patterns of those that must be false. */
function termsOfImplicant(
  exists: Exists,
  words: readonly (readonly PatternWord[])[],
  answers: Implicant,
): readonly TextTerm[] {
  const without = words.flatMap((some, at) => (answers[at] === false ? some : []));
  let drafts: readonly (readonly PatternWord[])[] = [[]];
  for (const some of words.filter((_, at) => answers[at] === true)) {
    drafts = drafts.flatMap((all) => some.map((word) => [...all, word]).filter((wider) => exists(wider, [])));
    if (drafts.length > limits.describedTerms) throw new OverBudget(tooManyParts());
  }
  return drafts.flatMap((all) => {
    const narrowest = withoutRedundant(all, (word, other) => isWithin(exists, other, word));
    const relevant = without.filter((word) => exists([...narrowest, word], []));
    const except = withoutRedundant(relevant, (word, other) => isWithin(exists, word, other));
    return except.length === 0 || exists(narrowest, except) ? [{ all: narrowest, except }] : [];
  });
}

/** Drops the words that another word makes redundant. Of two that make each other redundant, the first stays. */
function withoutRedundant(
  words: readonly PatternWord[],
  isRedundant: (word: PatternWord, other: PatternWord) => boolean,
): readonly PatternWord[] {
  return words.filter(
    (word, at) =>
      !words.some(
        (other, place) =>
          place !== at && isRedundant(word, other) && (place < at || !isRedundant(other, word)),
      ),
  );
}

/** Returns true if another term covers a term. Of two that cover each other, the first stays. */
function isCovered(exists: Exists, draft: TextTerm, other: TextTerm, isFirst: boolean): boolean {
  const says = (one: TextTerm, also: TextTerm) =>
    one.except.length === 0 &&
    one.all.every((word) => also.all.some((narrower) => isWithin(exists, narrower, word)));
  return says(other, draft) && (isFirst || !says(draft, other));
}

function isWithin(exists: Exists, word: PatternWord, other: PatternWord): boolean {
  return wordKey(word) === wordKey(other) || !exists([word], [other]);
}

const maxAnswers = 20_000;

type Exists = (all: readonly PatternWord[], none: readonly PatternWord[]) => boolean;

/** Returns whether some text of the field matches all of `all` and none of `none`, and the steps spent. */
const someText = memoizeBy(
  ({ name }: TextField, all: readonly PatternWord[], none: readonly PatternWord[]) =>
    [name, ...all.map(wordKey), "", ...none.map(wordKey)].join("\n"),
  ({ name, language }, all, none): { readonly answer: boolean; readonly steps: number } => {
    const budget = new Budget(limits.describedSteps);
    let spent = 0;
    const kinds = textClasses({
      language,
      groups: [...queriesOf(all), ...queriesOf(none).map((one) => ({ ...one, query: all.length }))],
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
  maxAnswers,
);
