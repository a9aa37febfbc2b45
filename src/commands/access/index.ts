import { isFailed, type Failed } from "../../result.ts";
import { namesOf } from "../../desired/account-file.ts";
import type { DesiredBucket } from "../../desired/bucket-file.ts";
import { suggestion } from "../../near-miss.ts";
import {
  can,
  matrixRow,
  principalsIn,
  publicIn,
  whoCan,
  type QueriedPolicy,
  type CanAnswer,
} from "../../proof/access-queries.ts";
import { problemOf, type AccessQuestion } from "../../proof/expectations.ts";
import { firstMet, refusalTests } from "../../proof/met-expectation.ts";
import { spansOf } from "../../desired/desired-policy.ts";
import { accessJson, requestJson } from "../../report/json/access.ts";
import { expectLine, renderAllowed, renderMatrix } from "../../report/text/answers.ts";
import { jsonText } from "../../policy/json.ts";
import { decisionTexts, dependenceText, requestText } from "../../access/render.ts";
import { failure, success } from "../../run/exit.ts";
import type { Io } from "../../run/io.ts";
import type { Options } from "../../run/options.ts";
import type { Output } from "../../run/output.ts";
import { startRun, type Run } from "../../run/run.ts";
import { diffReply } from "./diff.ts";
import { bucketsOf, placeOf, type QueriedResource } from "./place.ts";
import { problem, type AccessReply } from "./reply.ts";
import { queriedPolicies, type QueriedBucket } from "./policies.ts";

type Question = (words: readonly string[], run: Run) => AccessReply | Promise<AccessReply>;

const questions: Readonly<Record<string, Question>> = {
  "who-can": whoCanReply,
  can: canReply,
  diff: diffReply,
  public: publicReply,
  matrix: matrixReply,
};

/** Answers what the policies of the files allow, for all requests that can be made. */
export async function access(options: Options, io: Io): Promise<number> {
  const run = startRun(options, io);
  const { out } = run;
  const [name = "", ...words] = options.words;
  const question = questions[name];
  const reply: AccessReply =
    question === undefined
      ? problem(`access knows no question \`${name}\``, suggestion(name, Object.keys(questions)))
      : await question(words, run);
  if (isFailed(reply)) {
    out.diagnostics(reply.problems);
    return out.end(failure("the question cannot be answered"));
  }
  out.result(reply.text);
  const json = `${jsonText({ formatVersion: "1.0", question: name, ...reply.json }, 2)}\n`;
  return out.end(options.json === undefined ? success : out.report(options.json, json));
}

async function allPolicies(run: Run): Promise<{ readonly all: readonly QueriedBucket[] } | Failed> {
  const found = bucketsOf(run.options);
  return isFailed(found) ? found : queriedPolicies(found.buckets, run);
}

async function onePolicy(
  bucket: DesiredBucket,
  run: Run,
): Promise<{ readonly policy: QueriedPolicy } | Failed> {
  const found = await queriedPolicies([bucket], run);
  if (isFailed(found)) return found;
  const [one] = found.all;
  return one === undefined ? problem("there is no policy to ask", "name a bucket") : { policy: one.policy };
}

async function whoCanReply(
  [action = "", resource = "", ...more]: readonly string[],
  run: Run,
): Promise<AccessReply> {
  if (resource === "" || more.length > 0)
    return problem(
      "who-can takes an action and a resource",
      "write `access who-can oss:GetObject BUCKET/KEY`",
    );
  const place = placeOf(resource, action, run.options);
  if (isFailed(place)) return place;
  const odd = problemOf(
    { principal: "*", actions: [action], to: place.key, context: new Map() },
    place.bucket,
  );
  if (odd !== undefined) return problem(odd.message, odd.help);
  const found = await onePolicy(place.bucket, run);
  if (isFailed(found)) return found;
  const allowed = whoCan(found.policy, action, place.key);
  const lines = renderAllowed(allowed, run.out.style, namesOf(place.bucket.account));
  return {
    text: `${action} on ${resource}${readAsText(place)} is allowed to:\n${lines.join("\n")}\n`,
    json: { allowed: accessJson(allowed) },
  };
}

