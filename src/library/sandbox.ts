/**
 * A local OSS for tests: `import { startSandbox } from "oss-policy/sandbox"`. What is exported here follows semantic
 * versioning; see docs/sandbox.md.
 *
 * @packageDocumentation
 */
import { readServedTree, seedOfAccounts } from "../pipeline/served-tree.ts";
import { readSeed } from "../pipeline/tree-sandbox.ts";
import { isFailed } from "../result.ts";
import { callSandbox } from "../sandbox/client.ts";
import { defaultSeed, parseSeed, type SandboxKey, type Seed } from "../sandbox/seed/seed.ts";

/** Policy as JSON has it. */
export type PolicyDocument = { readonly [field: string]: unknown };

/** Access key of an identity. One with a token must be used with it, as the keys of STS are. */
export interface Key {
  readonly id: string;
  readonly secret: string;
  readonly token?: string;
}

/** Identities and content of a sandbox, as a seed file has them. */
export interface SandboxSeed {
  /** Accounts with their keys, RAM users and roles. Without them there is one, with the key `sandbox`. */
  readonly accounts?: readonly {
    /** UID of the account. */
    readonly uid: string;
    readonly keys?: readonly Key[];
    readonly users?: readonly {
      readonly name: string;
      readonly uid: string;
      readonly keys?: readonly Key[];
      /** RAM policies of the user. */
      readonly policies?: readonly PolicyDocument[];
    }[];
    readonly roles?: readonly {
      readonly name: string;
      /** Who may assume it. */
      readonly trust: PolicyDocument;
      readonly policies?: readonly PolicyDocument[];
      /** Longest life of a session that STS gives. */
      readonly maxSessionSeconds?: number;
      /** Sessions that exist from the start and do not end, beside those that STS gives. */
      readonly sessions?: readonly { readonly name: string; readonly keys: readonly Key[] }[];
    }[];
  }[];
  readonly buckets?: readonly {
    readonly name: string;
    /** Short form, such as `cn-hangzhou`. */
    readonly region: string;
    /** UID of an account of the seed; the first one by default. */
    readonly owner?: string;
    readonly policy?: string | PolicyDocument;
    readonly acl?: "private" | "public-read" | "public-read-write";
    readonly blockPublicAccess?: boolean;
    readonly tags?: { readonly [name: string]: string };
    readonly objects?: readonly {
      readonly key: string;
      readonly body?: string;
      readonly contentType?: string;
      readonly acl?: "default" | "private" | "public-read" | "public-read-write";
      readonly tags?: { readonly [name: string]: string };
    }[];
  }[];
  /** Block Public Access of every account. */
  readonly blockPublicAccess?: boolean;
  /** Positions on points that OSS does not document, by their names. */
  readonly interpretation?: { readonly [point: string]: string };
  /** Fault rules: which calls go wrong, and how. */
  readonly faults?: readonly { readonly [field: string]: unknown }[];
}

/** What a sandbox starts with. */
export interface StartOptions {
  /** Content, or the path of a seed file. */
  readonly seed?: SandboxSeed | string;
  /** Folder of policy files: its buckets exist with the policies of the files, and its identities have keys. */
  readonly policies?: string;
  /** Port; any free one by default. */
  readonly port?: number;
}

/** Request as an identity sends it. */
export interface RequestOptions {
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string | Uint8Array;
  /** Condition keys that the network decides, such as `{ "acs:SourceVpc": "vpc-1" }`. */
  readonly context?: { readonly [key: string]: string };
}

/** Answer of the sandbox. */
export interface Answer {
  readonly status: number;
  /**
   * `undecided` where the sandbox makes no decision: it does not have the operation, the request is not valid, or OSS does
   * not document what the decision depends on. A test that expects a refusal must not pass then.
   */
  readonly access: "allowed" | "refused" | "undecided";
  /** What decided, such as `allowed by statement 2 of the bucket policy, web.yaml:14`; empty if nothing was decided. */
  readonly decision: string;
  /** OSS's error code, such as `AccessDenied`; empty without an error. */
  readonly code: string;
  /** OSS's number of the error, such as `0003-00000101`; empty if there is none. */
  readonly ec: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: Uint8Array;
  /** The body as UTF-8. */
  readonly text: string;
}

/** Identity that sends requests. */
export interface Actor {
  /** Sends a request, such as `request("GET", "/web/index.html")` or `request("GET", "/web/?policy")`. */
  request(method: string, path: string, options?: RequestOptions): Promise<Answer>;
}

/** Running sandbox. */
export interface TestSandbox {
  /** `http://127.0.0.1:PORT`, the endpoint for any client. */
  readonly url: string;
  /** Returns an identity by the id of its key, or by its name in the seed or in account.yaml. Throws if there is none. */
  as(identity: string): Actor;
  /** Returns an anonymous caller, who has no key. */
  anonymous(): Actor;
  /** Returns the key of an identity, for another client. Throws if there is none. */
  key(identity: string): Key;
  /** Replaces the policy of a bucket without a check; `undefined` removes it. Throws if there is no such bucket. */
  setPolicy(bucket: string, policy: string | PolicyDocument | undefined): void;
  /** Returns the text of a policy; undefined if there is none. */
  policyOf(bucket: string): string | undefined;
  close(): Promise<void>;
}

