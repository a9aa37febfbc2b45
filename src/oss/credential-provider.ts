import type { ReadProblem } from "../policy/live.ts";
import type { OnCall } from "./counted.ts";
import type { CredentialRecipe, ReadSmallFile } from "./credential-recipe.ts";
import type { CredentialMistake, Credentials } from "./credentials.ts";
import { instanceRole, metadataEndpoint } from "./instance-metadata.ts";
import type { Secrets } from "./secrets.ts";
import type { ObtainedCredentials } from "./session-credentials.ts";
import { isTransient } from "./retry.ts";
import { assumeRole, assumeRoleWithOidc, type StsContext } from "./sts.ts";
import { stsEndpoint } from "./sts-endpoint.ts";

export type CurrentCredentials = { readonly credentials: Credentials } | { readonly problem: ReadProblem };

/** Credentials of a run, which are renewed while it goes on. */
export interface CredentialProvider {
  /** Returns credentials that are valid now. */
  current(): Promise<CurrentCredentials>;
  /** Renews credentials whose token was refused; undefined if new ones would not help. */
  renew(refused: Credentials): Promise<CurrentCredentials | undefined>;
}

/** Surroundings of the calls for credentials. */
export interface ProviderContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: { now(): number; sleep(ms: number): Promise<void> };
  /** Returns a number from 0 up to, but not including, 1. */
  readonly random: () => number;
  readonly readFile: ReadSmallFile;
  readonly secrets: Secrets;
  readonly timeoutMs: number;
  readonly onCall?: OnCall | undefined;
}

/** Returns credentials that never change. */
export function fixedCredentials(credentials: Credentials): CredentialProvider {
  return {
    current: () => Promise.resolve({ credentials }),
    renew: () => Promise.resolve(undefined),
  };
}

/** Opens the credentials of a recipe. Nothing is called before the first use. */
export function openProvider(recipe: CredentialRecipe, context: ProviderContext): CredentialProvider {
  switch (recipe.kind) {
    case "keys":
      return fixedCredentials(recipe.credentials);
    case "oidc":
      return renewedByExpiry(() => withToken(recipe, context), context);
    case "role": {
      const from = openProvider(recipe.from, context);
      return renewedByExpiry(() => withCredentials(recipe, from, context), context);
    }
    case "ecs":
      return renewedByExpiry(() => ofInstance(recipe.roleName, context), context);
    default:
      return recipe satisfies never;
  }
}

/** Longest OIDC token that STS accepts (STS docs: AssumeRoleWithOIDC). */
const maxTokenBytes = 20_000;

/** Assumes a role with the token in a file, which is read each time: its owner replaces it before it expires. */
async function withToken(
  { role, providerArn, tokenFile }: Extract<CredentialRecipe, { kind: "oidc" }>,
  context: ProviderContext,
): Promise<ObtainedCredentials> {
  const read = context.readFile(tokenFile, maxTokenBytes);
  const help = "check the file that ALIBABA_CLOUD_OIDC_TOKEN_FILE names";
  const problem = (why: string) => ({ problem: { message: `the OIDC token ${why}`, help } });
  if ("problem" in read) return problem(`in \`${tokenFile}\` ${read.problem}`);
  const token = read.text.trim();
  if (token === "") return problem(`in \`${tokenFile}\` is empty`);
  context.secrets.add([token]);
  if (!/^[\x21-\x7e]+$/.test(token)) return problem(`in \`${tokenFile}\` is not one word`);
  const sts = stsFor(role.stsRegion, context);
  if ("problem" in sts) return asProblem(sts);
  return assumeRoleWithOidc(role, { providerArn, token }, sts);
}

async function withCredentials(
  { role }: Extract<CredentialRecipe, { kind: "role" }>,
  from: CredentialProvider,
  context: ProviderContext,
): Promise<ObtainedCredentials> {
  const held = await from.current();
  if ("problem" in held) return held;
  const sts = stsFor(role.stsRegion, context);
  if ("problem" in sts) return asProblem(sts);
  const answer = await assumeRole(role, held.credentials, sts);
  const isRefused = "problem" in answer && /SecurityToken/.test(answer.problem.code ?? "");
  const renewed = isRefused ? await from.renew(held.credentials) : undefined;
  return renewed === undefined || "problem" in renewed ? answer : assumeRole(role, renewed.credentials, sts);
}

