import type { Desired } from "../desired/desired.ts";
import { refusal, type Diagnostic } from "../diagnostic.ts";
import { suggestion } from "../near-miss.ts";
import { hazard } from "../plan/hazard.ts";
import { isWriting, type Change } from "../plan/plan.ts";
import { isAccepted, type NewAccount } from "./accounts-before.ts";
import type { Base } from "./base.ts";
import type { Options } from "../run/options.ts";

/** Holds back what would be written to new accounts, unless this run consents to it. */
export function blockNewAccounts(
  changes: readonly Change[],
  base: Base | undefined,
  accept: readonly string[],
): readonly Change[] {
  if (base === undefined || base.newAccounts.length === 0) return changes;
  return changes.map((change) => {
    const account = base.newAccounts.find(({ uid }) => uid === change.account);
    if (account === undefined || !isWriting(change)) return change;
    const found = hazard("new-account", "block", newAccountText(account, base));
    const hazards = isAccepted(account.uid, accept)
      ? { ...found, accepted: "for this run, by --accept" }
      : found;
    return {
      ...change,
      blocked: change.blocked || !isAccepted(account.uid, accept),
      hazards: [hazards, ...change.hazards],
    };
  });
}

function newAccountText({ uid, places, error }: NewAccount, { word, revision }: Base): string {
  const consent = `\`--accept new-account@${uid}\` consents to that for one run`;
  if (error !== undefined) {
    const { file = "account.yaml", start } = error.span ?? {};
    const at = start === undefined ? file : `${file}:${start.line}`;
    return `account ${uid} has an error at ${word} (${at}: ${error.message}): a guard from before may not judge its buckets; ${consent}`;
  }
  const [place] = places;
  const elsewhere = place === undefined ? "" : `, where \`${place}\` is of it`;
  return `account ${uid} is not in \`${revision.policies}\` at ${word}${elsewhere}: no earlier guard judges its buckets; ${consent}`;
}

/** Each `--accept new-account@UID` that means nothing: it would look like one that counts. */
export function newAccountProblems(
  { accept }: Pick<Options, "accept">,
  tree: Desired,
  base: Base | undefined,
): readonly Diagnostic[] {
  const uids = tree.accounts.map(({ uid }) => uid);
  return accept.flatMap((text) => {
    const [code, uid = ""] = text.split("@");
    const refused = (what: string, help: string) => [refusal("option", `--accept \`${text}\` ${what}`, help)];
    if (code !== "new-account") return [];
    if (uid === "") return refused("names no account", "write `--accept new-account@UID`");
    if (!uids.includes(uid)) return refused("names no account of the tree", suggestion(uid, uids));
    if (base === undefined) return refused("needs --base, without which no account is new", "leave it out");
    if (base.newAccounts.some((account) => account.uid === uid)) return [];
    return refused(`names an account that is not new since ${base.word}`, "leave it out");
  });
}
