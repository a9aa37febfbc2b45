import type { ReportContext } from "../context.ts";
import type { ChangedStatement, PlacedStatement, PolicyDifference } from "../../plan/diff.ts";
import { riskOf, type Hazard } from "../../plan/hazard.ts";
import type { LimitedAccount, NamedAccount } from "../../plan/limiting.ts";
import type {
  ChangeRequests,
  PlanRequests,
  RequestEffect,
  RequestExample,
} from "../../plan/request-effects.ts";
import type { PublicAccess } from "../../plan/public-access.ts";
import {
  isWriting,
  summarize,
  type Change,
  type Plan,
  type PlanBase,
  type PlanLimit,
  type PlanShard,
  type WritingChange,
} from "../../plan/plan.ts";
import { planFormatVersion, sealedText } from "../../plan/saved-plan.ts";
import type { Observation } from "../../policy/open-questions.ts";
import type { JsonObject } from "../../policy/json.ts";
import { statementDocument } from "../../policy/policy.ts";
import { observedJson, orderedAccessJson, requestJson } from "./access.ts";
import { accountVerdicts, verdictOf, type VerdictContext } from "../verdict.ts";
import { planDiagnosticJson } from "./diagnostics.ts";

export type PlanDocumentOptions = Pick<ReportContext, "version" | "isErrored" | "outcomes">;

/** Yields the parts of a plan as JSON text that follows plan.schema.json. Numbers in policies keep their digits. */
export function planDocument(
  plan: Plan,
  { version, isErrored, outcomes }: PlanDocumentOptions,
): Iterable<string> {
  return sealedText({
    formatVersion: planFormatVersion,
    tool: { name: "oss-policy", version },
    errored: isErrored,
    verdict: verdictJson(plan, { isErrored, outcomes }),
    revision: plan.base?.revision ?? null,
    base: plan.base?.base ?? null,
    ...(plan.base === undefined ? {} : baseJson(plan.base)),
    ...(plan.shard === undefined ? {} : { shard: shardJson(plan.shard) }),
    ...(plan.events === undefined ? {} : { events: { ...plan.events } }),
    ...(plan.requests === undefined ? {} : { requests: planRequestsJson(plan.requests) }),
    ...(plan.limits === undefined ? {} : limitsJson(plan.limits)),
    ...(plan.accounts === undefined ? {} : { accounts: plan.accounts.map(accountJson) }),
    summary: { ...summarize(plan.changes) },
    identities: identitiesJson(plan.changes),
    *changes() {
      for (const change of plan.changes) yield changeJson(change);
    },
    unmanaged: plan.unmanaged.map(({ problem, ...bucket }) => ({
      ...bucket,
      problem: problem && { ...problem },
    })),
    diagnostics: plan.diagnostics.map(planDiagnosticJson),
    ...(outcomes === undefined ? {} : { outcomes: outcomes.map((outcome) => ({ ...outcome })) }),
  });
}

function verdictJson(plan: Plan, context: VerdictContext): JsonObject {
  const accounts = accountVerdicts(plan, context).map((verdict) => ({ ...verdict }));
  return { ...verdictOf(plan, context), ...(accounts.length === 0 ? {} : { accounts }) };
}

function limitsJson(limits: readonly PlanLimit[]): JsonObject {
  return {
    limits: limits.map(({ message }) => message),
    limitedAccounts: limits.map(({ account }) => account),
  };
}

function accountJson({ uid, name }: NamedAccount): JsonObject {
  return { account: uid, ...(name === undefined ? {} : { name }) };
}

function baseJson({ word, loosened, abandoned, uncommitted }: PlanBase): JsonObject {
  return {
    baseName: word,
    uncommitted,
    loosened: loosened.map((one) => ({ ...one })),
    abandoned: abandoned.map((bucket) => ({ ...bucket })),
  };
}

function shardJson({ index, count, unmerged }: PlanShard): JsonObject {
  if (unmerged === undefined) return { index, count };
  const { limiting, options, ...facts } = unmerged;
  const { accounts, base } = limiting;
  return {
    index,
    count,
    unmerged: {
      ...facts,
      options: { ...options },
      accounts: accounts.map(limitedJson),
      ...(base === undefined ? {} : { accountsAtBase: base.accounts.map(limitedJson) }),
    },
  };
}

function limitedJson({ uid, limits, ...rest }: LimitedAccount): JsonObject {
  const { change, delete: deleted, abandon } = limits;
  return {
    account: uid,
    ...rest,
    limits: {
      ...(change === undefined ? {} : { change: { ...change } }),
      ...(deleted === undefined ? {} : { delete: { ...deleted } }),
      ...(abandon === undefined ? {} : { abandon: { ...abandon } }),
    },
  };
}

/** Returns the names of principals, once for each account. */
function identitiesJson(changes: readonly Change[]): readonly JsonObject[] {
  const byAccount = new Map(changes.map(({ account, names }) => [account, names]));
  return [...byAccount].flatMap(([account, names]) =>
    [...names].map(([principal, name]) => ({ account, principal, name })),
  );
}

