import { readFileSync } from "node:fs";
import type { Account } from "../desired/account-file.ts";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import { refusal } from "../diagnostic.ts";
import { fixedCredentials, type CredentialProvider } from "../oss/credential-provider.ts";
import { secretsOf } from "../oss/credentials.ts";
import type { Secrets } from "../oss/secrets.ts";
import { isFailed, type Failed } from "../result.ts";
import type { Seed } from "../sandbox/seed/seed.ts";
import type { Sandbox } from "../sandbox/server.ts";
import { errorCode } from "../system-error.ts";

/** Sandbox in this process, with a key of it. */
interface StartedSandbox {
  readonly sandbox: Sandbox;
  readonly provider: CredentialProvider;
  readonly secrets: Secrets;
}

/** Starts a sandbox with the content of the seed file, or with every bucket of the account, none with a policy. */
export async function startTreeSandbox(
  account: Account | undefined,
  buckets: readonly DesiredBucket[],
  seedFile: string | undefined,
): Promise<StartedSandbox | Failed> {
  const { sandboxKey, startSandbox } = await import("../sandbox/server.ts");
  const read =
    seedFile === undefined
      ? { seed: { ...seedOfTree(account, buckets), keys: [sandboxKey] } }
      : await readSeed(seedFile, account?.uid);
  if (isFailed(read)) return read;
  const sandbox = await startSandbox({ seed: read.seed });
  const [key] = read.seed.keys;
  const credentials = {
    accessKeyId: key?.id ?? "",
    accessKeySecret: key?.secret ?? "",
    securityToken: key?.token,
  };
  return { sandbox, provider: fixedCredentials(credentials), secrets: secretsOf(credentials) };
}

function seedOfTree(account: Account | undefined, buckets: readonly DesiredBucket[]): Omit<Seed, "keys"> {
  return {
    account: account?.uid ?? "",
    buckets: buckets
      .filter((bucket) => account === undefined || bucket.account.uid === account.uid)
      .map(({ bucket, region }) => ({ name: bucket, region })),
    faults: [],
  };
}

/** The seed in a file; of the given account where it names none. */
export async function readSeed(file: string, account?: string): Promise<{ readonly seed: Seed } | Failed> {
  const { parseSeed } = await import("../sandbox/server.ts");
  try {
    const parsed = parseSeed(readFileSync(file, "utf8"), file, account);
    return "seed" in parsed
      ? parsed
      : { problems: parsed.problems.map((message) => refusal("seed", message)) };
  } catch (error) {
    const code = errorCode(error);
    return {
      problems: [refusal("seed", `\`${file}\` cannot be read (${code})`, "name a seed file with --seed")],
    };
  }
}
