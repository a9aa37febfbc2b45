import type { DesiredBucket } from "../desired/bucket-file.ts";
import { refusal, type Diagnostic } from "../diagnostic.ts";
import { refusalsBehind, type Findings } from "../lint/lint.ts";
import { suggestion } from "../near-miss.ts";
import { globMatches } from "../policy/glob.ts";
import { hazardCodes } from "../plan/hazard.ts";
import type { Gate } from "../plan/hazard-input.ts";
import type { Options } from "../run/options.ts";
import type { Checks } from "./bucket-checks.ts";

export function gateOf(
  options: Pick<Options, "accept" | "forbid">,
  findings: Findings,
  checks: Checks,
  today: string,
): Gate {
  return {
    today,
    accepted: options.accept,
    forbidsGains: options.forbid !== undefined,
    refusals: ({ bucket }) => refusalsBehind(checks(bucket).refusals, findings.get(bucket) ?? []),
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
  const accounts = [
    ...new Set(buckets.flatMap(({ account: { uid, name } }) => (name === undefined ? [uid] : [uid, name]))),
  ];
  const ofAccept = accept.flatMap((text) => acceptProblem(text, names, accounts));
  const ofReplace = replaceUnparseable.flatMap((name) => {
    if (names.includes(name)) return [];
    const message = `--replace-unparseable \`${name}\` names no bucket of the tree`;
    const help = /[*?]/.test(name) ? "name one bucket: it takes no pattern" : suggestion(name, names);
    return [refusal("option", message, help)];
  });
  return [...ofForbid, ...ofAccept, ...ofReplace];
}

/** Reports a consent that names no hazard, no bucket, or, for limits, no account. */
function acceptProblem(
  text: string,
  buckets: readonly string[],
  accounts: readonly string[],
): readonly Diagnostic[] {
  const [code = "", place] = text.split("@");
  const refused = (what: string, help: string) => [refusal("option", `--accept \`${text}\` ${what}`, help)];
  // It names an account, and is judged beside the base.
  if (code === "new-account") return [];
  if (code === "limits") {
    if (place !== undefined && accounts.includes(place)) return [];
    const help = place === undefined ? "write `--accept limits@ACCOUNT`" : suggestion(place, accounts);
    return refused("names no account of the tree", help);
  }
  if (!(hazardCodes as readonly string[]).includes(code))
    return refused(
      "names no hazard",
      suggestion(
        code,
        hazardCodes.filter((one) => one !== "wrong-owner"),
      ),
    );
  if (code === "wrong-owner")
    return refused("cannot be: no bucket of another account is written", "move its file to its account");
  if (place === undefined) return refused("names no bucket of the tree", "write `--accept HAZARD@BUCKET`");
  if (buckets.some((bucket) => globMatches(place, bucket))) return [];
  return refused("names no bucket of the tree", suggestion(place, buckets));
}
