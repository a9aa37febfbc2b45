import { refusal, type Diagnostic } from "../diagnostic.ts";
import { findCheckout, type Checkout } from "./checkout.ts";
import type { Environment } from "./environment.ts";
import { textOf } from "./git.ts";
import { meaningsOf, parseWord, type RevisionWord } from "./names.ts";

/** Revision of the policy folder. */
export interface Revision {
  readonly checkout: Checkout;
  /** Policy folder in that revision, relative to the top of the checkout, with a slash at its end. */
  readonly below: string;
  /** Beginning of every path of the tree. */
  readonly policies: string;
  /** Full commit id. */
  readonly commit: string;
}

export type FoundRevision = Revision | { readonly problems: readonly Diagnostic[] };

/** Finds the one commit that a word means. A history that does not reach it is a problem that names the fix. */
export function findRevision(word: string, policies: string, env: Environment): FoundRevision {
  const parsed = parseWord(word);
  if (parsed === undefined)
    return unknown(
      `\`${word}\` does not name one commit`,
      "name a commit, a branch or a tag, such as `main~1`",
    );
  const checkout = findCheckout(policies, env);
  return "problem" in checkout
    ? { problems: [checkout.problem] }
    : commitOf(parsed, word, checkout, policies);
}

function commitOf(
  { name, steps }: RevisionWord,
  word: string,
  checkout: Checkout,
  policies: string,
): FoundRevision {
  const { repository, isShallow, below } = checkout;
  try {
    const meanings = meaningsOf(repository, name);
    if (meanings.length > 1)
      return unknown(
        `\`${word}\` is ambiguous: \`${name}\` means ${meanings.map((one) => `\`${one}\``).join(" and ")}`,
        "name one of them in full",
      );
    const [meaning] = meanings;
    if (meaning !== undefined) {
      const words = ["rev-parse", "--verify", "--quiet", `${meaning}${steps}^{commit}`];
      const commit = textOf(repository, words);
      if (/^[0-9a-f]{40,64}$/.test(commit)) return { checkout, below, policies, commit };
    }
  } catch {
    // Reported below.
  }
  const shallow =
    "this clone is shallow: fetch the whole history, with `fetch-depth: 0` for actions/checkout or `git fetch --unshallow`";
  const whole = "name a commit, a branch or a tag that was fetched";
  return unknown(`git finds no revision \`${word}\` here`, isShallow ? shallow : whole);
}

function unknown(message: string, help: string): { readonly problems: readonly Diagnostic[] } {
  return { problems: [refusal("revision", message, help)] };
}
