import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { startClient as start, type LanguageClient } from "../support/language-client.ts";

export const account = `account: "1746495857600001"
region: cn-hangzhou
identities:
  reader: "202147604049350001"
vars:
  prefix: logs/
`;
export const web = `bucket: web
use: [shared]
policy:
  Version: "1"
  Statement:
    - Effect: Allow
      Principal: ["\${reader}"]
      Action: ["oss:GetObject"]
      Resource: ["acs:oss:*:\${account}:\${bucket}/\${prefix}*"]
      Condition: { Bool: { "acs:SecureTransport": ["true"] } }
`;
export const shared = `Statement:
  - Effect: Deny
    Principal: ["202147604049350002"]
    Action: ["oss:PutBucketPolicy"]
    Resource: ["acs:oss:*:*:\${bucket}"]
`;
/** Files of a tree with one bucket, which uses a statement set. */
export const tree = {
  "policies/account.yaml": account,
  "policies/_sets/shared.yaml": shared,
  "policies/web.yaml": web,
};

const cli = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));

/** Starts a client of the built tool, and stops it after the test. */
export async function startClient(folder: string, workspace = [folder]): Promise<LanguageClient> {
  const client = await start(folder, cli, workspace);
  onTestFinished(client.stop);
  return client;
}