function changeJson(change: Change): JsonObject {
  const { account, bucket, region, action, blocked, cause, file, line } = change;
  const observed = [...(change.observed ?? [])].map(observationJson);
  const rest = observed.length === 0 ? {} : { observed };
  const base = { account, bucket, region, action, blocked, cause, file, line, ...rest };
  if (change.action === "unreadable") return { ...base, problem: { ...change.problem } };
  const { before, after, digests, access, hazards } = change;
  const statements = isWriting(change) ? statementsJson(change.difference) : noStatements;
  return {
    ...base,
    ...(isWriting(change) && change.replaces !== undefined ? { replaces: change.replaces } : { before }),
    after,
    statements,
    access: orderedAccessJson(access),
    risk: riskOf(hazards),
    hazards: hazards.map(planHazardJson),
    ...(isWriting(change) && change.publicAccess !== undefined
      ? { openness: opennessJson(change.publicAccess) }
      : {}),
    ...(isWriting(change) ? { ...lastChangeJson(change), ...requestsJson(change.requests) } : {}),
    digests: { ...digests },
    ...(change.limit === undefined ? {} : { limit: change.limit }),
  };
}

/** One order of the members, since the digest of a plan is over its text. */
function observationJson([name, { position, region, date }]: readonly [string, Observation]): JsonObject {
  return { name, position, region, date };
}

function lastChangeJson({ lastChange }: WritingChange): JsonObject {
  if (lastChange === undefined || lastChange === null) return lastChange === null ? { lastChange } : {};
  return { lastChange: { ...lastChange, by: { ...lastChange.by } } };
}

function requestsJson(requests: ChangeRequests | undefined): JsonObject {
  if (requests === undefined) return {};
  const { total, from, to, effects, observed, cause } = requests;
  return {
    requests: {
      total,
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      effects: effects.map(effectJson),
      ...observedJson(observed),
      ...(cause === undefined ? {} : { cause }),
    },
  };
}

/** One order of the members, since the digest of a plan is over its text. */
function effectJson({ effect, on, points, may, stillAllowedBy, ...rest }: RequestEffect): JsonObject {
  const { caller, name, action, prefix, count, of, last, observed, examples } = rest;
  return {
    effect,
    ...(on === undefined ? {} : { on }),
    ...(points === undefined ? {} : { points }),
    ...(may === undefined ? {} : { may }),
    ...(stillAllowedBy === undefined ? {} : { stillAllowedBy }),
    caller,
    ...(name === undefined ? {} : { name }),
    action,
    prefix,
    count,
    of,
    last,
    ...observedJson(observed),
    ...(examples === undefined ? {} : { examples: examples.map(exampleJson) }),
  };
}

function exampleJson({ time, key, address, session }: RequestExample): JsonObject {
  return {
    time,
    key,
    ...(address === undefined ? {} : { address }),
    ...(session === undefined ? {} : { session }),
  };
}

export function planRequestsJson({ skipped, sources, ...rest }: PlanRequests): JsonObject {
  return { ...rest, skipped: { ...skipped }, sources: { ...sources } };
}

export function hazardJson({ witness, code, severity, message, accepted }: Hazard): JsonObject {
  return {
    code,
    severity,
    message,
    ...(accepted === undefined ? {} : { accepted }),
    ...(witness === undefined ? {} : { witness: requestJson(witness) }),
  };
}

function planHazardJson(hazard: Hazard): JsonObject {
  const { guardrail, about, saysWitness } = hazard;
  return {
    ...hazardJson(hazard),
    ...(guardrail === undefined ? {} : { guardrail }),
    ...(about === undefined ? {} : { about: { ...about } }),
    ...(saysWitness === undefined ? {} : { saysWitness }),
  };
}

function opennessJson({ status, allowsAnonymous, exposure }: PublicAccess): JsonObject {
  const known =
    exposure.state === "known"
      ? { acl: exposure.acl, blockPublicAccess: exposure.blockPublicAccess }
      : { problem: { ...exposure.problem } };
  const isDocumented = status === "undocumented" ? { isDocumented: false } : {};
  return { isPublic: status !== "no", ...isDocumented, allowsAnonymous, ...known };
}

const noStatements: JsonObject = { added: [], removed: [], changed: [], fields: [] };

function statementsJson({ added, removed, changed, fields }: PolicyDifference): JsonObject {
  return {
    added: added.map(placedJson),
    removed: removed.map((statement) => ({ statement: statementDocument(statement) })),
    changed: changed.map(changedJson),
    fields: fields.map((field) => ({ ...field })),
  };
}

function placedJson({ statement, place }: PlacedStatement): JsonObject {
  return { statement: statementDocument(statement), place: place && { ...place } };
}

function changedJson({ before, after, place, fields }: ChangedStatement): JsonObject {
  return {
    before: statementDocument(before),
    after: statementDocument(after),
    place: place && { ...place },
    fields: fields.map((field) => ({ ...field })),
  };
}
