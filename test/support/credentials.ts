import { openProvider, type CredentialProvider } from "../../src/oss/credential-provider.ts";
import type { CredentialRecipe } from "../../src/oss/credential-recipe.ts";
import { openSecrets, type Secrets } from "../../src/oss/secrets.ts";
import { readSmallFile } from "../../src/pipeline/small-file.ts";

/** A clock that goes on only by what a test says, and by sleeping. */
interface SetClock {
  now(): number;
  sleep(ms: number): Promise<void>;
  pass(ms: number): void;
}

function setClock(): SetClock {
  let now = 0;
  const pass = (ms: number) => {
    now += ms;
  };
  return {
    now: () => now,
    sleep: (ms) => {
      pass(ms);
      return Promise.resolve();
    },
    pass,
  };
}

export const planRole = "acs:ram::1746495857600001:role/plans";
export const oidcProvider = "acs:ram::1746495857600001:oidc-provider/ack-rrsa";

export const baseKeys = {
  accessKeyId: "LTAI-base-key-id",
  accessKeySecret: "base-secret-0123456789",
  securityToken: undefined,
};

export function roleRecipe(
  from: CredentialRecipe = { kind: "keys", credentials: baseKeys },
): CredentialRecipe {
  return {
    kind: "role",
    role: { arn: planRole, sessionName: "oss-policy", durationSeconds: 3_600, externalId: "team-a" },
    from,
  };
}

export function oidcRecipe(tokenFile: string): CredentialRecipe {
  return {
    kind: "oidc",
    role: { arn: planRole, sessionName: "oss-policy", durationSeconds: 3_600 },
    providerArn: oidcProvider,
    tokenFile,
  };
}

interface ProviderSettings {
  readonly timeoutMs?: number;
  /** The door of another build. */
  readonly open?: typeof openProvider;
}

interface OpenedProvider {
  readonly provider: CredentialProvider;
  readonly clock: SetClock;
  readonly secrets: Secrets;
}

/** The provider of a recipe, against a server on the loopback. */
export function providerOf(
  recipe: CredentialRecipe,
  url: string,
  { timeoutMs = 5_000, open = openProvider }: ProviderSettings = {},
): OpenedProvider {
  const clock = setClock();
  const secrets = openSecrets([]);
  const provider = open(recipe, {
    env: { ALIBABA_CLOUD_STS_ENDPOINT: url, OSS_POLICY_METADATA_ENDPOINT: url },
    clock,
    random: () => 0.5,
    readFile: readSmallFile,
    secrets,
    timeoutMs,
  });
  return { provider, clock, secrets };
}