/**
 * Starts a sandbox on the loopback. Rejects if an option, the seed or a policy file has an error: the message has one line
 * for each.
 */
export async function startSandbox(options: StartOptions = {}): Promise<TestSandbox> {
  const problem = optionsProblem(options);
  if (problem !== undefined) throw new TypeError(problem);
  const tree = options.policies === undefined ? undefined : await readTreeToServe(options.policies);
  const seed = options.seed === undefined ? unseeded(tree) : await seedOf(options.seed);
  const server = await (
    await import("../sandbox/server.ts")
  ).startSandbox({
    seed,
    port: options.port ?? 0,
    explain: true,
  });
  server.serve(tree?.buckets ?? []);
  const keys = keysByName(seed);
  const keyOf = (identity: string): Key => {
    const key = keys.get(identity);
    if (key === undefined)
      throw new Error(`the sandbox has no key of \`${identity}\`; it has ${[...keys.keys()].join(", ")}`);
    return key;
  };
  const actor = (key: Key | undefined): Actor => ({
    request: (method, path, more) => {
      const region = server.regionOf(path.split(/[/?]/)[1] ?? "") ?? "cn-hangzhou";
      return callSandbox(server.port, key, { method, path, region, ...more });
    },
  });
  return {
    url: server.url,
    as: (identity) => actor(keyOf(identity)),
    anonymous: () => actor(undefined),
    key: keyOf,
    setPolicy: (bucket, policy) => {
      server.setPolicy(bucket, typeof policy === "object" ? JSON.stringify(policy) : policy);
    },
    policyOf: server.policyOf,
    close: server.close,
  };
}

/** Returns what is wrong with the options: a caller without TypeScript would get a sandbox of something else. */
function optionsProblem(options: unknown): string | undefined {
  if (!isMapping(options)) return "the options of startSandbox must be an object";
  const { seed, policies, port, ...others } = options;
  const [other] = Object.keys(others);
  if (other !== undefined)
    return `startSandbox has no option \`${other}\`; it has \`seed\`, \`policies\` and \`port\``;
  if (seed !== undefined && typeof seed !== "string" && !isMapping(seed))
    return "`seed` must be an object or the path of a seed file";
  if (policies !== undefined && typeof policies !== "string")
    return "`policies` must be the path of a folder";
  const isPort = Number.isInteger(port) && Number(port) >= 0 && Number(port) <= 65_535;
  return port === undefined || isPort ? undefined : "`port` must be a number from 0 to 65535";
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

async function readTreeToServe(folder: string): Promise<Awaited<ReturnType<typeof readServedTree>>> {
  const tree = await readServedTree(folder);
  const errors = tree.findings.filter(({ severity }) => severity === "error");
  if (errors.length === 0) return tree;
  const lines = errors.map(
    ({ span, message }) => `${span === undefined ? "" : `${span.file}:${span.start.line}: `}${message}`,
  );
  throw new Error(`the policy files have errors:\n${lines.join("\n")}`);
}

function unseeded(tree: Awaited<ReturnType<typeof readServedTree>> | undefined): Seed {
  return tree === undefined ? defaultSeed : seedOfAccounts(tree.accounts);
}

async function seedOf(seed: SandboxSeed | string): Promise<Seed> {
  if (typeof seed === "string") {
    const read = await readSeed(seed);
    if (isFailed(read)) throw new Error(read.problems.map(({ message }) => message).join("\n"));
    return read.seed;
  }
  const parsed = parseSeed(JSON.stringify({ buckets: [], ...seed }), "seed");
  if ("seed" in parsed) return parsed.seed;
  throw new Error(`the seed has errors:\n${parsed.problems.join("\n")}`);
}

/**
 * Returns the keys by their ids, the first of each user by the user's name, and that of a session by the name of its role,
 * or by what follows `STS.` in its id. A name that two users or two sessions have is none of either.
 */
function keysByName({
  account,
  keys,
  accounts = [{ uid: account, keys }],
}: Seed): ReadonlyMap<string, SandboxKey> {
  const users = accounts.flatMap((one) => one.users ?? []);
  const sessions = accounts.flatMap((one) =>
    (one.roles ?? []).flatMap((role) => (role.sessions ?? []).map((session) => ({ role, session }))),
  );
  const ofSessions = sessions.flatMap(({ session }) => session.keys);
  const all = [
    ...accounts.flatMap((one) => one.keys ?? []),
    ...users.flatMap((user) => user.keys ?? []),
    ...ofSessions,
  ];
  const named = (name: string, own: readonly SandboxKey[] = []) =>
    own.slice(0, 1).map((key) => [name, key] as const);
  return new Map([
    ...unique(sessions.flatMap(({ role, session }) => named(role.name, session.keys))),
    ...ofSessions.flatMap((key) => named(key.id.replace(/^STS\./, ""), [key])),
    ...unique(users.flatMap(({ name, keys: own }) => named(name, own))),
    ...all.map((key) => [key.id, key] as const),
  ]);
}

type KeyByName = readonly [name: string, key: SandboxKey];

function unique(keys: readonly KeyByName[]): readonly KeyByName[] {
  return keys.filter(([name]) => keys.filter(([other]) => other === name).length === 1);
}
