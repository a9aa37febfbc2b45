import { actions } from "../policy/actions.ts";
import { findOperator } from "../policy/conditions.ts";
import { globMatches } from "../policy/glob.ts";
import type { Policy, Statement } from "../policy/policy.ts";
import { remembered } from "../policy/remembered.ts";
import { parseResource } from "../policy/resource.ts";
import { matchesEmpty } from "./fields.ts";
import { likelyReading, readingSwitches, type Bucket, type Reading } from "./request.ts";

export type Switch = keyof Reading;

/** What each switch is about, for people. */
export const switchTexts: Readonly<Record<Switch, string>> = {
  absentKey: "what a negated operator makes of a key that the request does not have",
  absentText: "whether a text that the request does not have is compared as the empty text",
  emptyCondition: "whether `Condition: {}` is a Condition where the owner is spared",
  ownerNamed: "whether a Deny that names the owner's UID binds the owner",
  actionCase: "whether letter case counts in the names of actions",
  roleCase: "whether letter case counts in the names of roles",
  namedRegion: "whether a Resource with a region other than `*` matches",
  foreignOwner: "whether a Resource with another owner's UID matches",
};

/** The switches that some statement of these policies can feel; the others cannot change a decision. */
export function switchesFelt(policies: readonly (Policy | "none")[], bucket: Bucket): readonly Switch[] {
  const statements = policies.flatMap((policy) => (policy === "none" ? [] : policy.statements));
  const names = Object.keys(readingSwitches) as Switch[];
  return names.filter((name) => statements.some((statement) => feels[name](statement, bucket)));
}

/** Every combination of the positions of these switches, the likely one first. */
export function readingsOf(switches: readonly Switch[]): readonly Reading[] {
  return switches.reduce<readonly Reading[]>(
    (readings, name) =>
      readingSwitches[name].flatMap((position) =>
        readings.map((reading) => ({ ...reading, [name]: position })),
      ),
    [likelyReading],
  );
}

const matchesMoreInAnyCase = remembered((pattern) => {
  const folded = pattern.toLowerCase();
  return actions.some(({ name }) => globMatches(folded, name.toLowerCase()) && !globMatches(pattern, name));
});

const feels: Readonly<Record<Switch, (statement: Statement, bucket: Bucket) => boolean>> = {
  absentKey: ({ condition }) =>
    (condition ?? []).some(
      ({ operator, key }) => findOperator(operator)?.negated === true && !isAlwaysThere(key ?? ""),
    ),
  absentText: ({ condition }) =>
    (condition ?? []).some(
      ({ operator, key, values }) =>
        operator.startsWith("String") &&
        !isAlwaysThere(key ?? "") &&
        values.some((value) => matchesEmpty(operator, value)),
    ),
  emptyCondition: ({ condition, principal }) => condition?.length === 0 && principal?.includes("*") === true,
  ownerNamed: ({ effect, principal }, { owner }) => effect === "Deny" && principal?.includes(owner) === true,
  actionCase: ({ action }) => (action ?? []).some(matchesMoreInAnyCase),
  // RAM shows role names in lower case: in such a name no other case can be meant.
  roleCase: ({ principal }) => (principal ?? []).some((word) => /^arn:[^/]*\/[^/]*[A-Z]/.test(word)),
  namedRegion: ({ resource }) => resources(resource).some(({ region }) => region !== "*"),
  foreignOwner: ({ resource }, bucket) =>
    resources(resource).some(({ owner }) => !globMatches(owner, bucket.owner)),
};

function isAlwaysThere(key: string): boolean {
  return ["acs:SourceIp", "acs:SourceVpc", "acs:CurrentTime", "acs:SecureTransport"].includes(key);
}

function resources(words: readonly string[] | null) {
  return (words ?? []).flatMap((word) => {
    const parsed = parseResource(word);
    return parsed === undefined || parsed.kind === "everything" ? [] : [parsed];
  });
}
