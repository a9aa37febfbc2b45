import equal from "fast-deep-equal";
import type { Budget } from "../access/budget.ts";
import { reopened } from "../access/reopened.ts";
import { dependenceText, requestText } from "../access/render.ts";
import { namesOf } from "../desired/account-file.ts";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import { statementKey, type Policy } from "../policy/policy.ts";
import { bucketOf } from "../desired/desired-policy.ts";
import { outOfBandCandidates, type BasePolicy } from "./base-policy.ts";
import { hazard, type Hazard } from "./hazard.ts";
import { statementText } from "./statement-text.ts";

interface Compared {
  readonly bucket: DesiredBucket;
  readonly before: Policy | "none";
  readonly after: Policy | "none";
  readonly base?: BasePolicy | undefined;
  readonly budget?: Budget | undefined;
}

/** Finds out-of-band changes that a change would undo. Returns none without a base revision. */
export function driftHazards(compared: Compared): readonly Hazard[] {
  return [...outOfBandHazards(compared), ...reopenHazards(compared)];
}

function outOfBandHazards({ bucket, before, after, base }: Compared): readonly Hazard[] {
  if (base === undefined) return [];
  const outOfBand = outOfBandCandidates(before, after, base.policy).filter(
    (statement) => !base.everDesired.has(statementKey(statement)),
  );
  const [first] = outOfBand;
  if (first === undefined) return [];
  const more = outOfBand.length === 1 ? "" : `, and ${outOfBand.length - 1} more`;
  const past = base.isComplete
    ? ""
    : "; the history is incomplete here, so older versions were not checked (fetch-depth: 0)";
  return [
    hazard(
      "overwrites-foreign-statements",
      "block",
      `no version of the bucket's file has the statement \`${statementText(first)}\`${more}${past}; to keep what OSS has, ${takeOverText(bucket)}`,
    ),
  ];
}

/** Returns how to keep a statement of OSS: import leaves a file of several buckets, or with statement sets, as it is. */
function takeOverText({ isAlone }: DesiredBucket): string {
  return isAlone
    ? "take it over with `import --force --bucket BUCKET`"
    : "copy the statement into a file of the bucket alone: its file is of several buckets or uses statement sets";
}

function reopenHazards({ bucket, before, after, base, budget }: Compared): readonly Hazard[] {
  if (base === undefined || typeof base.policy === "string" || after === "none") return [];
  if (equal(before, base.policy)) return [];
  const found = reopened({ live: before, base: base.policy, wanted: after }, bucketOf(bucket), budget);
  if (found.kind === "none") return [];
  if (found.kind === "undecided")
    return [
      hazard(
        "reopens-drift",
        "block",
        `cannot decide whether the change reopens access that was closed: ${found.cause}`,
      ),
    ];
  const open = found.dependsOn.length === 0 ? "" : ` (${dependenceText(found.dependsOn)})`;
  const example = requestText(found.witness, namesOf(bucket.account));
  return [
    {
      ...hazard(
        "reopens-drift",
        "block",
        `the live policy does not allow what the files at the base allow, and the change does: ${example}${open}; ${closedOrNeverApplied}`,
      ),
      witness: found.witness,
      saysWitness: true,
    },
  ];
}

const closedOrNeverApplied =
  "it was closed in OSS, or the base was merged and never applied: then run that apply again first";
