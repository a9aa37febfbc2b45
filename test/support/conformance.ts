import { readFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { JsonObject } from "../../src/policy/json.ts";
import type { Interpretation } from "../../src/policy/open-questions.ts";
import type { FaultRule } from "../../src/sandbox/faults/faults.ts";
import type { Seed, SeedBucket } from "../../src/sandbox/seed/seed.ts";
import { startSandbox, type Sandbox } from "../../src/sandbox/server.ts";
import { runCli, writeTree, type CliOptions } from "./run-cli.ts";
import { elements, signedCall } from "./sandbox.ts";

const owner = "1746495857600001";
const otherAccount = "1746495857600002";
const user = "202147604049351234";

const keyOf = (name: string) => ({ id: `${name}-key`, secret: `${name}-secret-of-the-test` });

/** A file of identities, and the variables that it names. */
export const identities = `owner: { id: OWNER_ID, secret: OWNER_SECRET }
user: { uid: "${user}", id: USER_ID, secret: USER_SECRET }
other-account: { uid: "${otherAccount}", id: OTHER_ID, secret: OTHER_SECRET }
role: { arn: "arn:sts::${owner}:assumed-role/ops/kit", id: ROLE_ID, secret: ROLE_SECRET }
address: 127.0.0.1
`;

export const identityEnv: Readonly<Record<string, string>> = Object.fromEntries(
  ["owner", "user", "other", "role"].flatMap((name) => [
    [`${name.toUpperCase()}_ID`, keyOf(name).id],
    [`${name.toUpperCase()}_SECRET`, keyOf(name).secret],
  ]),
);

export interface ScratchOptions {
  readonly bucket?: Partial<SeedBucket>;
  readonly interpretation?: Partial<Interpretation>;
  readonly faults?: readonly FaultRule[];
  /** Statements of a RAM policy of the user. */
  readonly ramOfUser?: readonly JsonObject[];
}

/** Starts a sandbox with the bucket `scratch` and all identities. */
export async function scratchSandbox(options: ScratchOptions = {}): Promise<Sandbox> {
  const seed: Seed = {
    account: owner,
    keys: [],
    accounts: [
      {
        uid: owner,
        keys: [keyOf("owner")],
        users: [
          {
            name: "kit",
            uid: user,
            keys: [keyOf("user")],
            policies: [{ Version: "1", Statement: options.ramOfUser ?? [] }],
          },
        ],
        roles: [{ name: "ops", trust: {}, sessions: [{ name: "kit", keys: [keyOf("role")] }] }],
      },
      { uid: otherAccount, keys: [keyOf("other")] },
    ],
    buckets: [{ name: "scratch", region: "cn-hangzhou", owner, ...options.bucket }],
    faults: options.faults ?? [],
  };
  const { interpretation } = options;
  const sandbox = await startSandbox({ seed, ...(interpretation === undefined ? {} : { interpretation }) });
  onTestFinished(() => sandbox.close());
  return sandbox;
}

/** Runs the verb against a sandbox, in a folder that may have what an earlier run left. */
export async function observe(
  sandbox: Sandbox,
  folder: string = writeTree({ "identities.yaml": identities }),
  { words = [], ...options }: CliOptions & { readonly words?: readonly string[] } = {},
) {
  const all = ["conformance", ...wordsFor(sandbox, folder), ...words];
  const result = await runCli(all, { env: identityEnv, clock: hastyClock(), ...options });
  const json = () => JSON.parse(readFileSync(join(folder, "out.json"), "utf8")) as ObservedJson;
  return { ...result, folder, json };
}

/** A clock on which waits pass at once. */
function hastyClock(): NonNullable<CliOptions["clock"]> {
  let skippedMs = 0;
  return {
    now: () => performance.now() + skippedMs,
    sleep: (ms) => {
      skippedMs += ms;
      return new Promise((resolve) => setTimeout(resolve, ms / 500));
    },
  };
}

/** Words of the verb for a sandbox and a folder. */
export function wordsFor(sandbox: Sandbox, folder: string): readonly string[] {
  const file = (name: string) => join(folder, name);
  return [
    ...["--bucket", "scratch", "--confirm", "scratch", "--endpoint", sandbox.url],
    ...["--identities", file("identities.yaml"), "--output", file("interpretations.yaml")],
    ...["--json", file("out.json")],
  ];
}

export interface ObservedJson {
  readonly questions: Readonly<Record<string, { readonly position?: string; readonly unsettled?: string }>>;
  readonly cases: readonly {
    readonly id: string;
    readonly question: string;
    readonly facts: string;
    readonly result: { readonly kind: string; readonly observation?: string };
  }[];
}

/** What a run may leave in the bucket: its policy, the keys of its objects, and Block Public Access. */
export async function contentOf(sandbox: Sandbox) {
  const call = (query: readonly (readonly [string, string])[]) =>
    signedCall(sandbox.port, { bucket: "scratch", query, signer: keyOf("owner") });
  const listed = await call([["max-keys", "100"]]);
  const block = await call([["publicAccessBlock", ""]]);
  return {
    policy: sandbox.policyOf("scratch"),
    keys: elements(listed, "Key"),
    block: elements(block, "BlockPublicAccess")[0],
  };
}

export const untouched = { policy: undefined, keys: [], block: "false" };
