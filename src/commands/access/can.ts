import { isFailed, type Failed } from "../../result.ts";
import { namesOf } from "../../desired/account-file.ts";
import type { DesiredBucket } from "../../desired/bucket-file.ts";
import { can, type CanAnswer, type QueriedPolicy } from "../../proof/access-queries.ts";
import { problemOf, type AccessQuestion, type AccessTest } from "../../proof/expectations.ts";
import { firstMet, refusalTests } from "../../proof/met-expectation.ts";
import { spansOf } from "../../desired/desired-policy.ts";
import { accessJson, positionJson, requestJson } from "../../report/json/access.ts";
import { statementText } from "../../plan/statement-text.ts";
import { printable } from "../../report/printable.ts";
import { expectLine, observedLine, renderAllowed } from "../../report/text/answers.ts";
import { isOpen } from "../../access/interpretation-texts.ts";
import { decisionTexts, dependenceText, requestText } from "../../access/render.ts";
import type { Options } from "../../run/options.ts";
import type { Output } from "../../run/output.ts";
import type { Run } from "../../run/run.ts";
import { placeOf, readAsText } from "./place.ts";
import { problem, type AccessReply } from "./reply.ts";
import { pairsOf } from "./pairs.ts";
import { onePolicy } from "./policies.ts";

/** Answers whether a principal is allowed something, and which line decides. */
export async function canReply(
  [principal = "", action = "", resource = "", ...more]: readonly string[],
  run: Run,
): Promise<AccessReply> {
  if (resource === "" || more.length > 0)
    return problem(
      "can takes a principal, an action and a resource",
      "write `access can UID oss:GetObject BUCKET/KEY`",
    );
  const place = placeOf(resource, action, run.options);
  if (isFailed(place)) return place;
  const context = contextIn(run.options);
  if (isFailed(context)) return context;
  const { bucket, key } = place;
  const known = bucket.account.identities.get(principal) ?? principal;
  const who = known === bucket.account.uid ? "owner" : known;
  const question = { principal: who, actions: [action], to: key, context };
  const odd = problemOf(question, bucket);
  if (odd !== undefined) return problem(odd.message, odd.help);
  const found = await onePolicy(bucket, run);
  if (isFailed(found)) return found;
  const answer = can(found.policy, who, action, key, context);
  const { verdict, allowed, refused, observed } = answer;
  const places =
    refused === undefined ? [] : decidingPlaces(bucket, found.policy, refused.deciding, run.options);
  const test = testBeside(question, answer, found.policy, bucket);
  const isHttpRefused = verdict === "partly" && test?.demand === "can";
  const head = `${verdict}: ${principal} ${action} on ${resource}${readAsText(place)}`;
  const json = () => ({
    verdict,
    allowed: accessJson(allowed),
    refused: refused === undefined ? null : { ...requestJson(refused.witness), decision: refused.decision },
    places,
    ...(observed.length === 0 ? {} : { observed: observed.map(positionJson) }),
  });
  const lines = [
    ...canLines(head, who, answer, places, bucket, run.out),
    ...(isHttpRefused ? ["  plain HTTP is refused, and over HTTPS, which a test uses, all is allowed"] : []),
    ...(test === undefined ? [] : ["  as a test beside the policy:", expectLine(test)]),
  ];
  return { text: [...lines, ""].join("\n"), json };
}

function canLines(
  head: string,
  who: string,
  { verdict, allowed, refused, cause, observed }: CanAnswer,
  places: readonly string[],
  bucket: DesiredBucket,
  out: Output,
): readonly string[] {
  const isListed = verdict === "partly" && who !== "owner";
  return [
    `${head}${isListed ? ", namely:" : ""}`,
    ...(isListed ? renderAllowed(allowed, out.style, namesOf(bucket.account)) : []),
    ...ownerLines(who, verdict),
    ...(cause === undefined ? [] : [`  ${cause}`]),
    ...(refused === undefined
      ? []
      : [
          `  ${requestText(refused.witness)} is ${decisionTexts[refused.decision]}`,
          ...places.map((at) => `  decided by ${printable(at)}`),
          ...(isOpen(refused.dependsOn) ? [`  ${dependenceText(refused.dependsOn)}`] : []),
        ]),
    ...(refused !== undefined && isOpen(refused.dependsOn) ? [] : observedLine(observed)),
  ];
}

const ownerTexts: Readonly<Record<CanAnswer["verdict"], string>> = {
  yes: ", and no statement denies this",
  partly: ", but statements deny a part of this",
  no: ", but statements deny this",
  undecided: "",
};

function ownerLines(who: string, verdict: CanAnswer["verdict"]): readonly string[] {
  if (who === "owner") return [`  the owner does not need the policy${ownerTexts[verdict]}`];
  return who === "*" ? ["  `*` is everyone but the owner, who does not need the policy"] : [];
}

/**
 * Returns an expectation that the policy meets: what it says of the whole question, else of the request that is refused.
 * Where plain HTTP alone is refused, that is of the whole question: an expectation is about requests over TLS.
 */
function testBeside(
  question: AccessQuestion,
  { verdict, refused }: CanAnswer,
  policy: QueriedPolicy,
  bucket: DesiredBucket,
): AccessTest | undefined {
  const demand = question.principal === "owner" ? "denied" : "cannot";
  const mayHold = verdict === "yes" || (verdict === "partly" && demand === "cannot");
  const ofAll = mayHold ? [{ ...question, demand: "can" as const }] : [];
  const ofNone = verdict === "no" ? [{ ...question, demand } as const] : [];
  const ofOne = refused === undefined ? [] : refusalTests(refused.witness, demand, policy.policy);
  return firstMet([...ofAll, ...ofNone, ...ofOne], policy, bucket);
}

function contextIn(options: Pick<Options, "with">): Map<string, string> | Failed {
  const pairs = pairsOf(options);
  return isFailed(pairs) ? pairs : new Map(pairs.all);
}

/** Returns where the deciding statements are. A live policy has no lines, so its statements are said. */
function decidingPlaces(
  bucket: DesiredBucket,
  { policy }: QueriedPolicy,
  deciding: readonly number[],
  { live }: Pick<Options, "live">,
): readonly string[] {
  if (live) {
    const statements = policy === "none" ? [] : policy.statements;
    return deciding
      .flatMap((index) => statements[index] ?? [])
      .map((one) => `the live statement \`${statementText(one)}\``);
  }
  return spansOf(bucket, deciding).map(({ file, start }) => `${file}:${start.line}:${start.column}`);
}
