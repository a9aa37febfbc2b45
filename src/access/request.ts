/** One request to a bucket, as a policy sees it. */
export interface Request {
  /** `anonymous`, `owner` (the bucket owner's account, never written as its UID), a UID, or the ARN of a role session. */
  readonly principal: string;
  /** An action by its exact name, such as `oss:GetObject`. */
  readonly action: string;
  /** The object key; the empty text is the bucket itself. */
  readonly resource: string;
  /** Condition keys and their values as text; a key that is not there is absent from the request. */
  readonly context: ReadonlyMap<string, string>;
}

/** OSS tells these apart, since RAM policies and ACLs act on the last (OSS docs: authentication). */
export type Decision = "allow" | "deny" | "none";

/**
 * One way to read what OSS's documentation leaves open, each point as a switch. A result is sure where it
 * is the same under every interpretation.
 */
export interface Interpretation {
  /** A key that the request does not have, acs:SourceVpc aside: a negated operator is true, or every test of it fails. */
  readonly absentKey: "negated is true" | "fails";
  /**
   * Meaning of such a key for an operator on texts: it fails, or is true where negated, or it compares
   * the empty text. For oss:Prefix on other calls than listings the first is documented.
   */
  readonly absentText: "is no text" | "is the empty text";
  /** Whether `Condition: {}` counts as a Condition where the owner is spared. */
  readonly emptyCondition: "is a condition" | "is none";
  /** Whether `*` without a Condition spares the owner too where other principals stand beside it. */
  readonly mixedPrincipals: "spare the owner" | "reach the owner";
  /** Whether a Deny that names the owner's UID binds the owner. */
  readonly ownerNamed: "is bound" | "is spared";
  /** Whether letter case counts in the names of actions. */
  readonly actionCase: "counts" | "is left aside";
  /** Whether letter case counts in the role part of a role session. */
  readonly roleCase: "counts" | "is left aside";
  /** Whether letter case counts in the values of Bool, such as `False`. */
  readonly boolCase: "is left aside" | "counts";
  /** Meaning of a range whose address has bits outside of its prefix, such as 198.51.100.77/24. */
  readonly hostBits: "are left aside" | "leave the address" | "match nothing";
  /** Meaning of a condition value that is a JSON number or boolean, such as `false` without quotes. */
  readonly unquotedValue: "is its text" | "matches nothing";
  /** Whether a Resource with another region than `*` matches. */
  readonly namedRegion: "matches" | "never matches";
  /** Whether a Resource with another owner's UID matches. */
  readonly foreignOwner: "matches" | "never matches";
}

/** Each point with its possible positions; the first is the likeliest. */
export const openQuestions: {
  readonly [name in keyof Interpretation]: readonly Interpretation[name][];
} = {
  absentKey: ["negated is true", "fails"],
  absentText: ["is no text", "is the empty text"],
  emptyCondition: ["is a condition", "is none"],
  mixedPrincipals: ["spare the owner", "reach the owner"],
  ownerNamed: ["is bound", "is spared"],
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
  actionCase: "counts",
  roleCase: "counts",
  boolCase: "is left aside",
  hostBits: "are left aside",
  unquotedValue: "is its text",
  namedRegion: "matches",
  foreignOwner: "never matches",
};
