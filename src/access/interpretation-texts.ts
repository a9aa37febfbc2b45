import {
  openQuestions,
  type Interpretation,
  type Observation,
  type OpenQuestion,
} from "../policy/open-questions.ts";

export type { OpenQuestion } from "../policy/open-questions.ts";

/** Open question with one of its positions. */
export interface PointPosition {
  readonly name: OpenQuestion;
  readonly position: string;
  /** Where and when OSS was observed to take this position; absent while the question is open. */
  readonly observed?: Pick<Observation, "region" | "date">;
}

/**
 * Condition under which a result holds, in disjunctive normal form: one alternative must be true, with all
 * its positions. Without alternatives the result holds under every interpretation. An alternative of observed
 * positions alone is true.
 */
export type Dependence = readonly (readonly PointPosition[])[];

/** Returns true if a result depends on a position that was not observed. */
export function isOpen(dependence: Dependence): boolean {
  return dependence.length > 0 && !dependence.some((positions) => positions.every(wasObserved));
}

export function wasObserved({ observed }: PointPosition): boolean {
  return observed !== undefined;
}

/** Returns the observed positions that a condition names, each once, in their fixed order. */
export function observedIn(dependence: Dependence): readonly PointPosition[] {
  const named = new Map(dependence.flat().flatMap((one) => (wasObserved(one) ? [[one.name, one]] : [])));
  return (Object.keys(openQuestions) as OpenQuestion[]).flatMap((name) => named.get(name) ?? []);
}

interface PointText<Name extends OpenQuestion> {
  /** Continuation of "OSS does not document". */
  readonly question: string;
  /** Continuations of "if". */
  readonly positions: { readonly [position in Interpretation[Name]]: string };
}

/** Texts of all points that OSS leaves open. Rules, `explain` and the documents have the same points. */
export const pointTexts: { readonly [name in OpenQuestion]: PointText<name> } = {
  absentKey: {
    question: "how a negated operator treats a key that the request does not have",
    positions: {
      "negated is true": "a negated operator holds for a key that the request does not have",
      fails: "a negated operator fails for a key that the request does not have",
    },
  },
  absentText: {
    question: "whether a text that the request does not have is compared as the empty text",
    positions: {
      "is no text": "a text that the request does not have is not compared",
      "is the empty text": "a text that the request does not have is compared as the empty text",
    },
  },
  emptyCondition: {
    question: "whether `Condition: {}` is a Condition where the owner is spared",
    positions: {
      "is a condition": "`Condition: {}` counts as a Condition",
      "is none": "`Condition: {}` counts as no Condition",
    },
  },
  mixedPrincipals: {
    question: "whether `*` beside other principals spares the owner",
    positions: {
      "spare the owner": "`*` beside other principals spares the owner",
      "reach the owner": "`*` beside other principals reaches the owner",
    },
  },
  ownerNamed: {
    question: "whether a Deny that names the owner's UID binds the owner",
    positions: {
      "is bound": "a Deny that names the owner's UID binds the owner",
      "is spared": "a Deny that names the owner's UID spares the owner",
    },
  },
  accountUid: {
    question: "whether the UID of an account covers its RAM users",
    positions: {
      "stands for itself": "the UID of an account stands for the account alone",
      "covers its RAM users": "the UID of an account covers its RAM users, of whom this is one",
    },
  },
  actionCase: {
    question: "whether letter case counts in the names of actions",
    positions: {
      counts: "letter case counts in the names of actions",
      "is left aside": "letter case is ignored in the names of actions",
    },
  },
  roleCase: {
    question: "whether letter case counts in the names of roles",
    positions: {
      counts: "letter case counts in the names of roles",
      "is left aside": "letter case is ignored in the names of roles",
    },
  },
  boolCase: {
    question: "whether letter case counts in the values of Bool",
    positions: {
      "is left aside": "letter case is ignored in the values of Bool",
      counts: "letter case counts in the values of Bool",
    },
  },
  hostBits: {
    question: "what an address range with bits set behind its prefix matches",
    positions: {
      "are left aside": "an address range with bits set behind its prefix means the range",
      "leave the address": "an address range with bits set behind its prefix means its one address",
      "match nothing": "an address range with bits set behind its prefix matches nothing",
    },
  },
  unquotedValue: {
    question: "what a condition value without quotes matches",
    positions: {
      "is its text": "a condition value without quotes counts as its text",
      "matches nothing": "a condition value without quotes matches nothing",
    },
  },
  namedRegion: {
    question: "whether a Resource with a region other than `*` matches",
    positions: {
      matches: "a Resource with a region other than `*` matches",
      "never matches": "a Resource with a region other than `*` never matches",
    },
  },
  foreignOwner: {
    question: "whether a Resource with another owner's UID matches",
    positions: {
      "never matches": "a Resource with another owner's UID never matches",
      matches: "a Resource with another owner's UID matches",
    },
  },
};

export function positionText({ name, position }: PointPosition): string {
  const positions: Readonly<Record<string, string>> = pointTexts[name].positions;
  return positions[position] ?? position;
}
