import { isFailed, type Failed } from "../result.ts";
import { existsSync, realpathSync } from "node:fs";
import { join, relative } from "node:path";
import { folderOf, isAccountFile, parseAccount, type Account } from "../desired/account-file.ts";
import type { Desired } from "../desired/desired.ts";
import { childOf } from "../desired/node.ts";
import { parseYaml } from "../desired/yaml.ts";
import { hasErrors, type Diagnostic } from "../diagnostic.ts";
import { accountFilesAt } from "../git/files.ts";
import type { Revision } from "../git/revision.ts";
import { desiredIn, topOf } from "./revision.ts";

/** The tree that is planned. */
export interface PlannedTree {
  readonly policies: string;
  readonly desired: Desired;
  readonly sources: ReadonlyMap<string, string>;
}

/** An account of the tree that no account.yaml of the base judges, or none that is without an error. */
export interface NewAccount {
  readonly uid: string;
  /** The first error of its account.yaml at the base: which of its guards judge is not known. */
  readonly error?: Diagnostic;
  /** Paths of its account.yaml files at the base, outside of the policy folder. */
  readonly places: readonly string[];
}

/** The policy tree of the base, found by its accounts where the tree has moved since. */
export interface AccountsBefore {
  readonly revision: Revision;
  readonly desired: Desired;
  readonly isEmpty: boolean;
  readonly newAccounts: readonly NewAccount[];
}

/** Reads the tree of the base: from the folder of the policies, or from where the same accounts were. */
export function accountsBefore(named: Revision, tree: PlannedTree): AccountsBefore | Failed {
  const here = desiredIn(named);
  if (isFailed(here)) return here;
  const found = { revision: named, desired: here.desired, isEmpty: here.isEmpty };
  const broken = brokenIn(here.desired, tree.desired);
  if (unknownIn(here.desired, tree.desired).length === 0) return { ...found, newAccounts: broken };
  const elsewhere = accountsElsewhere(named);
  const moved = here.hasAccounts ? undefined : movedFrom(named, tree, elsewhere.accounts);
  if (moved === undefined) {
    const hadAccounts = here.hasAccounts || elsewhere.accounts.length > 0 || elsewhere.isBroken;
    const newAccounts = hadAccounts ? unknownIn(here.desired, tree.desired) : [];
    const unknown = newAccounts.map((uid) => newAccount(uid, elsewhere.accounts));
    return { ...found, newAccounts: [...unknown, ...broken] };
  }
  const there = desiredIn(moved);
  if (isFailed(there)) return there;
  const unknown = unknownIn(there.desired, tree.desired).map((uid) => newAccount(uid, []));
  const newAccounts = [...unknown, ...brokenIn(there.desired, tree.desired)];
  return { revision: moved, desired: there.desired, isEmpty: there.isEmpty, newAccounts };
}

function unknownIn(before: Desired, now: Desired): readonly string[] {
  return now.accounts.map(({ uid }) => uid).filter((uid) => !before.accounts.some((one) => one.uid === uid));
}

/** Accounts that the base knows, with an error in an account.yaml of their folder: a guard may be lost by it. */
function brokenIn({ accounts, diagnostics }: Desired, now: Desired): readonly NewAccount[] {
  const errors = diagnostics.filter(
    ({ severity, span }) => severity === "error" && span !== undefined && isAccountFile(span.file),
  );
  return now.accounts.flatMap(({ uid }) => {
    const folders = accounts.filter((one) => one.uid === uid).map(({ folder }) => folder);
    const error = errors.find(({ span }) => span !== undefined && folders.includes(folderOf(span.file)));
    return error === undefined ? [] : [{ uid, places: [], error }];
  });
}

function newAccount(uid: string, elsewhere: readonly Account[]): NewAccount {
  return { uid, places: elsewhere.filter((one) => one.uid === uid).map(({ file }) => file) };
}

interface Elsewhere {
  readonly accounts: readonly Account[];
  /** True where another file may be an account.yaml of this tool and cannot be read. */
  readonly isBroken: boolean;
}

/** The accounts of the whole revision. A file of that name that holds no `account` is none of ours. */
function accountsElsewhere(revision: Revision): Elsewhere {
  const { files, hasUnread } = accountFilesAt(revision);
  const read = files.map(({ path, text }) => {
    const { node, diagnostics } = parseYaml(text, path);
    const isOurs = hasErrors(diagnostics) || childOf(node, "account") !== undefined;
    return { isOurs, account: node && parseAccount(path, node).value };
  });
  return {
    accounts: read.flatMap(({ account }) => account ?? []),
    isBroken: hasUnread || read.some(({ isOurs, account }) => isOurs && account === undefined),
  };
}

/** The revision with the folder that the tree had before it was moved; undefined where that is not sure. */
function movedFrom(
  named: Revision,
  { desired, policies }: PlannedTree,
  elsewhere: readonly Account[],
): Revision | undefined {
  const { top } = named.checkout;
  const known = desired.accounts.filter(({ uid }) => elsewhere.some((one) => one.uid === uid));
  const tops = new Set(
    known.map(({ uid, folder }) => {
      const [before, second] = elsewhere.filter((one) => one.uid === uid);
      const isMoved = before !== undefined && second === undefined && !existsSync(join(top, before.file));
      return isMoved ? topAbove(before.folder, folder.slice(topOf(policies).length)) : undefined;
    }),
  );
  const [below] = tops;
  if (below === undefined || tops.size > 1) return undefined;
  return { ...named, below, policies: relative(realpathSync("."), join(top, below)) || "." };
}

/** The folder above an account's, which is `rest` below it in the tree; undefined where it is not. */
function topAbove(folder: string, rest: string): string | undefined {
  const below = rest.replaceAll("\\", "/");
  return `/${folder}`.endsWith(`/${below}`) ? folder.slice(0, folder.length - below.length) : undefined;
}

/** Returns whether a run consents to the buckets of a new account. */
export function isAccepted(uid: string, accept: readonly string[]): boolean {
  return accept.includes(`new-account@${uid}`);
}
