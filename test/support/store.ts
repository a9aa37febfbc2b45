import { onTestFinished } from "vitest";
import { openAliOssStore } from "../../src/oss/ali-oss-store.ts";
import { fixedCredentials } from "../../src/oss/credential-provider.ts";
import { secretsOf } from "../../src/oss/credentials.ts";
import type { PolicyStore } from "../../src/oss/store.ts";
import { sandboxKey, type Seed } from "../../src/sandbox/seed/seed.ts";
import { startSandbox, type Sandbox } from "../../src/sandbox/server.ts";

/** A sandbox of its own for one test. */
export async function sandboxWith(seed: Partial<Seed>): Promise<Sandbox> {
  const sandbox = await startSandbox({
    seed: { account: "1746495857600001", keys: [sandboxKey], buckets: [], faults: [], ...seed },
  });
  onTestFinished(() => sandbox.close());
  return sandbox;
}

export interface StoreOptions {
  readonly token?: string;
  readonly timeoutMs?: number;
}

/** The real store over real HTTP. */
export function storeOver(endpoint: string, { token, timeoutMs = 5_000 }: StoreOptions = {}): PolicyStore {
  const credentials = {
    accessKeyId: sandboxKey.id,
    accessKeySecret: sandboxKey.secret,
    securityToken: token,
  };
  const store = openAliOssStore({
    provider: fixedCredentials(credentials),
    secrets: secretsOf(credentials),
    endpoint,
    listRegion: "cn-hangzhou",
    timeoutMs,
  });
  onTestFinished(() => store.close());
  return store;
}
