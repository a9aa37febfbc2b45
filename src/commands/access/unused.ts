import { existsSync } from "node:fs";
import { statementText } from "../../plan/statement-text.ts";
import { searchBuckets } from "../../plan/grant-searches.ts";
import type { SeenWildcard, UnseenGrant, UnseenGrants } from "../../plan/unused-grants.ts";
import { planRequestsOf } from "../../plan/request-effects.ts";
import type { Policy } from "../../policy/policy.ts";
import type { JsonObject } from "../../policy/json.ts";
import { namesOf } from "../../desired/account-file.ts";
import { readWindow, requestOptionProblems } from "../../pipeline/weigh-requests.ts";
import { observedJson } from "../../report/json/access.ts";
import { requestsNote } from "../../report/requests.ts";
import { proposalLines, renderUnseen, type UnseenRow } from "../../report/text/unused.ts";
import { isFailed, type Failed } from "../../result.ts";
import type { Run } from "../../run/run.ts";
import { allPolicies, type QueriedBucket } from "./policies.ts";
import { folderBelow } from "./folder-below.ts";
import { proposalFor } from "./propose.ts";
import type { Options } from "../../run/options.ts";
import { refusal, type Diagnostic } from "../../diagnostic.ts";
import { problem, type AccessReply } from "./reply.ts";

/** Answers which grants no request of the access logs fell into. */
export async function unusedReply(words: readonly string[], run: Run): Promise<AccessReply> {
  const { options, io } = run;
  const window = { ...options, ...sinceDays(options) };
  const own = questionProblems(words, options);
  const problems = own.length > 0 ? own : requestOptionProblems(window, io);
  if (problems.length > 0) return { problems };
  const found = await allPolicies(run);
  if (isFailed(found)) return found;
  const searches = searchBuckets(found.all.map(({ policy }) => policy));
  const buckets = found.all.map(({ bucket }) => bucket);
  const read = await readWindow(buckets, window, io, searches.add);
  if (isFailed(read)) return read;
  run.out.diagnostics(read.diagnostics);
  const results = found.all.flatMap((one) => {
    const result = searches.resultOf(one.bucket.bucket);
    return result === undefined ? [] : [{ one, result, rows: rowsOf(one, result, options.live) }];
  });
  const extent = planRequestsOf(read.counts);
  const proposal =
    options.propose === undefined
      ? undefined
      : await proposalFor(
          folderBelow(options.policies) ?? options.policies,
          new Map(results.map(({ one, result }) => [one.bucket.bucket, result])),
          io.today,
        );
  const note = requestsNote({ requests: extent });
  const texts = results
    .map(({ one, result, rows }) => renderUnseen(one.bucket.bucket, result, rows))
    .filter((text) => text !== "");
  if (proposal !== undefined && isFailed(proposal)) {
    run.out.result(textOf([...texts, ...note]));
    return withOldFile(proposal, options.propose ?? "");
  }
  const proposed =
    proposal === undefined ? [] : proposalLines(proposal, options.propose ?? "", extent.skipped);
  return {
    text: textOf([...texts, ...proposed, ...note]),
    ...(proposal === undefined ? {} : { files: { propose: () => proposal.patch } }),
    json: () => ({
      requests: { ...extent, skipped: { ...extent.skipped }, sources: { ...extent.sources } },
      ...(proposal === undefined
        ? {}
        : { proposal: { buckets: proposal.buckets, stays: proposal.stays.map((one) => ({ ...one })) } }),
      buckets: results.map(({ one, result: { total, from, to, cause, limited, unlogged } }) => ({
        bucket: one.bucket.bucket,
        requests: total,
        from: from ?? null,
        to: to ?? null,
        ...(cause === undefined ? {} : { cause }),
        ...(limited === undefined ? {} : { limited }),
        ...(unlogged === undefined ? {} : { unloggedActions: unlogged }),
      })),
      unused: results.flatMap(({ rows, result }) => rows.map((row) => rowJson(row, result))),
    }),
  };
}

