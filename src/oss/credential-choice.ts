import { profileRecipe } from "./cli-profile.ts";
import { arnMistake, type ChosenCredentials, type ReadSmallFile } from "./credential-recipe.ts";
import { findCredentials, type CredentialMistake } from "./credentials.ts";

/** Credentials that an account.yaml names. */
export type NamedCredentials =
  | {
      readonly kind: "role";
      readonly role: { readonly plan: string; readonly apply: string };
      readonly externalId?: string;
    }
  | { readonly kind: "profile"; readonly profile: string }
  | { readonly kind: "ecsRole"; readonly ecsRole: string };

/** All that decides which credentials a run uses. */
export interface CredentialRequest {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: ReadSmallFile;
  /** Role to take where account.yaml names two. */
  readonly use: "plan" | "apply";
  /** Value of --profile. */
  readonly profile?: string;
  /** Value of --ecs-role. */
  readonly ecsRole?: string;
  readonly account?: { readonly file: string; readonly credentials: NamedCredentials };
}

type CredentialChoice = ChosenCredentials | CredentialMistake;

/** An hour: every role allows it, and a role that is assumed with a session allows no more (STS docs: AssumeRole). */
const durationSeconds = 3_600;

/**
 * Chooses the credentials: those that account.yaml names, or else the first source that is set. A source that is
 * half set is an error, as is an option that would have no effect; nothing falls through.
 */
export function chooseCredentials(request: CredentialRequest): CredentialChoice {
  const { account, env } = request;
  const session = sessionName(env);
  if (session === undefined)
    return {
      problem: "ALIBABA_CLOUD_ROLE_SESSION_NAME is not the name of a session",
      help: "write 2 to 64 letters, digits and `.`, `@`, `_` or `-`",
    };
  const named = account?.credentials;
  if (account === undefined || named === undefined) return fromSurroundings(request, session);
  if (named.kind === "role") {
    const from = fromSurroundings(request, session);
    return "problem" in from ? from : inRole(named, from, request, session);
  }
  const idle = idleOption(request, `${account.file} names the credentials`, "change the file");
  if (idle !== undefined) return idle;
  return named.kind === "profile"
    ? profileRecipe(named.profile, request, session)
    : instanceRecipe(named.ecsRole);
}

/** Reads the name of sessions; undefined if STS would refuse it (STS docs: AssumeRole). */
function sessionName(env: CredentialRequest["env"]): string | undefined {
  const name = env["ALIBABA_CLOUD_ROLE_SESSION_NAME"]?.trim() || "oss-policy";
  return /^[\w.@-]{2,64}$/.test(name) ? name : undefined;
}

function inRole(
  { role, externalId }: Extract<NamedCredentials, { kind: "role" }>,
  from: ChosenCredentials,
  { use, account }: CredentialRequest,
  session: string,
): ChosenCredentials {
  const arn = role[use];
  const assumed = {
    arn,
    sessionName: session,
    durationSeconds,
    ...(externalId === undefined ? {} : { externalId }),
  };
  return {
    recipe: { kind: "role", role: assumed, from: from.recipe },
    source: `role ${arn} (${account?.file ?? ""}), assumed with ${from.source}`,
  };
}

/** Returns the first source that is set, of the environment and the options. */
function fromSurroundings(request: CredentialRequest, session: string): CredentialChoice {
  const { env, profile, ecsRole } = request;
  if (profile !== undefined && ecsRole !== undefined)
    return { problem: "--profile and --ecs-role exclude each other", help: "give one of the two" };
  const found = fromEnvironment(env, session);
  if (found !== undefined) {
    if ("problem" in found) return found;
    return idleOption(request, `${found.source} comes first`, "unset it") ?? found;
  }
  if (ecsRole !== undefined) return instanceRecipe(ecsRole);
  const name = profile ?? env["ALIBABA_CLOUD_PROFILE"]?.trim() ?? "";
  if (profile !== undefined || name !== "") return profileRecipe(name, request, session);
  return {
    problem: "there are no credentials for OSS",
    help: "set OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET, or try without an account by `plan --sandbox`",
  };
}

/** Reports an option that would have no effect: a run with other credentials than the user named is a surprise. */
function idleOption(
  { profile, ecsRole }: CredentialRequest,
  why: string,
  remedy: string,
): CredentialMistake | undefined {
  const option = profile !== undefined ? "--profile" : ecsRole !== undefined ? "--ecs-role" : undefined;
  if (option === undefined) return undefined;
  return { problem: `${option} has no effect: ${why}`, help: `${remedy}, or leave out ${option}` };
}

function fromEnvironment(env: CredentialRequest["env"], session: string): CredentialChoice | undefined {
  const pair = findCredentials(env);
  if (pair === undefined) return oidcIn(env, session);
  if ("problem" in pair) return pair;
  return { recipe: { kind: "keys", credentials: pair.credentials }, source: `the key in ${pair.source}` };
}

const oidcNames = [
  "ALIBABA_CLOUD_ROLE_ARN",
  "ALIBABA_CLOUD_OIDC_PROVIDER_ARN",
  "ALIBABA_CLOUD_OIDC_TOKEN_FILE",
] as const;

/** Reads the three variables of an OIDC role, as RRSA sets them; undefined if none is set. */
function oidcIn(env: CredentialRequest["env"], session: string): CredentialChoice | undefined {
  const [arn = "", providerArn = "", tokenFile = ""] = oidcNames.map((name) => env[name]?.trim() ?? "");
  const values = [arn, providerArn, tokenFile];
  if (values.every((value) => value === "")) return undefined;
  const absent = oidcNames.filter((_, at) => values[at] === "");
  if (absent.length > 0)
    return {
      problem: `the OIDC credentials are half set: ${absent.join(" and ")} ${absent.length > 1 ? "are" : "is"} missing`,
      help: `set ${oidcNames.join(", ")} together, or none of them`,
    };
  const mistake = arnMistake(arn, "ALIBABA_CLOUD_ROLE_ARN", "role");
  const second = arnMistake(providerArn, "ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "oidc-provider");
  if (mistake !== undefined || second !== undefined) return mistake ?? second;
  return {
    recipe: { kind: "oidc", role: { arn, sessionName: session, durationSeconds }, providerArn, tokenFile },
    source: `role ${arn}, assumed with the token in ALIBABA_CLOUD_OIDC_TOKEN_FILE`,
  };
}

function instanceRecipe(roleName: string): CredentialChoice {
  if (!/^[\w.-]{1,64}$/.test(roleName))
    return {
      problem: "the name of the ECS role is not the name of a role",
      help: "write its name, not its ARN",
    };
  return { recipe: { kind: "ecs", roleName }, source: `the ECS role \`${roleName}\` of this instance` };
}