async function ofInstance(roleName: string, context: ProviderContext): Promise<ObtainedCredentials> {
  const metadata = metadataEndpoint(context.env);
  return "problem" in metadata
    ? asProblem(metadata)
    : instanceRole(roleName, { ...context, url: metadata.url });
}

function stsFor(
  region: string | undefined,
  { env, timeoutMs, secrets, onCall }: ProviderContext,
): StsContext | CredentialMistake {
  const endpoint = stsEndpoint(env, region);
  return "problem" in endpoint ? endpoint : { url: endpoint.url, timeoutMs, secrets, onCall };
}

/** Status of a mistake that no second try corrects. */
const badSetting = 400;

function asProblem({ problem, help }: CredentialMistake): { readonly problem: ReadProblem } {
  return { problem: { message: problem, help, status: badSetting } };
}

/** Credentials are renewed this long before their end, or in the last quarter of a life that is shorter. */
const renewBeforeMs = 5 * 60_000;
/** Time without a new try after one that failed, and after a renewal that OSS asked for. */
const pauseMs = 10_000;
const maxTries = 3;
const longestWaitMs = 1_000;

interface HeldCredentials {
  readonly credentials: Credentials;
  readonly renewAt: number;
  readonly expiresAt: number;
}

type Pacing = Pick<ProviderContext, "clock" | "random">;

/**
 * Keeps temporary credentials. They are renewed by their expiry, by one exchange for all calls that wait. If a
 * renewal fails, those that are still valid go on being used.
 */
function renewedByExpiry(
  obtain: () => Promise<ObtainedCredentials>,
  { clock, random }: Pacing,
): CredentialProvider {
  let held: HeldCredentials | undefined;
  let flight: Promise<CurrentCredentials> | undefined;
  let failed: { readonly problem: ReadProblem; readonly until: number } | undefined;
  let renewedAt = -Infinity;
  const exchangeOnce = async (): Promise<CurrentCredentials> => {
    const { startedAt, obtained } = await repeated(obtain, { clock, random });
    if ("problem" in obtained) {
      failed = { problem: obtained.problem, until: clock.now() + pauseMs };
      return obtained;
    }
    const { credentials, lifeMs } = obtained;
    const expiresAt = startedAt + lifeMs;
    held = { credentials, expiresAt, renewAt: expiresAt - Math.min(lifeMs / 4, renewBeforeMs) };
    failed = undefined;
    return { credentials };
  };
  const refresh = () => {
    flight ??= exchangeOnce().finally(() => {
      flight = undefined;
    });
    return flight;
  };
  const recentFailure = () =>
    failed !== undefined && clock.now() < failed.until ? { problem: failed.problem } : undefined;
  const current = async (): Promise<CurrentCredentials> => {
    if (held !== undefined && clock.now() < held.renewAt) return { credentials: held.credentials };
    const answer = recentFailure() ?? (await refresh());
    const isValid = held !== undefined && clock.now() < held.expiresAt;
    return "problem" in answer && isValid && held !== undefined ? { credentials: held.credentials } : answer;
  };
  const renew = async (refused: Credentials): Promise<CurrentCredentials | undefined> => {
    // Another call has renewed them.
    if (held !== undefined && held.credentials !== refused) return current();
    if (flight === undefined && clock.now() < renewedAt + pauseMs) return undefined;
    renewedAt = clock.now();
    return recentFailure() ?? refresh();
  };
  return { current, renew };
}

interface RepeatedExchange {
  readonly startedAt: number;
  readonly obtained: ObtainedCredentials;
}

/** Makes an exchange, and repeats it with full jitter if there was no answer, an error of the server, or throttling. */
async function repeated(
  obtain: () => Promise<ObtainedCredentials>,
  { clock, random }: Pacing,
): Promise<RepeatedExchange> {
  for (let tries = 1; ; tries += 1) {
    const startedAt = clock.now();
    const obtained = await obtain();
    if (!("problem" in obtained) || tries >= maxTries || !isTransient(obtained.problem))
      return { startedAt, obtained };
    await clock.sleep(random() * longestWaitMs);
  }
}
