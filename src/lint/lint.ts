import type { DesiredBucket, ParsedBucket } from "../desired/bucket-file.ts";
import type { Ignore } from "../desired/ignore.ts";
import { compareDiagnostics, isWithin, type Diagnostic } from "../diagnostic.ts";
import { acceptableHazards, passingHazards } from "../desired/guard-schema.ts";
import { nearMiss } from "../near-miss.ts";
import type { AcceptableHazard } from "../desired/guard-schema.ts";
import type { Accept } from "../desired/guards.ts";
import { faultySpans, placeOf, severityOf, withoutConsequences } from "./causes.ts";
import { policyInFile, type Finding, type Rule } from "./rule.ts";
import { denyEveryone } from "./rules/deny-everyone.ts";
import { denyReachesOwner } from "./rules/deny-reaches-owner.ts";
import { doubleWildcard } from "./rules/double-wildcard.ts";
import { rules } from "./rules/index.ts";
import { policyVariable } from "./rules/policy-variable.ts";
import { policyLimitBytes, policySize } from "./rules/policy-size.ts";
import { publicPolicy } from "./rules/public-policy.ts";
import { sourceIpAlone } from "./rules/source-ip-alone.ts";
import { undecidedValue } from "./rules/undecided-value.ts";
import { valueSize } from "./rules/value-size.ts";
import { version } from "./rules/version.ts";

/** Findings about each bucket by its name: those that no ignore comment silences, and those about such comments. */
export type Findings = ReadonlyMap<string, readonly Diagnostic[]>;

/** What the rules find about one bucket, before a comment or an accept silences anything. */
export interface LintFindings {
  readonly found: readonly Diagnostic[];
  readonly refusals: readonly ForeseenRefusal[];
}

/** Reason for which OSS would refuse the policy. */
export interface ForeseenRefusal {
  /** Code of the rule that finds it. */
  readonly code: string;
  readonly message: string;
  /** Place of its cause, as `placeOf` writes it. */
  readonly place: string;
}

/**
 * Returns the findings that nothing silences. The buckets of a tree are judged together: a comment in a statement
 * set is used if any of the buckets that share the set has the finding. An accept that is still valid on `today`
 * (such as `2027-01-31`) silences the lint finding for the same problem as its hazard.
 */
export function unsilenced<Bucket extends DesiredBucket>(
  buckets: readonly Bucket[],
  findingsOf: (bucket: Bucket) => readonly Diagnostic[],
  today: string,
): Findings {
  const found = buckets.map((bucket) => ({ bucket, findings: findingsOf(bucket) }));
  const used = new Set(found.flatMap(({ bucket, findings }) => usedIgnores(bucket, findings)).map(ignoreKey));
  const shown = found.flatMap(({ bucket, findings }) =>
    findings.filter((finding) => !isSilenced(bucket, finding)),
  );
  return new Map(
    found.map(({ bucket, findings }) => [
      bucket.bucket,
      [
        ...findings.filter(
          (finding) =>
            !isSilenced(bucket, finding) && !bucket.accepts.some((accept) => accepts(accept, finding, today)),
        ),
        ...bucket.ignores.flatMap((ignore) => checkIgnore(ignore, used, shown)),
      ].sort(compareDiagnostics),
    ]),
  );
}

/** Lints the policies of all buckets of a tree together. */
export function lintBuckets(buckets: readonly ParsedBucket[], today = ""): Findings {
  return unsilenced(buckets, (bucket) => lintFindings(bucket).found, today);
}

/** Codes that only a proof of validate finds: a comment for one is never reported as unused. */
const provedCodes = ["never-matches", "changes-nothing"];

/** Reports whether a comment in the bucket's file silences a finding. */
export function isSilenced({ ignores }: DesiredBucket, finding: Diagnostic): boolean {
  return ignores.some((ignore) => silences(ignore, finding));
}

