import type { Account } from "../desired/account-file.ts";
import { refusal } from "../diagnostic.ts";
import { chooseCredentials } from "../oss/credential-choice.ts";
import { openProvider, type CredentialProvider } from "../oss/credential-provider.ts";
import { secretsOfRecipe, type ChosenCredentials } from "../oss/credential-recipe.ts";
import { secretsIn } from "../oss/credentials.ts";
import type { Secrets } from "../oss/secrets.ts";
import type { Failed } from "../result.ts";
import type { Io } from "../run/io.ts";
import type { Options } from "../run/options.ts";
import type { Run } from "../run/run.ts";
import { accountText } from "./account-text.ts";
import { readSmallFile } from "./small-file.ts";

/** Role that a run takes where account.yaml names two. */
export type CredentialUse = "plan" | "apply";

export type CredentialOptions = Pick<Options, "profile" | "ecsRole">;

/** Chooses the credentials of an account, and calls nothing. */
export function credentialsFor(
  account: Account | undefined,
  { profile, ecsRole }: CredentialOptions,
  io: Io,
  use: CredentialUse,
): ChosenCredentials | Failed {
  const named = account?.credentials;
  const chosen = chooseCredentials({
    env: io.env,
    readFile: readSmallFile,
    use,
    ...(profile === undefined ? {} : { profile }),
    ...(ecsRole === undefined ? {} : { ecsRole }),
    ...(account === undefined || named === undefined
      ? {}
      : { account: { file: account.file, credentials: named } }),
  });
  return "problem" in chosen ? { problems: [refusal("credentials", chosen.problem, chosen.help)] } : chosen;
}

/** Credentials that are there, and all secrets of the run. */
export interface OpenCredentials {
  readonly provider: CredentialProvider;
  readonly secrets: Secrets;
}

const timeoutMs = 5_000;

/** Gets the first credentials, so that a refusal is one error and not one for each bucket. */
export async function openCredentials(
  { recipe }: ChosenCredentials,
  { io: { env, clock, random }, onCall }: Pick<Run, "io" | "onCall">,
): Promise<OpenCredentials | Failed> {
  const secrets = secretsIn(env);
  const held = secretsOfRecipe(recipe);
  secrets.add(held.secrets, held.names);
  const context = { env, clock, random, readFile: readSmallFile, secrets, timeoutMs, onCall };
  const provider = openProvider(recipe, context);
  const first = await provider.current();
  if (!("problem" in first)) return { provider, secrets };
  const { message, help } = first.problem;
  const text = secrets.clean(message);
  return { problems: [refusal("credentials", text, help === undefined ? undefined : secrets.clean(help))] };
}

/** Returns a line on the credentials and the account, without a secret. */
export function credentialsNote({ source }: ChosenCredentials, account: Account | undefined): string {
  return `credentials: ${source}${account === undefined ? "" : `; account ${accountText(account)}`}`;
}
