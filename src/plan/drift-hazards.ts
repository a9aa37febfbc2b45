import type { Budget } from "../access/budget.ts";
import { reopened } from "../access/reopened.ts";
import { dependenceText, requestText } from "../access/render.ts";
import { namesOf } from "../desired/account-file.ts";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import { policyDigest, statementKey, type Policy, type Statement } from "../policy/policy.ts";
import { addressOf } from "../proof/places.ts";
import type { AskedBefore } from "./base-policy.ts";
import { hazard, type Hazard } from "./hazard.ts";

interface Compared {
  readonly bucket: DesiredBucket;
  /** What is live. */
  readonly before: Policy | "none";
  /** What shall be. */
  readonly after: Policy | "none";
  readonly asked?: AskedBefore | undefined;
  readonly budget?: Budget | undefined;
}

/** What a change would undo that others than the files did: known only beside the revision before. */
export function driftHazards(compared: Compared): readonly Hazard[] {
  return [...foreignHazards(compared), ...reopenHazards(compared)];
}

function foreignHazards({ before, after, asked }: Compared): readonly Hazard[] {
  if (asked === undefined || before === "none") return [];
  const kept = new Set(statementsOf(after).map(statementKey));
  const wanted = new Set(
    typeof asked.policy === "string"
      ? []
      : asked.policy.statements.map((statement) => statementKey(statement)),
  );
  const gone = before.statements.filter(
    (one) => !kept.has(statementKey(one)) && !wanted.has(statementKey(one)),
  );
  const foreign = gone.length === 0 ? [] : asked.foreign(gone);
  const [first] = foreign;
  if (first === undefined) return [];
  const more = foreign.length === 1 ? "" : `, and ${foreign.length - 1} more`;
  const past = asked.isShallow
    ? "; the history here is cut off, so older versions were not seen (fetch-depth: 0)"
    : "";
  return [
    hazard(
      "overwrites-foreign-statements",
      "block",
      `no version of the bucket's file ever asked for the statement \`${briefly(first)}\`${more}${past}; ${consentText(before)}`,
    ),
  ];
}

function reopenHazards({ bucket, before, after, asked, budget }: Compared): readonly Hazard[] {
  if (asked === undefined || typeof asked.policy === "string" || after === "none") return [];
  const found = reopened({ live: before, base: asked.policy, wanted: after }, addressOf(bucket), budget);
  if (found.kind === "none") return [];
  const consent = consentText(before);
  if (found.kind === "undecided")
    return [
      hazard(
        "reopens-drift",
        "block",
        `whether the change reopens what was closed is not known: ${found.cause}; ${consent}`,
      ),
    ];
  const open = found.dependsOn.length === 0 ? "" : ` (${dependenceText(found.dependsOn)})`;
  const example = requestText(found.witness, namesOf(bucket.account));
  return [
    {
      ...hazard(
        "reopens-drift",
        "block",
        `the live policy was closed to what the files asked for, and this opens it again: ${example}${open}; ${consent}`,
      ),
      witness: found.witness,
      saysWitness: true,
    },
  ];
}

function statementsOf(policy: Policy | "none"): readonly Statement[] {
  return policy === "none" ? [] : policy.statements;
}

/** A consent is to this live policy, and not to the next one. */
function consentText(before: Policy | "none"): string {
  return `an accept names \`live: ${policyDigest(before)}\``;
}

const maxLength = 120;

function briefly({ effect, principal, action, resource, condition }: Statement): string {
  const parts = [effect, principal?.join(", "), action?.join(", "), resource?.join(", ")];
  const keys = (condition ?? []).map(({ operator, key }) => `${operator} ${key ?? ""}`);
  const text = [...parts, ...keys].filter(Boolean).join(" ");
  return text.length > maxLength ? `${text.slice(0, maxLength)}...` : text;
}
