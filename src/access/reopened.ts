import type { Policy, Statement } from "../policy/policy.ts";
import { Budget, limits } from "./budget.ts";
import { Comparison, type IsWanted, type StatementPart } from "./engine/diagram.ts";
import { evaluate } from "./evaluate.ts";
import { findWitness } from "./engine/witness.ts";
import { dependenceWhere, forEachInterpretation } from "./interpretations.ts";
import type { Dependence } from "./interpretation-texts.ts";
import type { Interpretation, Request } from "./request.ts";
import type { Bucket } from "../policy/bucket.ts";
import { unsupported, unsupportedText } from "./unsupported.ts";

/** Live policy of a bucket, with the policy that was desired before (the base) and the one desired now. */
export interface Three {
  readonly live: Policy | "none";
  readonly base: Policy;
  readonly wanted: Policy;
}

/** Result of the search for a reopened request. */
export type Reopened =
  /** No request is reopened under any interpretation. */
  | { readonly kind: "none" }
  | { readonly kind: "some"; readonly witness: Request; readonly dependsOn: Dependence }
  | { readonly kind: "undecided"; readonly cause: string };

/** Finds a request that the live policy does not allow and both other policies allow. */
export function reopened(three: Three, bucket: Bucket, budget = new Budget(limits.questionSteps)): Reopened {
  const all = [three.live, three.base, three.wanted];
  const unknown = all.flatMap((policy) => (policy === "none" ? [] : unsupported(policy)));
  if (unknown.length > 0)
    return { kind: "undecided", cause: `no meaning is known for ${unsupportedText(unknown)}` };
  const { live, base, wanted } = three;
  const parts = { before: live === "none" ? [] : live.statements, after: both(base, wanted), bucket };
  const comparison = new Comparison(parts, budget, { isWanted });
  const found = forEachInterpretation(all, bucket, (interpretation, each) => {
    const witness = findWitness(comparison.under(interpretation, each));
    return witness === undefined ? undefined : replayed(three, witness, bucket, interpretation);
  });
  if (found.kind === "undecided") return found;
  const isOpened = (answer: Request | undefined) => answer !== undefined;
  const witness = found.answers.find(({ answer }) => isOpened(answer))?.answer;
  if (witness === undefined) return { kind: "none" };
  return { kind: "some", witness, dependsOn: dependenceWhere(found, isOpened) };
}

const isWanted: IsWanted = (before, after) => before !== "allow" && after === "allow";

/** Returns a witness that the reference evaluator confirms. */
function replayed(
  { live, base, wanted }: Three,
  witness: Request,
  bucket: Bucket,
  interpretation: Interpretation,
): Request {
  const isAllowed = (policy: Policy | "none") =>
    policy !== "none" && evaluate(policy, witness, bucket, interpretation).decision === "allow";
  if (isAllowed(live) || !isAllowed(base) || !isAllowed(wanted))
    throw new Error(`the witness of a reopened request is not reopened: ${JSON.stringify(witness)}`);
  return witness;
}

/** Returns the intersection of two policies: shared Allows, pairs of unshared Allows, and all Denies. */
function both(base: Policy, wanted: Policy): readonly StatementPart[] {
  const keyOf = (statement: Statement) => JSON.stringify(statement);
  const [old, now] = [base, wanted].map(
    ({ statements }) => new Map(statements.map((statement) => [keyOf(statement), statement])),
  );
  const allows = (from: ReadonlyMap<string, Statement> | undefined, other: typeof from) =>
    [...(from ?? [])].filter(([key, { effect }]) => effect === "Allow" && other?.has(key) === false);
  const shared = [...(old ?? [])].filter(([key, { effect }]) => effect === "Allow" && now?.has(key) === true);
  const denies = [...base.statements, ...wanted.statements].filter(({ effect }) => effect === "Deny");
  const pairs = allows(old, now).flatMap(([, first]) =>
    allows(now, old).map(([, second]): StatementPart => [first, second]),
  );
  return [...shared.map(([, statement]) => statement), ...pairs, ...denies];
}
