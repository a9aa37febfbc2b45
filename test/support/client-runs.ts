import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { SandboxKey } from "../../src/sandbox/seed/seed.ts";
import { startSandbox } from "../../src/sandbox/server.ts";
import { callSts, sessionKey } from "./sts-calls.ts";
import { account, keys, ownRoot, policyOf, stsSeed, trustOf } from "./sts-seed.ts";

/** Steps of the scripts of test/clients, each about the operations of its name. */
const clientSteps = [
  "PutBucket",
  "GetBucketInfo",
  "GetBucketLocation",
  "GetBucketStat",
  "ListBuckets",
  "BucketAcl",
  "BucketPolicy",
  "BucketPublicAccessBlock",
  "PutObject",
  "GetObject",
  "ranges",
  "HeadObject",
  "CopyObject",
  "AppendObject",
  "multipart",
  "ListObjects",
  "ListObjectsV2",
  "ObjectTagging",
  "ObjectAcl",
  "Symlink",
  "signed URLs",
  "DeleteObjects",
  "DeleteBucket",
] as const;

/** How a client signs: with a key of the account, or with a session of a role. */
export const signings = [
  ["v1", "key"],
  ["v4", "key"],
  ["v1", "session"],
  ["v4", "session"],
] as const;

export type Signing = (typeof signings)[number];

/** Runs a script of test/clients against a sandbox of its own. Returns the lines that it prints. */
export async function runClient(
  command: readonly string[],
  [version, credentials]: Signing,
): Promise<readonly string[]> {
  const role = {
    name: "owner",
    trust: trustOf(ownRoot),
    policies: [policyOf({ Effect: "Allow", Action: "oss:*", Resource: "*" })],
  };
  const sandbox = await startSandbox({ seed: stsSeed(role) });
  onTestFinished(() => sandbox.close());
  const parameters = { RoleArn: `acs:ram::${account}:role/owner`, RoleSessionName: "client" };
  const key: SandboxKey =
    credentials === "key"
      ? keys.root
      : sessionKey(await callSts(sandbox.port, "ACS3", { signer: keys.alice, parameters }));
  const endpoint = `http://localhost:${sandbox.port}`;
  const given = { endpoint, region: "cn-hangzhou", version, bucket: `${version}-${credentials}`, ...key };
  return linesOf([...command, JSON.stringify(given)]);
}

function linesOf([program = "", ...words]: readonly string[]): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const cwd = fileURLToPath(new URL("../clients", import.meta.url));
    const child = spawn(program, words, { cwd, stdio: ["ignore", "pipe", "pipe"], timeout: 120_000 });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.on("error", reject);
    child.on("close", () => {
      const lines = stdout.split("\n").filter((line) => line !== "");
      if (lines.length === 0) reject(new Error(`no line; ${stderr.slice(-500)}`));
      else resolve(lines);
    });
  });
}

/** Returns the lines of a run in which every step is as it should be; some steps are not in every client. */
export function allFine(...lacking: readonly string[]): readonly string[] {
  return clientSteps.filter((step) => !lacking.includes(step)).map((step) => `ok ${step}`);
}