/** Returns the findings about a bucket that shares no statement set with another. */
export function lintBucket(bucket: ParsedBucket): readonly Diagnostic[] {
  return lintBuckets([bucket]).get(bucket.bucket) ?? [];
}

/** Applies the rules to one bucket. */
export function lintFindings(bucket: ParsedBucket): LintFindings {
  const judged = policyInFile(bucket);
  if (judged === undefined) return { found: [], refusals: [] };
  // Far above OSS's limit only the size is reported: the other rules would take too long.
  const applied = judged.bytes > 4 * policyLimitBytes ? [policySize] : rules;
  const faulty = faultySpans(bucket, judged);
  const findings = applied.flatMap((rule) => {
    const own = rule.check(judged);
    return own.length === 0 ? [] : [{ rule, own }];
  });
  const found = findings.flatMap(({ rule, own }) =>
    numbered(own)
      .filter(({ finding }) => !faulty.some((statement) => isWithin(finding.span, statement)))
      .map(({ finding, place, number }) => {
        const diagnostic = diagnosticOf(rule, finding, bucket, `${place} ${number}`);
        return { rule, finding, place, diagnostic, isSilenced: isSilenced(bucket, diagnostic) };
      }),
  );
  return {
    found: withoutConsequences(found).map(({ diagnostic }) => diagnostic),
    refusals: refusedByOss.flatMap((rule) =>
      (findings.find((one) => one.rule === rule)?.own ?? []).map(({ message, span, behind }) => ({
        code: rule.code,
        message,
        place: placeOf(behind ?? span),
      })),
    ),
  };
}

/** Numbers the findings of each place, so that buckets of a shared file have the same numbers. */
function numbered(findings: readonly Finding[]) {
  const counts = new Map<string, number>();
  return findings.map((finding) => {
    const place = placeOf(finding.span);
    const number = (counts.get(place) ?? 0) + 1;
    counts.set(place, number);
    return { finding, place, number };
  });
}

function diagnosticOf(rule: Rule, finding: Finding, bucket: DesiredBucket, ownPlace: string): Diagnostic {
  const { message, span, help, fix } = finding;
  const { origin, file } = span;
  const isShared = origin !== undefined || !bucket.isAlone;
  const cause = origin === undefined ? ownPlace : `${message} of ${placeOf(origin)}`;
  return {
    code: rule.code,
    severity: severityOf(rule, finding),
    message,
    span,
    help,
    ...(fix === undefined ? {} : { fix }),
    ...usedBy(bucket, file),
    ...(isShared ? { cause } : {}),
  };
}

/** Returns the use of the statement set that a finding is in. */
function usedBy({ uses }: DesiredBucket, file: string): Pick<Diagnostic, "related"> {
  const use = uses.find(({ set }) => set.file === file);
  return use === undefined ? {} : { related: [{ message: "used here", span: use.span }] };
}

/** Rules whose findings OSS refuses by itself (OSS docs: error codes of PutBucketPolicy). */
const refusedByOss = [policySize, valueSize, doubleWildcard, sourceIpAlone, version];

/** Returns why OSS would refuse the policy although a comment or an accept silenced the finding. */
export function refusalsBehind(
  refusals: readonly ForeseenRefusal[],
  findings: readonly Diagnostic[],
): readonly string[] {
  if (refusals.length === 0) return [];
  const reported = new Set(findings.map(({ code }) => code));
  const errors = new Set(
    findings.flatMap(({ severity, span }) => (severity === "error" && span ? [placeOf(span)] : [])),
  );
  return (
    refusals
      // What follows from a reported error stops a plan by itself.
      .filter(({ code, place }) => !reported.has(code) && !errors.has(place))
      .map(({ message }) => message)
  );
}

