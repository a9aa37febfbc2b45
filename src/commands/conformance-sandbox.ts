import type { IdentityFile } from "../conformance/identities.ts";
import { isFailed, type Failed } from "../result.ts";
import type { Options } from "../run/options.ts";
import type { Seed } from "../sandbox/seed/seed.ts";
import { readSeed } from "../pipeline/tree-sandbox.ts";

/** Sandbox in this process with a scratch bucket. */
export interface ScratchSandbox {
  readonly url: string;
  readonly region: string;
  /** Its identities; undefined for those of a seed file. */
  readonly identities: IdentityFile | undefined;
  readonly close: () => Promise<void>;
}

const region = "cn-hangzhou";
const owner = "1746495857600001";
const user = "202147604049351234";
const other = "1746495857600002";
const role = "conformance";
const session = "kit";

/** Starts a sandbox that has the bucket, its owner, a RAM user and another account, or what the seed file has. */
export async function startScratchSandbox(
  bucket: string,
  options: Options,
): Promise<ScratchSandbox | Failed> {
  const { startSandbox } = await import("../sandbox/server.ts");
  const read = options.seed === undefined ? { seed: scratchSeed(bucket) } : await readSeed(options.seed);
  if (isFailed(read)) return read;
  const server = await startSandbox({ seed: read.seed });
  const identities =
    options.identities === undefined ? { identities: ownIdentities, address: "127.0.0.1" } : undefined;
  return { url: server.url, region, identities, close: () => server.close() };
}

function scratchSeed(bucket: string): Seed {
  return {
    account: owner,
    keys: [],
    accounts: [
      {
        uid: owner,
        keys: [key("owner")],
        users: [{ name: "conformance", uid: user, keys: [key("user")] }],
        roles: [{ name: role, trust: {}, sessions: [{ name: session, keys: [key("role")] }] }],
      },
      { uid: other, keys: [key("other")] },
    ],
    buckets: [{ name: bucket, region, owner }],
    faults: [],
  };
}

function key(name: string): { readonly id: string; readonly secret: string } {
  return { id: `conformance-${name}`, secret: `conformance-${name}-secret` };
}

const ownIdentities: IdentityFile["identities"] = {
  owner: identity("owner", ""),
  user: identity("user", user),
  "other-account": identity("other", other),
  role: identity("role", `arn:sts::${owner}:assumed-role/${role}/${session}`),
};

function identity(name: string, principal: string) {
  const { id, secret } = key(name);
  return { principal, credentials: { accessKeyId: id, accessKeySecret: secret, securityToken: undefined } };
}
