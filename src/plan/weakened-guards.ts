import equal from "fast-deep-equal";
import { namedText, type Names } from "../access/render.ts";
import { namesOf, type Account } from "../desired/account-file.ts";
import { guardrailsFor, type DesiredBucket } from "../desired/bucket-file.ts";
import type { Desired } from "../desired/desired.ts";
import {
  guardrailsIn,
  guardrailValue,
  operatorValue,
  type Accept,
  type Expectation,
  type Guardrail,
} from "../desired/guards.ts";
import { hazardSeverities } from "../desired/guard-schema.ts";
import { entryOf, type Node } from "../desired/node.ts";
import type { Diagnostic, Span } from "../diagnostic.ts";
import {
  coversExpectation,
  earlierEnd,
  expectationText,
  guardrailChange,
  isWithinAccept,
} from "./changed-guards.ts";
import { defaultSeverities, hazardCodes } from "./hazard.ts";
import { statementText } from "./statement-text.ts";
import { defaultsFrom, limitsOf } from "./limits.ts";
import type { AbandonedBucket, WeakenedGuard } from "./plan.ts";

/** Finds guards that are weaker than before, and new consents; accounts first. */
export function weakenedGuards(before: Desired, now: Desired): readonly WeakenedGuard[] {
  return [
    ...before.accounts.flatMap((account) => accountLoosened(account, now)),
    ...newAccounts(before, now),
    ...now.buckets.flatMap((bucket) => bucketLoosened(before, bucket)),
  ];
}

/** Finds new accounts, which no guard of the base judges. */
function newAccounts(before: Desired, now: Desired): readonly WeakenedGuard[] {
  if (before.accounts.length === 0) return [];
  return now.accounts
    .filter(({ uid }) => !before.accounts.some((account) => account.uid === uid))
    .map(({ uid, file }) => ({
      message: `account ${uid} is new: no earlier guard judges its buckets`,
      file,
      line: 1,
    }));
}

function accountLoosened(old: Account, now: Desired): readonly WeakenedGuard[] {
  const account = now.accounts.find(({ uid }) => uid === old.uid);
  if (account === undefined) {
    const message = `account ${old.uid} no longer has an account.yaml`;
    return [{ message, file: old.file, line: 1 }];
  }
  const at = (message: string, ...path: readonly string[]): WeakenedGuard => ({
    message,
    file: account.file,
    line: lineOf(account, path),
  });
  const guardrails = guardrailsIn(account.node);
  return [
    ...guardrailsIn(old.node).flatMap((was): readonly WeakenedGuard[] => {
      const is = guardrails.find(({ name }) => name === was.name);
      if (is === undefined) return [at(`guardrail \`${was.name}\` is gone`, "guardrails")];
      const line = is.span.start.line;
      const change = guardrailChange(was.json, is.json);
      if (change !== undefined) return [{ ...at(`guardrail \`${was.name}\` is changed: ${change}`), line }];
      return equal(namedIn(was.json, account), namedIn(was.json, old))
        ? []
        : [{ ...at(`guardrail \`${was.name}\` is changed by a variable or an identity in it`), line }];
    }),
    ...old.operators
      .filter(
        (operator) => !account.operators.some((one) => equal(operatorValue(one), operatorValue(operator))),
      )
      .map(({ principal }) => {
        const who = `operator \`${namedText(principal, namesOf(old))}\``;
        const isThere = account.operators.some((one) => one.principal === principal);
        return at(isThere ? `the \`with\` of ${who} is changed` : `${who} is gone`, "operators");
      }),
    ...limitsOf(old, defaultsFrom).flatMap(({ kind, unit, most }) => {
      const is = limitsOf(account, defaultsFrom).find((one) => one.kind === kind && one.unit === unit);
      if (is !== undefined && is.most <= most) return [];
      return [
        at(
          `the limit \`${kind}\` is ${is === undefined ? "gone" : `${is.most} ${unit}`}, and was ${most} ${unit}`,
          "limits",
          kind,
        ),
      ];
    }),
    ...(equal(account.credentials, old.credentials)
      ? []
      : [at("`credentials` is changed: the runs after the merge use the new ones", "credentials")]),
    ...loweredSeverities(old, account).map(({ text, code }) => at(text, "hazards", code)),
    ...newIdentities(old, account).map(({ text, name }) => at(text, "identities", name)),
    ...newOperators(old, account).map(({ text, span }) => ({
      ...at(text, "operators"),
      ...(span === undefined ? {} : { line: span.start.line }),
    })),
    ...newObservations(old, account).map((text) => at(text, "interpretations")),
    ...(old.scope === "all" && account.scope === "listed"
      ? [at("`scope` is no longer `all`: buckets without a file are no longer reported", "scope")]
      : []),
  ];
}

/** Returns the line of the last key of a path that the account file has; 1 if it has none of them. */
function lineOf({ node }: Account, path: readonly string[]): number {
  let [at, line]: [Node | undefined, number] = [node, 1];
  for (const name of path) {
    const entry = entryOf(at, name);
    if (entry === undefined) return line;
    [at, line] = [entry.value, entry.nameSpan.start.line];
  }
  return line;
}

function loweredSeverities(
  old: Account,
  now: Account,
): readonly { readonly text: string; readonly code: string }[] {
  return hazardCodes.flatMap((code) => {
    const [was, is] = [old, now].map(({ severities }) => severities.get(code) ?? defaultSeverities[code]);
    if (was === undefined || is === undefined) return [];
    return hazardSeverities.indexOf(is) > hazardSeverities.indexOf(was)
      ? [{ code, text: `the severity of \`${code}\` is ${is}, and was ${was}` }]
      : [];
  });
}

