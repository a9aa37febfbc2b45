/** Request to a bucket, as a policy sees it. */
export interface Request {
  /** `anonymous`, `owner` (the bucket owner's account, never its UID), a UID, or the ARN of a role session. */
  readonly principal: string;
  /** Exact name of an action, such as `oss:GetObject`. */
  readonly action: string;
  /** Object key; the empty text is the bucket itself. */
  readonly resource: string;
  /** Condition keys and their values as text. */
  readonly context: ReadonlyMap<string, string>;
}

/** Decision on a request. OSS distinguishes three: RAM policies and ACLs act on "none" (OSS docs: authentication). */
export type Decision = "allow" | "deny" | "none";

export { defaultInterpretation, openQuestions, type Interpretation } from "../policy/open-questions.ts";
