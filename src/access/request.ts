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

/** The bucket whose policy is asked. */
export interface Bucket {
  readonly name: string;
  /** UID of its owner. */
  readonly owner: string;
}

/** OSS tells these apart, since RAM policies and ACLs act on the last (OSS docs: authentication). */
export type Decision = "allow" | "deny" | "none";

/**
 * What OSS's documentation leaves open, each point as a switch. A result is sure where it is the same
 * under every reading.
 */
export interface Reading {
  /** A key that the request does not have, acs:SourceVpc aside: a negated operator is true, or every test of it fails. */
  readonly absentKey: "negated is true" | "fails";
  /**
   * What an operator on texts makes of such a key: it fails, or is true where negated, or it compares
   * the empty text. For oss:Prefix on other calls than listings the first is documented.
   */
  readonly absentText: "is no text" | "is the empty text";
  /** Whether `Condition: {}` counts as a Condition where the owner is spared. */
  readonly emptyCondition: "is a condition" | "is none";
  /** Whether a Deny that names the owner's UID binds the owner. */
  readonly ownerNamed: "is bound" | "is spared";
  /** Whether letter case counts in the names of actions. */
  readonly actionCase: "counts" | "is left aside";
  /** Whether letter case counts in the role part of a role session. */
  readonly roleCase: "counts" | "is left aside";
  /** Whether a Resource with another region than `*` matches. */
  readonly namedRegion: "matches" | "never matches";
  /** Whether a Resource with another owner's UID matches. */
  readonly foreignOwner: "matches" | "never matches";
}

/** Each switch with its two positions; the first is the likelier one. */
export const readingSwitches: { readonly [name in keyof Reading]: readonly [Reading[name], Reading[name]] } =
  {
    absentKey: ["negated is true", "fails"],
    absentText: ["is no text", "is the empty text"],
    emptyCondition: ["is a condition", "is none"],
    ownerNamed: ["is bound", "is spared"],
    actionCase: ["counts", "is left aside"],
    roleCase: ["counts", "is left aside"],
    namedRegion: ["matches", "never matches"],
    foreignOwner: ["never matches", "matches"],
  };

export const likelyReading: Reading = {
  absentKey: "negated is true",
  absentText: "is no text",
  emptyCondition: "is a condition",
  ownerNamed: "is bound",
  actionCase: "counts",
  roleCase: "counts",
  namedRegion: "matches",
  foreignOwner: "never matches",
};
