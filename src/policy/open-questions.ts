/** What OSS's documentation leaves open about the policy language, as data, and what a test of OSS observed of it. */

/**
 * Interpretation of OSS's documentation: one position for each point that it leaves open. A result is
 * certain if it is the same under every interpretation.
 */
export interface Interpretation {
  /** Treatment of an absent key, except acs:SourceVpc: a negated operator is true, or every test of the key fails. */
  readonly absentKey: "negated is true" | "fails";
  /**
   * Treatment of an absent key by a text operator: as `absentKey` says, or as the empty text. The first is
   * documented for oss:Prefix on calls that do not list.
   */
  readonly absentText: "is no text" | "is the empty text";
  /** Status of `Condition: {}` in the rule that `*` without a Condition excludes the owner. */
  readonly emptyCondition: "is a condition" | "is none";
  /** Effect on the owner of `*` next to other principals, without a Condition. */
  readonly mixedPrincipals: "spare the owner" | "reach the owner";
  /** Effect on the owner of a Deny that names the owner's UID. */
  readonly ownerNamed: "is bound" | "is spared";
  /** RAM users of an account whose UID is a principal. Only questions about one RAM user ask it. */
  readonly accountUid: "stands for itself" | "covers its RAM users";
  /** Letter case in the names of actions. */
  readonly actionCase: "counts" | "is left aside";
  /** Letter case in the role part of a role session. */
  readonly roleCase: "counts" | "is left aside";
  /** Letter case in the values of Bool, such as `False`. */
  readonly boolCase: "is left aside" | "counts";
  /** Meaning of a range whose address has bits outside of its prefix, such as 198.51.100.77/24. */
  readonly hostBits: "are left aside" | "leave the address" | "match nothing";
  /** Meaning of a condition value that is a JSON number or boolean, such as `false` without quotes. */
  readonly unquotedValue: "is its text" | "matches nothing";
  /** Result for a Resource with a region other than `*`. */
  readonly namedRegion: "matches" | "never matches";
  /** Result for a Resource with another owner's UID. */
  readonly foreignOwner: "matches" | "never matches";
}

/** Open questions with their possible positions, the most likely first. */
export const openQuestions: {
  readonly [name in keyof Interpretation]: readonly Interpretation[name][];
} = {
  absentKey: ["negated is true", "fails"],
  absentText: ["is no text", "is the empty text"],
  emptyCondition: ["is a condition", "is none"],
  mixedPrincipals: ["spare the owner", "reach the owner"],
  ownerNamed: ["is bound", "is spared"],
  accountUid: ["stands for itself", "covers its RAM users"],
  actionCase: ["counts", "is left aside"],
  roleCase: ["counts", "is left aside"],
  boolCase: ["is left aside", "counts"],
  hostBits: ["are left aside", "leave the address", "match nothing"],
  unquotedValue: ["is its text", "matches nothing"],
  namedRegion: ["matches", "never matches"],
  foreignOwner: ["never matches", "matches"],
};

export const defaultInterpretation: Interpretation = {
  absentKey: "negated is true",
  absentText: "is no text",
  emptyCondition: "is a condition",
  mixedPrincipals: "spare the owner",
  ownerNamed: "is bound",
  accountUid: "stands for itself",
  actionCase: "counts",
  roleCase: "counts",
  boolCase: "is left aside",
  hostBits: "are left aside",
  unquotedValue: "is its text",
  namedRegion: "matches",
  foreignOwner: "never matches",
};

export type OpenQuestion = keyof Interpretation;

/** Position that a test of OSS observed of an open question. */
export interface Observation {
  readonly position: string;
  /** Region in which it was observed, such as `cn-hangzhou`. */
  readonly region: string;
  /** Day on which it was observed, such as `2026-11-28`. */
  readonly date: string;
}

/** Observed positions. The analysis considers no other position of these questions. */
export type Observations = ReadonlyMap<OpenQuestion, Observation>;
