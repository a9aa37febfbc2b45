import { join } from "node:path";
import { oidcProvider, planRole } from "./credentials.ts";
import { accountFile, writeTree } from "./run-cli.ts";

/** Secrets of one case. Each is a word that nothing else has. */
export interface Marks {
  readonly id: string;
  readonly secret: string;
  readonly token: string;
  readonly oidc: string;
  readonly metadata: string;
  readonly github: string;
  /** What STS or the instance metadata give. */
  readonly session: { readonly id: string; readonly secret: string; readonly token: string };
}

/** What a source of credentials adds to a run. */
export interface Sourced {
  readonly env: Readonly<Record<string, string>>;
  /** Text of account.yaml. */
  readonly account: string;
}

/** Makes a source from secrets, and from the address of a server that is STS and the instance metadata. */
export type SecretSource = (marks: Marks, server: string) => Sourced;

const roles = `${accountFile}credentials: { role: "${planRole}", externalId: team-a }\n`;

const ossPair = ({ id, secret, token }: Marks) => ({
  OSS_ACCESS_KEY_ID: id,
  OSS_ACCESS_KEY_SECRET: secret,
  OSS_SESSION_TOKEN: token,
});
const cloudPair = ({ id, secret, token }: Marks) => ({
  ALIBABA_CLOUD_ACCESS_KEY_ID: id,
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: secret,
  ALIBABA_CLOUD_SECURITY_TOKEN: token,
});

function profile(fields: (marks: Marks) => readonly object[]): SecretSource {
  return (marks) => {
    const profiles = fields(marks).map((one, index) => ({ name: index === 0 ? "p" : "base", ...one }));
    const home = writeTree({ ".aliyun/config.json": JSON.stringify({ profiles }) });
    return { env: { HOME: home, ALIBABA_CLOUD_PROFILE: "p" }, account: accountFile };
  };
}

const keysOf = ({ id, secret }: Marks) => ({ access_key_id: id, access_key_secret: secret });

/** Every place that a secret of a run can come from. */
export const secretSources: Readonly<Record<string, SecretSource>> = {
  "the pair of OSS": (marks) => ({ env: ossPair(marks), account: accountFile }),
  "the pair of Alibaba Cloud": (marks) => ({ env: cloudPair(marks), account: accountFile }),
  "a pair that is not used": (marks) => ({
    env: {
      ...cloudPair(marks),
      OSS_ACCESS_KEY_ID: "other-key-id",
      OSS_ACCESS_KEY_SECRET: "other-secret-of-the-run",
    },
    account: accountFile,
  }),
  "a pair that is half set": ({ secret, token }) => ({
    env: { OSS_ACCESS_KEY_SECRET: secret, OSS_SESSION_TOKEN: token },
    account: accountFile,
  }),
  "a role of account.yaml": (marks) => ({ env: ossPair(marks), account: roles }),
  "an OIDC token": ({ oidc }) => ({
    env: {
      ALIBABA_CLOUD_ROLE_ARN: planRole,
      ALIBABA_CLOUD_OIDC_PROVIDER_ARN: oidcProvider,
      ALIBABA_CLOUD_OIDC_TOKEN_FILE: join(writeTree({ token: oidc }), "token"),
    },
    account: accountFile,
  }),
  "a profile AK": profile((marks) => [{ mode: "AK", ...keysOf(marks) }]),
  "a profile StsToken": profile((marks) => [{ mode: "StsToken", ...keysOf(marks), sts_token: marks.token }]),
  "a profile RamRoleArn": profile((marks) => [
    { mode: "RamRoleArn", ...keysOf(marks), ram_role_arn: planRole },
  ]),
  "a profile ChainableRamRoleArn": profile((marks) => [
    { mode: "ChainableRamRoleArn", source_profile: "base", ram_role_arn: planRole },
    { mode: "StsToken", ...keysOf(marks), sts_token: marks.token },
  ]),
  "a profile of another mode": profile((marks) => [{ mode: marks.secret, ...keysOf(marks) }]),
  "a broken configuration": ({ secret }) => ({
    env: {
      HOME: writeTree({ ".aliyun/config.json": `{"profiles":[{"name":"p","access_key_secret":"${secret}` }),
      ALIBABA_CLOUD_PROFILE: "p",
    },
    account: accountFile,
  }),
  "an ECS role": () => ({ env: {}, account: `${accountFile}credentials: { ecsRole: oss-policy }\n` }),
};

/** Adds the addresses of the servers to the environment of a source. */
export function withServers(env: Sourced["env"], oss: string, server: string): Record<string, string> {
  return {
    ...env,
    CI: "true",
    OSS_ENDPOINT: oss,
    ALIBABA_CLOUD_STS_ENDPOINT: server,
    OSS_POLICY_METADATA_ENDPOINT: server,
  };
}
