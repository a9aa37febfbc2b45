import type { DesiredBucket } from "../desired/bucket-file.ts";
import { refusal, type Diagnostic } from "../diagnostic.ts";
import { refusalsBehind, type Findings } from "../lint/lint.ts";
import { suggestion } from "../near-miss.ts";
import { hazardCodes } from "../plan/hazard.ts";
import type { Gate } from "../plan/hazards.ts";
import type { Options } from "../run/options.ts";

export function gateOf(options: Pick<Options, "accept" | "forbid">, findings: Findings, today: string): Gate {
  return {
    today,
    accepted: options.accept,
    forbidsGains: options.forbid !== undefined,
    refusals: (bucket) => refusalsBehind(bucket, findings.get(bucket.bucket) ?? []),
  };
}

/** An --accept or --forbid that means nothing would look like one that counts. */
export function gateProblems(
  { accept, forbid, replaceUnparseable = [] }: Pick<Options, "accept" | "forbid" | "replaceUnparseable">,
  buckets: readonly DesiredBucket[],
): readonly Diagnostic[] {
  const ofForbid =
    forbid === undefined || forbid === "gains"
      ? []
      : [refusal("option", `--forbid \`${forbid}\` is not known`, "write `--forbid gains`")];
  const names = buckets.map(({ bucket }) => bucket);
  const ofAccept = accept.flatMap((text) => {
    const [code = "", bucket] = text.split("@");
    if (!(hazardCodes as readonly string[]).includes(code))
      return [refusal("option", `--accept \`${text}\` names no hazard`, suggestion(code, hazardCodes))];
    // It names an account, and is judged beside the base.
    if (code === "new-account") return [];
    if (bucket !== undefined && names.includes(bucket)) return [];
    const help = bucket === undefined ? "write `--accept HAZARD@BUCKET`" : suggestion(bucket, names);
    return [refusal("option", `--accept \`${text}\` names no bucket of the tree`, help)];
  });
  const ofReplace = replaceUnparseable.flatMap((name) => {
    if (names.includes(name)) return [];
    const message = `--replace-unparseable \`${name}\` names no bucket of the tree`;
    const help = /[*?]/.test(name) ? "name one bucket: it takes no pattern" : suggestion(name, names);
    return [refusal("option", message, help)];
  });
  return [...ofForbid, ...ofAccept, ...ofReplace];
}