/** A new identity is a principal that counts as known from the next base on. */
function newIdentities(
  old: Account,
  now: Account,
): readonly { readonly text: string; readonly name: string }[] {
  const renamed = new Set(
    [...old.identities].flatMap(([name, who]) => (now.identities.has(name) ? [] : [who])),
  );
  return [...now.identities].flatMap(([name, who]) => {
    const was = old.identities.get(name);
    if (was === who || (was === undefined && renamed.has(who))) return [];
    const text =
      was === undefined
        ? `identity \`${name}\` is new: ${who}`
        : `identity \`${name}\` is ${who}, and was ${was}`;
    return [{ text, name }];
  });
}

/** A new operator may be given administration from the next base on. */
function newOperators(
  old: Account,
  now: Account,
): readonly { readonly text: string; readonly span: Span | undefined }[] {
  return now.operators
    .filter(({ principal }) => !old.operators.some((one) => one.principal === principal))
    .map(({ principal, span }) => ({ text: `operator \`${principal}\` is new`, span }));
}

/** A question that is settled, or settled otherwise, may let pass from the next base on what blocks now. */
function newObservations(old: Account, now: Account): readonly string[] {
  return [...(now.observed ?? [])].flatMap(([name, { position }]) => {
    const was = old.observed?.get(name)?.position;
    if (was === position) return [];
    const before = was === undefined ? "was open" : `was \`${was}\``;
    return [`the open question \`${name}\` is settled as \`${position}\`, and ${before}`];
  });
}

/** Returns the values of the identities and variables that a guardrail names. */
function namedIn(json: unknown, { identities, vars }: Account): readonly unknown[] {
  const words = JSON.stringify(json).match(/[^"${}]+/g) ?? [];
  return words.map((word) => identities.get(word) ?? vars.get(word));
}

/** Finds guardrails that the `vars` of a bucket file change, which override those of the account. */
function bentGuardrails(bucket: DesiredBucket, old: DesiredBucket | undefined): readonly Guardrail[] {
  const values = [...guardrailsFor(bucket.account, bucket).value, ...(old?.guardrails ?? [])].map(
    guardrailValue,
  );
  return bucket.guardrails.filter(
    (guardrail) => !values.some((one) => equal(one, guardrailValue(guardrail))),
  );
}

function bucketLoosened(before: Desired, bucket: DesiredBucket): readonly WeakenedGuard[] {
  const old = before.buckets.find((one) => one.bucket === bucket.bucket);
  const at = (message: string, span: Span): WeakenedGuard => ({
    message: `bucket \`${bucket.bucket}\` ${message}`,
    file: span.file,
    line: span.start.line,
  });
  const known = old?.accepts ?? [];
  const accepts = bucket.accepts.filter((accept) => !known.some((one) => isWithinAccept(accept, one)));
  const ignored = (old?.ignores ?? []).map(({ code }) => code);
  const ignores = bucket.ignores.filter(({ code }) => {
    const at = ignored.indexOf(code);
    if (at >= 0) ignored.splice(at, 1);
    return at < 0;
  });
  const expects = (old?.expects ?? []).filter(
    (expected) => !bucket.expects.some((one) => coversExpectation(one, expected)),
  );
  return [
    ...bentGuardrails(bucket, old).map(({ name }) =>
      at(`changes guardrail \`${name}\` by its own \`vars\``, bucket.span),
    ),
    ...accepts.map((accept) => at(`accepts ${acceptText(accept, earlierEnd(accept, known))}`, accept.span)),
    ...ignores.map(({ code, reason, span }) => at(`ignores ${code}: ${reason}`, span)),
    ...(expects.length === 0 ? [] : [at(lostText(expects, namesOf(bucket.account)), bucket.span)]),
  ];
}

/** Returns what an accept consents to, as a value for comparison: not why. */
export function consentOf({ of, until, region, live }: Accept) {
  return { of, until, region, live };
}

/** Maximum of lost expectations that a message names. */
const maxLost = 3;

function lostText(lost: readonly Expectation[], names: Names): string {
  const more = lost.length > maxLost ? `, and ${lost.length - maxLost} more` : "";
  const texts = lost.slice(0, maxLost).map((one) => expectationText(one, names));
  return `has lost ${lost.length === 1 ? "the expectation" : "the expectations"} ${texts.join(", ")}${more}`;
}

function acceptText({ of, reason, until, region }: Accept, wasUntil: string): string {
  const what = "hazard" in of ? of.hazard : `guardrail \`${of.guardrail}\``;
  const where = region === undefined ? "" : ` for ${statementText({ ...region, effect: null })}`;
  const end = until === undefined ? "" : ` until ${until}`;
  return `${what}${where}${end}${wasUntil}: ${reason}`;
}

/** Returns the buckets that had a policy in a file and no longer have a file. */
export function abandonedSince(before: Desired, now: Desired): readonly AbandonedBucket[] {
  const here = new Set(now.buckets.map(({ bucket }) => bucket));
  return before.buckets
    .filter(({ bucket, policy }) => !here.has(bucket) && policy.kind === "policy")
    .map(({ account, bucket, region, file, span }) => ({
      account: account.uid,
      bucket,
      region,
      file,
      line: span.start.line,
    }));
}

/** Makes an expired accept an error if its file is edited, where it would seem to be in force. */
export function sharpened(findings: readonly Diagnostic[], isEdited: boolean): readonly Diagnostic[] {
  return findings.map((finding) =>
    isEdited && finding.code === "expired-accept" ? { ...finding, severity: "error" } : finding,
  );
}
