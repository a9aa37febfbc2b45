import { statSync } from "node:fs";
import type { Account } from "../desired/account-file.ts";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import { documentOf } from "../desired/desired-policy.ts";
import { listTree } from "../desired/load.ts";
import { compareDiagnostics, hasErrors, mergeDiagnostics, type Diagnostic } from "../diagnostic.ts";
import { unsilenced } from "../lint/lint.ts";
import { canonicalWithSources } from "../policy/policy.ts";
import { parseRoleSession } from "../policy/principal.ts";
import type { Sources } from "../report/text/diagnostics.ts";
import type { SandboxKey, Seed, SeedAccount } from "../sandbox/seed/seed.ts";
import type { ServedBucket } from "../sandbox/server.ts";
import { readTree } from "./read-desired.ts";

/** Policy tree as a sandbox serves it. */
export interface ServedTree {
  readonly buckets: readonly ServedBucket[];
  /** Accounts of the tree, with a key each, and their identities as RAM users that no RAM policy grants anything. */
  readonly accounts: readonly SeedAccount[];
  readonly findings: readonly Diagnostic[];
  readonly sources: Sources;
}

/** Reads a tree with all its rules. It has no buckets if it has an error: what OSS would refuse is not served. */
export async function readServedTree(folder: string): Promise<ServedTree> {
  const { desired, sources, diagnostics, checks } = await readTree(folder, { depth: "rules", spared: 1 });
  const lint = [...unsilenced(desired.buckets, ({ bucket }) => checks(bucket).found, "").values()].flat();
  const findings = mergeDiagnostics([...diagnostics, ...lint]).sort(compareDiagnostics);
  return {
    buckets: hasErrors(findings) ? [] : desired.buckets.map(servedBucket),
    accounts: seedAccounts(desired.accounts),
    findings,
    sources,
  };
}

/** Returns a seed for the accounts of a tree. */
export function seedOfAccounts(accounts: readonly SeedAccount[]): Seed {
  const [first] = accounts;
  return { account: first?.uid ?? "", keys: first?.keys ?? [], accounts, buckets: [], faults: [] };
}

/**
 * Returns a text that another state of the files has not: their paths, sizes and times, and what cannot be listed. A link
 * that goes away is no path, but what it kept from being served is.
 */
export function treeState(folder: string): string {
  const { paths, unread, diagnostics } = listTree(folder);
  const states = paths.map((path) => {
    const stats = statSync(path, { throwIfNoEntry: false });
    // A file that becomes readable has another time of change only.
    return `${path} ${stats?.size ?? ""} ${stats?.mtimeMs ?? ""} ${stats?.ctimeMs ?? ""}`;
  });
  const problems = [...unread.map(({ diagnostic }) => diagnostic), ...diagnostics];
  return [...states, ...problems.map(({ message }) => message)].join("\n");
}

function servedBucket(desired: DesiredBucket): ServedBucket {
  const { bucket: name, region, account, policy } = desired;
  const place = { name, region, owner: account.uid };
  if (policy.kind === "none") return { ...place, policy: undefined, statements: [] };
  const { sources } = canonicalWithSources(documentOf(policy));
  const statements = sources.reduce<string[]>((places, source, index) => {
    const span = policy.spans[index];
    if (span !== undefined) places[source] = `${span.file}:${span.start.line}`;
    return places;
  }, []);
  return { ...place, policy: policy.text, statements };
}

/** All these keys have this secret: the sandbox is on the loopback, and a secret that is known protects nothing. */
const secret = "sandbox";

/** Returns the accounts. A name that two of them have is no id of a key: it would be the key of one of the two. */
function seedAccounts(accounts: readonly Account[]): readonly SeedAccount[] {
  const names = accounts.flatMap(({ identities }) => [...identities.keys()]);
  const isOne = (name: string): boolean =>
    name !== secret && names.filter((each) => each === name).length === 1;
  return accounts.map((account, index) =>
    seedAccount(account, index, (name) => (isOne(name) ? name : `${name}@${account.uid}`)),
  );
}

/** Returns an account with a key, and with a key for each identity that account.yaml names: users, and sessions of roles. */
function seedAccount(
  { uid, identities }: Account,
  index: number,
  idOf: (name: string) => string,
): SeedAccount {
  const key = (id: string): SandboxKey => ({ id, secret });
  const users = [...identities].filter(([, value]) => isUser(value, uid));
  const sessions = [...identities].flatMap(([name, value]) => {
    const role = parseRoleSession(value);
    // A session of any name is tried by the name of the identity.
    return role?.owner === uid && isName(role.role)
      ? [{ name, role: role.role, session: isName(role.session) ? role.session : name }]
      : [];
  });
  const roles = [...new Set(sessions.map(({ role }) => role))].map((role) => ({
    name: role,
    trust: { Version: "1", Statement: [] },
    sessions: sessions
      .filter((one) => one.role === role)
      .map(({ name, session }) => ({
        name: session,
        keys: [{ ...key(`STS.${idOf(name)}`), token: secret }],
      })),
  }));
  return {
    uid,
    keys: [key(index === 0 ? "sandbox" : `sandbox-${uid}`)],
    users: users.map(([name, value]) => ({ name, uid: value, keys: [key(idOf(name))] })),
    roles,
  };
}

function isName(text: string): boolean {
  return !/[*?]/.test(text);
}

/** Returns true for the UID of a RAM user. OSS does not document their form: all but the account's own count. */
function isUser(value: string, account: string): boolean {
  return parseRoleSession(value) === undefined && /^\d+$/.test(value) && value !== account;
}