/** Lint codes that report the same problem as a hazard. */
const codesOfHazard: Readonly<Partial<Record<AcceptableHazard, readonly string[]>>> = {
  "grants-public-access": [publicPolicy.code],
  "locks-out-operator": [denyEveryone.code],
  "locks-out-owner": [denyReachesOwner.code],
  "refused-by-oss": refusedByOss.map(({ code }) => code),
  "access-undecided": [policyVariable.code, undecidedValue.code],
};

function accepts({ of, until }: Accept, { code }: Diagnostic, today: string): boolean {
  return (
    "hazard" in of &&
    (codesOfHazard[of.hazard] ?? []).includes(code) &&
    (until === undefined || until >= today)
  );
}

function usedIgnores({ ignores }: DesiredBucket, findings: readonly Diagnostic[]): readonly Ignore[] {
  return ignores.filter((ignore) => findings.some((finding) => isFor(ignore, finding)));
}

function silences(ignore: Ignore, finding: Diagnostic): boolean {
  return ignore.reason !== "" && isFor(ignore, finding);
}

function isFor({ code, line, span }: Ignore, finding: Diagnostic): boolean {
  return code === finding.code && span.file === finding.span?.file && line === finding.span.start.line;
}

function helpForCode(code: string): string {
  const near = nearMiss(code, [...rules.map((rule) => rule.code), ...provedCodes]);
  return near === undefined ? "remove the comment" : `did you mean \`${near}\`?`;
}

function isCode(code: string): boolean {
  return provedCodes.includes(code) || rules.some((rule) => rule.code === code);
}

/** Returns true for what an entry of `accept` accepts, and no comment. */
function isAcceptable(code: string): boolean {
  return [...acceptableHazards, ...passingHazards, "guardrail-broken"].includes(code);
}

/** Returns the place of a comment, which is the same in all buckets that share its file. */
function ignoreKey({ code, span }: Ignore): string {
  return `${code} ${placeOf(span)}`;
}

function checkIgnore(
  ignore: Ignore,
  used: ReadonlySet<string>,
  shown: readonly Diagnostic[],
): readonly Diagnostic[] {
  const { code, span } = ignore;
  if (/[,;|]/.test(code)) {
    const [first = ""] = code.split(/[,;|]/);
    const help = `write a comment for each, on a line of its own: \`# oss-policy-ignore ${first || "CODE"}: why this is right\``;
    return [
      { code: "unused-ignore", severity: "warning", message: "an ignore comment names one code", span, help },
    ];
  }
  if (ignore.reason === "") {
    const message = "an ignore comment needs a reason";
    const help = `write \`# oss-policy-ignore ${code || "CODE"}: why this is right\``;
    return [{ code: "ignore-without-reason", severity: "error", message, span, help }];
  }
  if (used.has(ignoreKey(ignore)) || provedCodes.includes(code)) return [];
  if (isAcceptable(code)) {
    const message = `no comment silences \`${code}\``;
    const help = "accept it under `accept` in this file, with a reason";
    return [{ code: "unused-ignore", severity: "warning", message, span, help }];
  }
  if (!isCode(code)) {
    const message = `no finding has the code \`${code}\``;
    const help = helpForCode(code);
    return [{ code: "unused-ignore", severity: "warning", message, span, help }];
  }
  const message = `there is no \`${code}\` finding on the line below`;
  const at = nearestLine(ignore, shown);
  const help =
    at === undefined ? "remove the comment" : `the finding is at line ${at}: move the comment above it`;
  return [{ code: "unused-ignore", severity: "warning", message, span, help }];
}

/** Returns the line of the nearest finding of a comment's code in its file: a finding may be below the line it is about. */
function nearestLine({ code, line, span }: Ignore, shown: readonly Diagnostic[]): number | undefined {
  const lines = shown.flatMap((finding) =>
    finding.code === code && finding.span?.file === span.file ? [finding.span.start.line] : [],
  );
  const [nearest] = lines.sort((a, b) => Math.abs(a - line) - Math.abs(b - line) || b - a);
  return nearest;
}
