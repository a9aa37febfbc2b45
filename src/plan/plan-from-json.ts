/** A plan, read back from its JSON: every report of it is the one of the plan that was written. */

import type { Diagnostic, Span } from "../diagnostic.ts";
import type { OpenQuestion } from "../policy/open-questions.ts";
import type { JsonObject } from "../policy/json.ts";
import type { Exposure, ReadProblem } from "../policy/live.ts";
import { canonicalStatement } from "../policy/policy.ts";
import { changeRequestsFrom, planRequestsFrom } from "./requests-from-json.ts";
import { accessFrom, requestFrom } from "./access-from-json.ts";
import type { FieldDifference, PolicyDifference } from "./diff.ts";
import type { Hazard } from "./hazard.ts";
import type { LimitedAccount, NamedAccount } from "./limiting.ts";
import type { PlanDocument } from "./plan-schema.ts";
import type { BucketInPlan, Change, Plan, PlanBase, PlanEvents, PlanShard, WritingChange } from "./plan.ts";
import type { PublicAccess } from "./public-access.ts";

type ChangeJson = PlanDocument["changes"][number];
type HazardJson = NonNullable<ChangeJson["hazards"]>[number];
type StatementsJson = NonNullable<ChangeJson["statements"]>;
type DiagnosticJson = PlanDocument["diagnostics"][number];
type ProblemJson = NonNullable<ChangeJson["problem"]>;
type AccountJson = NonNullable<PlanDocument["accounts"]>[number];
type EventsJson = NonNullable<PlanDocument["events"]>;
type ShardJson = NonNullable<PlanDocument["shard"]>;

export function planFrom(document: PlanDocument): Plan {
  const { changes, unmanaged, diagnostics, events, requests, shard, baseName } = document;
  const names = namesFrom(document);
  const base = baseFrom(document);
  const { limits, limitedAccounts = [], accounts } = document;
  return {
    changes: changes.map((change) => changeFrom(change, names.get(change.account) ?? new Map())),
    unmanaged: unmanaged.map(({ problem, ...bucket }) => ({
      ...bucket,
      problem: problem && problemFrom(problem),
    })),
    diagnostics: diagnostics.map(diagnosticFrom),
    ...(base === undefined ? {} : { base }),
    ...(events === undefined ? {} : { events: eventsFrom(events) }),
    ...(requests === undefined ? {} : { requests: planRequestsFrom(requests) }),
    ...(limits === undefined
      ? {}
      : { limits: limits.map((message, at) => ({ account: limitedAccounts[at] ?? "", message })) }),
    ...(accounts === undefined ? {} : { accounts: accounts.map(accountFrom) }),
    ...(shard === undefined ? {} : { shard: shardFrom(shard, baseName) }),
  };
}

function accountFrom({ account, name }: AccountJson): NamedAccount {
  return { uid: account, ...(name === undefined ? {} : { name }) };
}

function eventsFrom({ count, from, until, unread }: EventsJson): PlanEvents {
  return {
    count,
    unread,
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
  };
}

function namesFrom({ identities = [] }: PlanDocument): ReadonlyMap<string, BucketInPlan["names"]> {
  const byAccount = new Map<string, Map<string, string>>();
  for (const { account, principal, name } of identities) {
    const names = byAccount.get(account) ?? new Map<string, string>();
    byAccount.set(account, names.set(principal, name));
  }
  return byAccount;
}

function baseFrom({
  revision,
  base,
  baseName = "",
  uncommitted = [],
  loosened = [],
  abandoned = [],
}: PlanDocument): PlanBase | undefined {
  if (revision === null || base === null) return undefined;
  return { revision, base, word: baseName, uncommitted, loosened, abandoned };
}

function shardFrom({ index, count, unmerged }: ShardJson, baseName = ""): PlanShard {
  if (unmerged === undefined) return { index, count };
  const { files, selected, options, accounts, accountsAtBase, known, live } = unmerged;
  const { forbid, ...others } = options;
  const base =
    accountsAtBase === undefined
      ? {}
      : { base: { word: baseName, accounts: accountsAtBase.map(limitedFrom) } };
  return {
    index,
    count,
    unmerged: {
      files,
      selected,
      options: { ...others, ...(forbid === undefined ? {} : { forbid }) },
      limiting: { accounts: accounts.map(limitedFrom), ...base },
      ...(known === undefined ? {} : { known }),
      live,
    },
  };
}

type LimitedJson = NonNullable<ShardJson["unmerged"]>["accounts"][number];

function limitedFrom({ account, name, file, limits, managed, managedBefore }: LimitedJson): LimitedAccount {
  // An absent member and an undefined one are the same to the limits.
  return {
    uid: account,
    ...(name === undefined ? {} : { name }),
    file,
    limits: limits as LimitedAccount["limits"],
    managed,
    managedBefore,
  };
}