/** Says of a file that exists, such as the patch of an earlier run, that it is not the answer. */
function withOldFile({ problems }: Failed, file: string): Failed {
  if (file === "-" || !existsSync(file)) return { problems };
  const [first, ...others] = problems;
  if (first === undefined) return { problems };
  return { problems: [{ ...first, message: `${first.message}; \`${file}\` is left as it was` }, ...others] };
}

function textOf(lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}

/** Returns the window that --days names. */
function sinceDays({ days }: Options): Pick<Options, "since"> {
  return days === undefined ? {} : { since: `${days}d` };
}

function questionProblems(words: readonly string[], options: Options): readonly Diagnostic[] {
  const { propose, live, policies, requests = [], days, since } = options;
  if (words.length > 0) return problem("unused takes no words", "narrow it with --bucket").problems;
  if (propose !== undefined && live)
    return problem("--propose edits the files, and --live asks OSS", "leave out one of them").problems;
  if (propose !== undefined && folderBelow(policies) === undefined)
    return problem(
      `--propose: the folder \`${policies}\` is not below this one, and git takes no patch of it`,
      "run it in a folder above that one, such as the folder of the repository",
    ).problems;
  if (requests.length === 0)
    return problem("unused needs access logs", "add --requests PATH, a file or a folder of access logs")
      .problems;
  return days === undefined || since === undefined
    ? []
    : [refusal("option", "--days and --since both say where the window begins", "leave out one of them")];
}

function rowsOf(
  { bucket, policy }: QueriedBucket,
  { grants }: UnseenGrants,
  isLive: boolean,
): readonly UnseenRow[] {
  const spans = isLive || bucket.policy.kind === "none" ? [] : bucket.policy.spans;
  const rows = grants.map((grant) => {
    const span = spans[grant.statement];
    return {
      bucket: bucket.bucket,
      names: namesOf(bucket.account),
      grant,
      text: grantText(grant, policy.policy, namesOf(bucket.account)),
      place: span === undefined ? undefined : { file: span.file, line: span.start.line },
      conditions: conditionsOf(grant, policy.policy),
    };
  });
  // Statements as the file has them.
  return rows.sort((a, b) => (a.place?.line ?? 0) - (b.place?.line ?? 0));
}

/** Returns the grant as the statement that it is. */
function grantText(
  { statement, principals, actions, resources, wildcard }: UnseenGrant,
  policy: Policy | "none",
  names: ReadonlyMap<string, string>,
): string {
  const whole = policy === "none" ? undefined : policy.statements[statement];
  if (whole === undefined) return "";
  const words = wildcard === undefined ? actions : [wildcard.word];
  return statementText({ ...whole, principal: principals, action: words, resource: resources }, names);
}

function conditionsOf({ statement }: UnseenGrant, policy: Policy | "none"): readonly string[] {
  const condition = policy === "none" ? null : (policy.statements[statement]?.condition ?? null);
  return (condition ?? []).map(
    ({ operator, key, values }) => `${operator} ${key ?? ""} ${values.join(", ")}`,
  );
}

function rowJson({ bucket, grant, text, place, conditions }: UnseenRow, result: UnseenGrants): JsonObject {
  const { statement, part, principals, actions, resources, wildcard } = grant;
  const { total, from, to } = result;
  return {
    bucket,
    file: place?.file ?? null,
    line: place?.line ?? null,
    statement,
    part,
    principals,
    actions,
    resources,
    conditions,
    text,
    ...(wildcard === undefined ? {} : wildcardJson(wildcard)),
    ...observedJson(grant.observed),
    seen: 0,
    window: { from: from ?? null, to: to ?? null, requests: total },
  };
}

function wildcardJson({ word, seen, possible, unlogged }: SeenWildcard): JsonObject {
  return {
    wildcard: word,
    seenActions: seen,
    ...(possible.length === 0 ? {} : { possibleActions: possible }),
    ...(unlogged.length === 0 ? {} : { unloggedActions: unlogged }),
  };
}
