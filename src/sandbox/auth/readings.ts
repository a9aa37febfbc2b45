import { interpretationsOf } from "../../access/interpretations.ts";
import { pointTexts, type OpenQuestion } from "../../access/interpretation-texts.ts";
import type { Interpretation } from "../../access/request.ts";
import { unsupportedText } from "../../access/unsupported.ts";
import type { Bucket } from "../../policy/bucket.ts";
import type { Identity } from "./identity.ts";
import { questionsOf, type NamedPolicy, type Reading } from "./policies.ts";

/** Point on which readings of the documentation differ. */
type OpenPoint = OpenQuestion | "opaqueMatch";

/** Ways to read the documentation for one call. */
export interface OpenReadings {
  readonly readings: readonly Reading[];
  readonly questions: readonly OpenPoint[];
  /** The parts of policies that have no known meaning. */
  readonly opaqueText: string;
}

/**
 * Returns every reading that may count for a caller. The owning account has one, the likeliest: it could not repair its
 * policy otherwise.
 */
export function openIn(
  identity: Identity,
  policies: readonly NamedPolicy[],
  bucket: Bucket,
  given: Partial<Interpretation>,
): OpenReadings {
  const isOwner = identity.kind === "account" && identity.account === bucket.owner;
  // A role session is covered by its own ARN alone (OSS docs: FAQ).
  const namesAccount = ({ policy }: NamedPolicy) =>
    identity.kind === "user" &&
    policy.statements.some(({ principal }) => principal?.includes(identity.account) === true);
  const asked: readonly OpenQuestion[] = isOwner
    ? []
    : [...questionsOf(policies, bucket), ...(policies.some(namesAccount) ? (["accountUid"] as const) : [])];
  const questions = asked.filter((name) => given[name] === undefined);
  const opaque = isOwner ? [] : policies.flatMap((policy) => policy.opaque);
  const matches = opaque.length === 0 ? (["none"] as const) : (["none", "those that allow", "all"] as const);
  const readings = interpretationsOf(questions).flatMap((interpretation) =>
    matches.map((opaqueMatch): Reading => ({ ...interpretation, ...given, opaqueMatch })),
  );
  return {
    readings,
    questions: matches.length > 1 ? [...questions, "opaqueMatch"] : questions,
    opaqueText: unsupportedText(opaque),
  };
}

/** Returns the points that make the difference, as a continuation of "OSS does not document". */
export function openText(
  { readings, questions, opaqueText }: OpenReadings,
  rulings: readonly { readonly refused: unknown }[],
): string {
  const felt = questions.filter((point) => differs(point, readings, rulings));
  return (felt.length === 0 ? questions : felt).map((point) => pointText(point, opaqueText)).join(", and ");
}

function pointText(point: OpenPoint, opaqueText: string): string {
  if (point === "opaqueMatch") return `the meaning of ${opaqueText}`;
  return pointTexts[point].question;
}

/** Returns true if two readings that differ in this point alone decide differently. */
function differs(
  point: OpenPoint,
  readings: readonly Reading[],
  rulings: readonly { readonly refused: unknown }[],
): boolean {
  const seen = new Map<string, boolean>();
  return readings.some((reading, index) => {
    const rest = JSON.stringify({ ...reading, [point]: undefined });
    const isRefused = rulings[index]?.refused !== undefined;
    const before = seen.get(rest);
    if (before === undefined) seen.set(rest, isRefused);
    return before !== undefined && before !== isRefused;
  });
}
