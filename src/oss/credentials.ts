import { openSecrets, type Secrets } from "./secrets.ts";

/** Key pair of OSS, with a token if it is temporary. Never printed, never stored. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken: string | undefined;
}

/** Mistake in how credentials are given. */
export interface CredentialMistake {
  readonly problem: string;
  readonly help: string;
}

export type FoundCredentials =
  { readonly credentials: Credentials; readonly source: string } | CredentialMistake;

interface Source {
  readonly id: string;
  readonly secret: string;
  readonly token: string;
}

/** Sources in order; the first that is set is used. */
const sources: readonly Source[] = [
  { id: "OSS_ACCESS_KEY_ID", secret: "OSS_ACCESS_KEY_SECRET", token: "OSS_SESSION_TOKEN" },
  {
    id: "ALIBABA_CLOUD_ACCESS_KEY_ID",
    secret: "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
    token: "ALIBABA_CLOUD_SECURITY_TOKEN",
  },
];

/**
 * Reads the key pair from the environment, with the name of its first variable; undefined if none is set. Setting
 * only one of a pair is an error; no other source is tried.
 */
export function findCredentials(
  env: Readonly<Record<string, string | undefined>>,
): FoundCredentials | undefined {
  for (const source of sources) {
    const id = env[source.id]?.trim() ?? "";
    const secret = env[source.secret]?.trim() ?? "";
    const token = env[source.token]?.trim() ?? "";
    if (id === "" && secret === "" && token === "") continue;
    if (id === "" || secret === "") return halfSet(source, id === "" ? source.id : source.secret);
    return {
      credentials: {
        accessKeyId: id,
        accessKeySecret: secret,
        securityToken: token === "" ? undefined : token,
      },
      source: source.id,
    };
  }
  return undefined;
}

/** Returns all secrets in the environment, whichever are used, and the ids of the keys. */
export function secretsIn(env: Readonly<Record<string, string | undefined>>): Secrets {
  const valuesOf = (names: readonly string[]) => names.flatMap((name) => env[name]?.trim() ?? []);
  return openSecrets(
    valuesOf([...sources.flatMap(({ secret, token }) => [secret, token]), "GITHUB_TOKEN"]),
    valuesOf(sources.map(({ id }) => id)),
  );
}

/** Returns the secrets of one key pair. */
export function secretsOf({ accessKeyId, accessKeySecret, securityToken }: Credentials): Secrets {
  return openSecrets([accessKeySecret, securityToken], [accessKeyId]);
}

function halfSet(source: Source, absent: string): CredentialMistake {
  return {
    problem: `the credentials are half set: ${absent} is missing`,
    help: `set ${source.id} and ${source.secret} together, or neither`,
  };
}
