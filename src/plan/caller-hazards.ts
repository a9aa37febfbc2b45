/** Hazards of who gains: administration for others than operators, unknown principals, and wide roles. */

import type { PrincipalWord } from "../access/describe/describe.ts";
import type { Term } from "../access/describe/set-cover.ts";
import type { KnownAccessChange } from "../access/difference.ts";
import { actionsIn, dependenceText, levelsOf, type Names } from "../access/render.ts";
import { changeSentence } from "../access/sentences.ts";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import { findAction } from "../policy/actions.ts";
import { globMatches } from "../policy/glob.ts";
import { hazard, type Hazard, type HazardCode } from "./hazard.ts";
import type { HazardInput } from "./hazard-input.ts";
import {
  isAnyAccount,
  isWildcardRole,
  isKnownPrincipal,
  nearPrincipals,
  type KnownPrincipals,
} from "./known-principals.ts";

type CallerTerm = Term<PrincipalWord>;

/** Blocks a gain of administration by callers other than the owner and the account's operators. */
export function administrationHazards(
  gained: readonly KnownAccessChange[],
  { account }: DesiredBucket,
  names: Names,
): readonly Hazard[] {
  const { operatorsAtBase = account.operators } = account;
  const operators = ["owner", ...operatorsAtBase.map(({ principal }) => principal)];
  const administering = gained.filter(
    (change) =>
      change.principals.some((caller) => !isOneOf(caller, operators)) &&
      actionsIn(change).some(({ access }) => access === "admin"),
  );
  return callersHazard(administering, "grants-administration", "block", names, adminText).map(
    ({ witness, ...rest }) => ({
      ...rest,
      // An example of something else that is gained would look harmless.
      ...(witness !== undefined && isAdministration(witness.action) ? { witness } : {}),
    }),
  );
}

function isAdministration(action: string): boolean {
  return findAction(action)?.access === "admin";
}

/** Maximum of actions that a message names. */
const maxActions = 4;

/** Returns the administration among other actions; empty if there is nothing else. */
function adminText(change: KnownAccessChange): string {
  if (levelsOf(change).every((level) => level === "admin")) return "";
  const admin = actionsIn(change).filter(({ access }) => access === "admin");
  const more = admin.length > maxActions ? ` and ${admin.length - maxActions} more` : "";
  const list = admin.slice(0, maxActions).map(({ name }) => name);
  return `administration: ${list.join(", ")}${more}`;
}

/** Returns true if every caller of a term is one of these principals. A pattern covers what it surely matches. */
function isOneOf({ all }: CallerTerm, principals: readonly string[]): boolean {
  return all.some((word) => {
    if (word.kind === "owner") return principals.includes("owner");
    if (word.kind === "UID") return principals.includes(word.uid);
    if (word.kind !== "role" || word.foldsCase) return false;
    return principals.some(
      (pattern) => pattern === word.pattern || (!pattern.includes("?") && globMatches(pattern, word.pattern)),
    );
  });
}

/** Warns of principals that gain and are not known, of any account, and of role patterns with a wildcard in the role. */
export function principalHazards(
  gained: readonly KnownAccessChange[],
  { known, cause }: Pick<HazardInput, "known" | "cause">,
  names: Names,
): readonly Hazard[] {
  const ofAnyAccount = gained.filter(({ principals }) => principals.some(isOfAnyAccount));
  const ofPattern = gained.filter(
    (change) => !ofAnyAccount.includes(change) && change.principals.some(isWildcardRole),
  );
  const wide = [...ofAnyAccount, ...ofPattern];
  const found = callersHazard(wide, "grants-wildcard-principal", "warn", names, wideText);
  if (known === undefined || cause === "drift") return found;
  return [...unknownHazards(gained, known, names), ...found];
}

/** Returns true if a term stands for callers of any account, but for no anonymous ones, which have a hazard of their own. */
function isOfAnyAccount(caller: CallerTerm): boolean {
  const isAnonymous = ({ kind }: PrincipalWord) => kind === "anonymous";
  const isOpen = caller.all.length === 0 && !caller.except.some(isAnonymous);
  return isAnyAccount(caller) && !isOpen;
}

function wideText({ principals }: KnownAccessChange): string {
  const ofAnyAccount = principals.filter(isOfAnyAccount);
  if (ofAnyAccount.length === 0) return "the role has a wildcard";
  return ofAnyAccount.some(isWildcardRole)
    ? "the account has a wildcard: any account of Alibaba Cloud can have such a role"
    : "the callers may be of any account of Alibaba Cloud";
}

/** Warns of principals that gain and are not known. */
export function unknownHazards(
  gained: readonly KnownAccessChange[],
  known: KnownPrincipals,
  names: Names,
): readonly Hazard[] {
  const unknownIn = ({ principals }: KnownAccessChange) =>
    principals.flatMap((caller) => unknownPrincipal(caller, known));
  const unknown = gained.filter((region) => unknownIn(region).length > 0);
  return callersHazard(unknown, "grants-unknown-principal", "warn", names, (region) =>
    unknownText(unknownIn(region), known, names),
  );
}

/** Returns the principal of a term if it is not known; a wide role and callers of any account have another hazard. */
function unknownPrincipal(caller: CallerTerm, known: KnownPrincipals): readonly string[] {
  if (isWildcardRole(caller)) return [];
  return caller.all.flatMap((word) => {
    const principal = word.kind === "UID" ? word.uid : word.kind === "role" ? word.pattern : undefined;
    return principal === undefined || isKnownPrincipal(principal, known) ? [] : [principal];
  });
}

function unknownText(principals: readonly string[], known: KnownPrincipals, names: Names): string {
  const texts = [...new Set(principals)].map((principal) => {
    const own = names.get(principal);
    if (own !== undefined) return `only this revision names ${principal}, as the identity ${own}`;
    const [near] = nearPrincipals(principal, known);
    const name = near === undefined ? undefined : names.get(near);
    const hint =
      near === undefined
        ? ""
        : `; it is nearly ${name === undefined ? near : `${name}, whose UID is ${near}`}`;
    return `no identity, operator or earlier policy names ${principal}${hint}`;
  });
  return texts.join("; ");
}

/** Returns one hazard with the first of these regions in full, and the words that explain it. */
function callersHazard(
  regions: readonly KnownAccessChange[],
  code: HazardCode,
  severity: Hazard["severity"],
  names: Names,
  explain: (region: KnownAccessChange) => string,
): readonly Hazard[] {
  const [region] = regions;
  if (region === undefined) return [];
  const more = regions.length > 1 ? `, and ${regions.length - 1} more` : "";
  const open = dependenceText(region.dependsOn);
  const [sentence, adds] = [changeSentence(region, names), explain(region)];
  const text = `${sentence}${more}${adds === "" ? "" : `; ${adds}`}${open === "" ? "" : ` (${open})`}`;
  return [{ ...hazard(code, severity, text), witness: region.witness, about: { sentence, adds } }];
}
