import { isObject, type Json, type JsonObject } from "../../policy/json.ts";
import { globMatches } from "../../policy/glob.ts";
import { isLabel, type Policy, type Statement } from "../../policy/policy.ts";
import { roleArn, type Identity, type KnownRole } from "./identity.ts";

/** Answer of a policy to AssumeRole; `open` names the part whose meaning the sandbox does not know. */
export type Permission = "allowed" | "refused" | { readonly open: string };

/** Who assumes a role, as its trust policy sees it. */
export interface TrustQuestion {
  /** Kind of principal in a trust policy. */
  readonly kind: "RAM" | "Federated";
  /** Names of the principal: a user is itself, and is covered by its account. */
  readonly names: readonly string[];
  /** Values of the condition keys. */
  readonly context: ReadonlyMap<string, readonly string[]>;
}

/** Condition keys that trust policies can have here (RAM docs: trust policies of roles). */
const knownKeys = ["sts:ExternalId", "oidc:iss", "oidc:aud", "oidc:sub"];

/** Returns the names that trust policies have for the sender of a call; none for one that can assume no role. */
export function trustNames(identity: Identity): readonly string[] {
  if (identity.kind === "anonymous" || identity.kind === "account") return [];
  const { account } = identity;
  const own =
    identity.kind === "user" ? `acs:ram::${account}:user/${identity.name}` : roleArn(account, identity.role);
  return [`acs:ram::${account}:root`, own];
}

/** Decides by the trust policy of a role: Deny before Allow. */
export function trusts({ trust }: KnownRole, question: TrustQuestion): Permission {
  const { Statement: statements } = trust;
  if (!Array.isArray(statements)) return { open: "a trust policy without a list of statements" };
  const answers = (statements as readonly Json[]).map((statement) => ({
    isDeny: isObject(statement) && statement["Effect"] === "Deny",
    match: isObject(statement) ? trustMatch(statement, question) : { open: "a statement that is no object" },
  }));
  return combined(answers);
}

/** Returns whether RAM policies allow sts:AssumeRole on a role. */
export function mayAssume(policies: readonly Policy[], role: KnownRole): Permission {
  const resource = roleArn(role.account, role.name);
  const statements = policies.flatMap((policy) => policy.statements);
  return combined(
    statements.map((statement) => ({
      isDeny: statement.effect === "Deny",
      match: ramMatch(statement, resource),
    })),
  );
}

type Match = boolean | { readonly open: string };

interface StatementAnswer {
  readonly isDeny: boolean;
  readonly match: Match;
}

/** Combines the statements. What is open refuses, unless it is an Allow beside another one that matches. */
function combined(answers: readonly StatementAnswer[]): Permission {
  if (answers.some(({ isDeny, match }) => isDeny && match === true)) return "refused";
  const isAllowed = answers.some(({ isDeny, match }) => !isDeny && match === true);
  const open = answers.find(({ isDeny, match }) => typeof match === "object" && (isDeny || !isAllowed));
  if (typeof open?.match === "object") return open.match;
  return isAllowed ? "allowed" : "refused";
}

const action = "sts:AssumeRole";

function trustMatch(statement: JsonObject, { kind, names, context }: TrustQuestion): Match {
  const { Effect: effect, Action: actions, Principal: principal, Condition: condition } = statement;
  const known = ["Effect", "Action", "Principal", "Condition", "Sid"];
  const other = Object.keys(statement).find((name) => !known.includes(name));
  if (other !== undefined) return { open: `\`${other}\` in a trust policy` };
  if (effect !== "Allow" && effect !== "Deny") return { open: "an Effect that is neither Allow nor Deny" };
  if (!textsIn(actions).some((each) => matchesAction(each))) return false;
  if (!isObject(principal)) return { open: "a Principal of a trust policy that is no object" };
  const trusted = textsIn(principal[kind]);
  const wild = trusted.find((name) => /[*?]/.test(name));
  if (wild !== undefined) return { open: `the principal \`${wild}\` of a trust policy` };
  if (!trusted.some((name) => names.includes(name))) return false;
  return condition === undefined ? true : conditionMatch(condition, context);
}

function conditionMatch(condition: Json, context: TrustQuestion["context"]): Match {
  if (!isObject(condition)) return { open: "a Condition of a trust policy that is no object" };
  let isTrue = true;
  for (const [operator, tests] of Object.entries(condition)) {
    const matches = operators.get(operator);
    if (matches === undefined || !isObject(tests)) return { open: `\`${operator}\` in a trust policy` };
    for (const [key, wanted] of Object.entries(tests)) {
      if (!knownKeys.includes(key)) return { open: `the condition key \`${key}\` in a trust policy` };
      const values = context.get(key) ?? [];
      isTrue &&= textsIn(wanted).some((each) => values.some((value) => matches(each, value)));
    }
  }
  return isTrue;
}

const operators: ReadonlyMap<string, (wanted: string, value: string) => boolean> = new Map([
  ["StringEquals", (wanted, value) => wanted === value],
  ["StringLike", globMatches],
]);

function ramMatch(statement: Statement, resource: string): Match {
  const other = statement.other.find((field) => !isLabel(field, "statement"));
  if (other !== undefined) return { open: `\`${other.name}\` in a RAM policy` };
  if (!(statement.action ?? []).some((each) => matchesAction(each))) return false;
  const forms = (statement.resource ?? []).map((each) => each.replace(/^acs:ram:[^:]*:/, "acs:ram::"));
  if (!forms.some((each) => globMatches(each, resource))) return false;
  return statement.condition === null ? true : { open: "a Condition of a RAM policy on sts:AssumeRole" };
}

/** Compares without case, as RAM does (RAM docs: policy elements). */
function matchesAction(pattern: string): boolean {
  return globMatches(pattern.toLowerCase(), action.toLowerCase());
}

function textsIn(value: Json | undefined): readonly string[] {
  const list = Array.isArray(value) ? (value as readonly Json[]) : [value];
  return list.filter((each) => typeof each === "string");
}