function changeFrom(json: ChangeJson, names: BucketInPlan["names"]): Change {
  const { account, bucket, region, action, blocked, cause, file, line } = json;
  const observed = (json.observed ?? []).map(({ name, ...one }) => [name as OpenQuestion, one] as const);
  const rest = observed.length === 0 ? {} : { observed: new Map(observed) };
  const inPlan = { account, bucket, region, file, line, names, blocked, cause, ...rest };
  if (action === "unreadable")
    return { ...inPlan, action, problem: problemFrom(json.problem ?? { message: "" }) };
  const compared = {
    ...inPlan,
    before: documentFrom(json.before),
    after: documentFrom(json.after),
    digests: json.digests ?? { desired: "none", live: "none" },
    access: accessFrom(json.access ?? equalAccess),
    hazards: (json.hazards ?? []).map(hazardFrom),
    ...(json.limit === undefined ? {} : { limit: json.limit }),
  };
  if (action === "none") return { ...compared, action };
  const writing = {
    ...compared,
    difference: differenceFrom(json.statements ?? noStatements),
    ...(json.openness === undefined ? {} : { publicAccess: publicAccessFrom(json.openness) }),
    ...(json.lastChange === undefined ? {} : { lastChange: json.lastChange }),
    ...(json.requests === undefined ? {} : { requests: changeRequestsFrom(json.requests) }),
    ...(json.replaces === undefined ? {} : { replaces: json.replaces }),
  };
  return { ...writing, action } as WritingChange;
}

const equalAccess = {
  verdict: "equal" as const,
  gains: [],
  loses: [],
  newlyBlocked: [],
  blockLifted: [],
  dependsOn: [],
};
const noStatements = { added: [], removed: [], changed: [], fields: [] };

/** Documents have any JSON value, with the exact numbers that were parsed. */
function documentFrom(document: Readonly<Record<string, unknown>> | null | undefined): JsonObject | null {
  return document === undefined ? null : (document as JsonObject | null);
}

function statementFrom(document: Readonly<Record<string, unknown>>) {
  return canonicalStatement(document as JsonObject);
}

function differenceFrom({ added, removed, changed, fields }: StatementsJson): PolicyDifference {
  return {
    added: added.map(({ statement, place }) => ({ statement: statementFrom(statement), place })),
    removed: removed.map(({ statement }) => statementFrom(statement)),
    changed: changed.map(({ before, after, place, fields: own }) => ({
      before: statementFrom(before),
      after: statementFrom(after),
      place,
      fields: own.map(fieldFrom),
    })),
    fields: fields.map(fieldFrom),
  };
}

function fieldFrom({ path, added, removed, isJson }: StatementsJson["fields"][number]): FieldDifference {
  return { path, added, removed, ...(isJson === undefined ? {} : { isJson }) };
}

function hazardFrom(json: HazardJson): Hazard {
  const { code, severity, message, witness, accepted, guardrail, about, saysWitness } = json;
  return {
    code,
    severity,
    message,
    ...(witness === undefined ? {} : { witness: requestFrom(witness) }),
    ...(about === undefined ? {} : { about }),
    ...(guardrail === undefined ? {} : { guardrail }),
    ...(saysWitness === undefined ? {} : { saysWitness }),
    ...(accepted === undefined ? {} : { accepted }),
  };
}

function publicAccessFrom(json: NonNullable<ChangeJson["openness"]>): PublicAccess {
  const { isPublic, isDocumented, allowsAnonymous, acl = "", blockPublicAccess = false, problem } = json;
  const exposure: Exposure =
    problem === undefined
      ? { state: "known", acl, blockPublicAccess }
      : { state: "unknown", problem: problemFrom(problem) };
  const status = !isPublic ? "no" : isDocumented === false ? "undocumented" : "yes";
  return { exposure, status, allowsAnonymous };
}

function problemFrom({ message, help, status, code, ec, retryAfterMs }: ProblemJson): ReadProblem {
  return {
    message,
    ...(help === undefined ? {} : { help }),
    ...(status === undefined ? {} : { status }),
    ...(code === undefined ? {} : { code }),
    ...(ec === undefined ? {} : { ec }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

function diagnosticFrom(json: DiagnosticJson): Diagnostic {
  const { code, severity, message, help, account, cause, fix, related } = json;
  const span = spanFrom(json);
  return {
    ...(account === undefined ? {} : { account }),
    code,
    severity,
    message,
    ...(span === undefined ? {} : { span }),
    ...(help === undefined ? {} : { help }),
    ...(fix === undefined
      ? {}
      : { fix: { edits: fix.flatMap(({ text, ...place }) => withSpan({ text }, place)) } }),
    ...(related.length === 0
      ? {}
      : { related: related.flatMap(({ message: text, ...place }) => withSpan({ message: text }, place)) }),
    ...(cause === undefined ? {} : { cause }),
  };
}

type PlaceJson = Pick<DiagnosticJson, "file" | "line" | "column" | "endLine" | "endColumn">;

function withSpan<T extends object>(value: T, place: PlaceJson): readonly (T & { readonly span: Span })[] {
  const span = spanFrom(place);
  return span === undefined ? [] : [{ ...value, span }];
}

function spanFrom({ file, line, column, endLine = line, endColumn = column }: PlaceJson): Span | undefined {
  if (file === undefined || line === undefined || column === undefined) return undefined;
  return { file, start: { line, column }, end: { line: endLine ?? line, column: endColumn ?? column } };
}