async function canReply(
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
  const { verdict, allowed, refused } = answer;
  const places =
    refused === undefined ? [] : decidingPlaces(bucket, found.policy, refused.deciding, run.options);
  const test = testBeside(question, answer, found.policy, bucket);
  const head = `${verdict}: ${principal} ${action} on ${resource}${readAsText(place)}`;
  const json = {
    verdict,
    allowed: accessJson(allowed),
    refused: refused === undefined ? null : { ...requestJson(refused.witness), decision: refused.decision },
    places,
  };
  return { text: [...canLines(head, who, answer, places, bucket, run.out), ...test, ""].join("\n"), json };
}

function readAsText({ readAs }: QueriedResource): string {
  return readAs === "" ? "" : ` (read as: ${readAs})`;
}

function canLines(
  head: string,
  who: string,
  { verdict, allowed, refused, cause }: CanAnswer,
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
          ...places.map((at) => `  decided by ${at}`),
          ...(refused.dependsOn.length === 0 ? [] : [`  ${dependenceText(refused.dependsOn)}`]),
        ]),
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

/** A line for `expect` that the policy meets: what it says of the whole question, else of the request that is refused. */
function testBeside(
  question: AccessQuestion,
  { verdict, refused }: CanAnswer,
  policy: QueriedPolicy,
  bucket: DesiredBucket,
): readonly string[] {
  const demand = question.principal === "owner" ? "denied" : "cannot";
  const ofAll = verdict === "yes" ? [{ ...question, demand: "can" as const }] : [];
  const ofNone = verdict === "no" ? [{ ...question, demand } as const] : [];
  const ofOne = refused === undefined ? [] : refusalTests(refused.witness, demand, policy.policy);
  const test = firstMet([...ofAll, ...ofOne, ...ofNone], policy, bucket);
  return test === undefined ? [] : ["  as a test beside the policy:", expectLine(test)];
}

function contextIn(options: Pick<Options, "with">): Map<string, string> | Failed {
  const context = new Map<string, string>();
  for (const text of options.with) {
    const at = text.indexOf("=");
    if (at < 1) return problem(`--with \`${text}\` is no KEY=VALUE`, "write `--with acs:SourceVpc=vpc-1`");
    context.set(text.slice(0, at), text.slice(at + 1));
  }
  return context;
}

/** A live policy has no lines: its statements are counted. */
function decidingPlaces(
  bucket: DesiredBucket,
  { policy }: QueriedPolicy,
  deciding: readonly number[],
  { live }: Pick<Options, "live">,
): readonly string[] {
  if (live) return deciding.map((index) => `statement ${index + 1} of the live policy`);
  return spansOf(bucket, policy, deciding).map(({ file, start }) => `${file}:${start.line}:${start.column}`);
}

async function publicReply(words: readonly string[], run: Run): Promise<AccessReply> {
  if (words.length > 0) return problem("public takes no words", "narrow it with --bucket");
  const found = await allPolicies(run);
  if (isFailed(found)) return found;
  const open = found.all.flatMap(({ bucket, policy }) => {
    const allowed = publicIn(policy);
    return allowed.verdict === "equal" ? [] : [{ name: bucket.bucket, allowed }];
  });
  const lines = open.flatMap(({ name, allowed }) => [
    `${name}: anonymous callers may`,
    ...renderAllowed(allowed, run.out.style),
  ]);
  const text =
    open.length === 0 ? "No policy allows anonymous callers anything (proved).\n" : `${lines.join("\n")}\n`;
  return {
    text,
    json: { buckets: open.map(({ name, allowed }) => ({ bucket: name, access: accessJson(allowed) })) },
  };
}

async function matrixReply(words: readonly string[], run: Run): Promise<AccessReply> {
  if (words.length > 0) return problem("matrix takes no words", "narrow it with --bucket");
  const found = await allPolicies(run);
  if (isFailed(found)) return found;
  const rows = found.all.flatMap(({ bucket, policy }) => {
    return principalsIn([policy]).map((principal) => ({
      bucket: bucket.bucket,
      principal,
      cells: matrixRow(policy, principal === bucket.account.uid ? "owner" : principal),
    }));
  });
  return {
    text: renderMatrix(rows),
    json: { rows: rows.map((row) => ({ ...row, cells: { ...row.cells } })) },
  };
}
