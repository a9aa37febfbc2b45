import { createServer, request as send, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import type { Seed } from "../../src/sandbox/seed/seed.ts";
import type { Sandbox } from "../../src/sandbox/server.ts";
import { writeTree } from "./run-cli.ts";
import { sandboxWith } from "./store.ts";
import { keyOfSession, roleName, sessionsByRole, startSts, type StsAnswer, type StsServer } from "./sts.ts";

export const accountNames = ["alpha", "beta"] as const;
export type AccountName = (typeof accountNames)[number];

export const uids: Readonly<Record<AccountName, string>> = {
  alpha: "1746495857600001",
  beta: "1746495857600002",
};

/** Two accounts at one endpoint, each with roles, keys and buckets of its own. */
interface TwoAccounts {
  readonly sandboxes: Readonly<Record<AccountName, Sandbox>>;
  readonly sts: StsServer;
  readonly env: Readonly<Record<string, string>>;
  /** Roles that were assumed, such as `alpha-plans`. */
  roles(): readonly string[];
}

interface Settings {
  readonly seeds?: Partial<Record<AccountName, Partial<Seed>>>;
  /** Sessions for every role by default. */
  readonly sts?: StsAnswer;
  /** Settles before a request of an account is passed on. */
  readonly hold?: (account: AccountName) => Promise<unknown>;
}

function roleOf(account: AccountName, use: "plans" | "applies"): string {
  return `acs:ram::${uids[account]}:role/${account}-${use}`;
}

/** Starts STS, and one endpoint that passes each request on to the sandbox of the account whose key signed it. */
export async function twoAccounts(settings: Settings = {}): Promise<TwoAccounts> {
  const { seeds = {}, hold = () => Promise.resolve() } = settings;
  const sandboxOf = (account: AccountName) =>
    sandboxWith({
      account: uids[account],
      keys: [keyOfSession(`${account}-plans`), keyOfSession(`${account}-applies`)],
      ...seeds[account],
    });
  const sandboxes = { alpha: await sandboxOf("alpha"), beta: await sandboxOf("beta") };
  const sts = await startSts(settings.sts ?? sessionsByRole);
  const server = createServer((request, response) => {
    const account = accountNames.find((name) => request.headers.authorization?.includes(`STS.${name}-`));
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      if (account === undefined) return void response.writeHead(403).end();
      void hold(account).then(() =>
        passOn(request, Buffer.concat(chunks), sandboxes[account]).then(
          (answer) => answer.pipe(response.writeHead(answer.statusCode ?? 502, answer.headers)),
          () => response.destroy(),
        ),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const env = {
    OSS_ACCESS_KEY_ID: "LTAI-base-key-id",
    OSS_ACCESS_KEY_SECRET: "base-secret-0123456789",
    OSS_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ALIBABA_CLOUD_STS_ENDPOINT: sts.url,
    CI: "true",
  };
  const roles = () =>
    sts.calls.map(({ query, form }) => roleName(query.get("RoleArn") ?? form.get("RoleArn") ?? ""));
  return { sandboxes, sts, env, roles };
}

export function passOn(
  request: IncomingMessage,
  body: Buffer,
  { url }: Pick<Sandbox, "url">,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { method, headers, url: path } = request;
    send(new URL(path ?? "/", url), { method, headers }, resolve)
      .on("error", reject)
      .end(body);
  });
}

/** Returns the account.yaml of an account, with a role to plan and one to apply. */
export function accountYaml(account: AccountName, more = ""): string {
  const roles = `{ plan: "${roleOf(account, "plans")}", apply: "${roleOf(account, "applies")}" }`;
  return `account: "${uids[account]}"\nname: ${account}\nregion: cn-hangzhou\nidentities: { reader: "202147604049350001" }\ncredentials: { role: ${roles} }\n${more}`;
}

/** Returns a bucket file that lets a reader in. */
export function bucketYaml(bucket: string, account: AccountName): string {
  return `bucket: ${bucket}
policy:
  Version: "1"
  Statement:
    - Effect: Allow
      Principal: ["\${reader}"]
      Action: ["oss:GetObject"]
      Resource: ["acs:oss:*:${uids[account]}:${bucket}/*"]
`;
}

/** Writes a tree with a folder for each account and these buckets in it. */
export function twoAccountTree(
  buckets: Readonly<Record<AccountName, readonly string[]>>,
  more: Readonly<Record<string, string>> = {},
): string {
  const files = accountNames.flatMap((account) => [
    [`${account}/account.yaml`, accountYaml(account)] as const,
    ...buckets[account].map((name) => [`${account}/${name}.yaml`, bucketYaml(name, account)] as const),
  ]);
  return writeTree({ ...Object.fromEntries(files), ...more });
}
