import type { CodeLens } from "vscode-languageserver";
import { Budget } from "../access/budget.ts";
import { accessDifference, type AccessDifference } from "../access/difference.ts";
import { changeSentence } from "../access/sentences.ts";
import { namesOf } from "../desired/account-file.ts";
import type { ParsedBucket } from "../desired/bucket-file.ts";
import { bucketOf, desiredPolicy } from "../desired/desired-policy.ts";
import { shorten } from "../report/printable.ts";
import { rangeOf } from "./positions.ts";

/** Steps for one lens: it is asked for after every pause of the user. */
const lensSteps = 2_000_000;
const maxTitle = 160;

/** Returns the line above a policy that says what the file gains and loses against a revision. */
export function lensOf(
  buckets: readonly ParsedBucket[],
  before: readonly ParsedBucket[],
  revision: string,
): readonly CodeLens[] {
  const [bucket, ...more] = buckets;
  if (bucket === undefined) return [];
  const old = before.find((one) => one.bucket === bucket.bucket);
  const was = old === undefined ? "none" : desiredPolicy(old);
  const difference = accessDifference(was, desiredPolicy(bucket), bucketOf(bucket), new Budget(lensSteps));
  const text = differenceText(difference, bucket);
  const others = more.length === 0 ? "" : ` (the first of ${buckets.length} buckets)`;
  const title = `against ${revision}: ${old === undefined ? "a new policy, " : ""}${text}${others}`;
  return [{ range: rangeOf(bucket.policySpan), command: { title: shorten(title, maxTitle), command: "" } }];
}

function differenceText(difference: AccessDifference, { account }: ParsedBucket): string {
  if (difference.verdict === "equal") return "no access changes";
  if (difference.verdict === "undecided") return `undecided: ${difference.cause}`;
  const { regions } = difference;
  const opens = regions.filter(({ effect }) => effect === "gains" || effect === "blockLifted").length;
  const [first] = regions;
  const sentence = first === undefined ? "" : `: ${changeSentence(first, namesOf(account))}`;
  return `gains ${opens}, loses ${regions.length - opens}${sentence}`;
}
