import { isFailed, type Failed } from "../../result.ts";
import type { ParsedBucket } from "../../desired/bucket-file.ts";
import type { Intent } from "../../edit/intent.ts";
import { actionsMatching } from "../../policy/actions.ts";
import { globMatches } from "../../policy/glob.ts";
import { problemOf } from "../../proof/expectations.ts";
import type { Options } from "../../run/options.ts";
import { callerOf } from "../access/callers.ts";
import { partsOf, unknownBucket } from "../access/place.ts";
import { problem } from "../access/reply.ts";
import { conditionOf } from "./condition.ts";
import { emptyKeyProblem, splitHelp } from "./key-words.ts";

/** Wanted edit, as the words of the command line say. */
export interface EditRequest {
  readonly intent: Intent;
  readonly targets: readonly ParsedBucket[];
}

/** Words of a command line by what they are. */
interface SortedWords {
  readonly principal: string;
  readonly actions: readonly string[];
  /** Undefined for every bucket. */
  readonly resource: string | undefined;
}

/** Returns the edit that the words of a command line ask for. */
export function editRequest(
  verb: Intent["verb"],
  options: Options,
  buckets: readonly ParsedBucket[],
): EditRequest | Failed {
  const words = sorted(verb, options.words);
  if (isFailed(words)) return words;
  if (words.principal === "*" && verb !== "revoke") return everyoneProblem(verb);
  const caller = callerOf(words.principal, buckets, principalsHelp);
  if (isFailed(caller)) return caller;
  const empty = emptyKeyProblem(words.resource);
  if (empty !== undefined) return empty;
  const condition = conditionOf(options, verb);
  if (isFailed(condition)) return condition;
  const [glob, key] = partsOf(words.resource ?? "*");
  const targets = buckets.filter(({ bucket }) => globMatches(glob, bucket));
  if (targets.length === 0) return unknownBucket(words.resource ?? glob, buckets);
  const { principal } = caller;
  const { actions } = words;
  const intent: Intent = {
    verb,
    principal,
    actions,
    key: key === "" ? undefined : key,
    condition: condition.document,
  };
  return (
    principalProblem(verb, principal, targets) ??
    actionProblem(intent, condition.contexts, targets, options) ?? { intent, targets }
  );
}

const principalsHelp = "name a UID, a role session's ARN, or a name from `identities` in an account.yaml";

const usages: Readonly<Record<Intent["verb"], string>> = {
  grant: "write `grant PRINCIPAL ACTION... BUCKET[/KEY]`",
  revoke: "write `revoke PRINCIPAL [ACTION...] [BUCKET[/KEY]]`",
  deny: "write `revoke --deny PRINCIPAL [ACTION...] [BUCKET[/KEY]]`",
};

function sorted(verb: Intent["verb"], [principal = "", ...rest]: readonly string[]): SortedWords | Failed {
  const last = rest.at(-1);
  const resource = last !== undefined && isBucket(last) ? last : undefined;
  const actions = resource === undefined ? rest : rest.slice(0, -1);
  const name = verb === "deny" ? "revoke --deny" : verb;
  const early = actions.find((word) => isBucket(word) && actionsMatching(word).length === 0);
  if (early !== undefined && resource !== undefined)
    return problem(
      `${name} takes one bucket, and both \`${early}\` and \`${resource}\` look like one`,
      usages[verb],
    );
  if (verb === "grant" && resource === undefined)
    return problem("grant takes a bucket as its last word", usages[verb]);
  if (verb === "grant" && actions.length === 0)
    return problem("grant takes at least one action", usages[verb]);
  return { principal, actions, resource };
}

/** Returns whether a word has the form of a bucket with or without a key; actions have a colon or capital letters. */
function isBucket(word: string): boolean {
  return /^[a-z0-9*?-]+(\/|$)/.test(word);
}

/** Refuses principals that no statement can name, or that need no policy. */
function principalProblem(
  verb: Intent["verb"],
  principal: string,
  targets: readonly ParsedBucket[],
): Failed | undefined {
  if (principal === "owner" || targets.some(({ account }) => account.uid === principal))
    return verb === "deny"
      ? problem("a Deny for the owner locks the owner out", "write it by hand if that is wanted")
      : problem(
          "the owner does not need the policy, so no Allow gives or takes anything",
          "name another principal, or leave out that account's buckets with --account",
        );
  return principal === "anonymous" && verb !== "revoke" ? everyoneProblem(verb) : undefined;
}

/** A statement for everyone is written by hand, so that no command opens a bucket to everyone. */
function everyoneProblem(verb: "grant" | "deny"): Failed {
  const name = verb === "deny" ? "revoke --deny" : verb;
  return problem(
    `${name} writes no statement for everyone, and no statement can name anonymous callers alone`,
    'name a UID or a role session, or write the statement with `Principal: ["*"]` by hand',
  );
}

/** Refuses actions, keys and conditions that no statement on these buckets can have. */
function actionProblem(
  intent: Intent,
  contexts: readonly ReadonlyMap<string, string>[],
  [bucket]: readonly ParsedBucket[],
  options: Options,
): Failed | undefined {
  if (bucket === undefined) return undefined;
  const { actions, key, principal } = intent;
  const asked = actions.length === 0 ? ["oss:*"] : actions;
  for (const action of asked) {
    const isOnBucket = !actionsMatching(action).some(({ level }) => level === "object");
    const to = key ?? (isOnBucket ? undefined : "*");
    for (const context of contexts) {
      const odd = problemOf({ principal, actions: [action], to, context }, bucket);
      if (odd !== undefined && key !== undefined && isOnBucket && actionsMatching(action).length > 0)
        return problem(
          `\`${action}\` is on the bucket, and \`${key}\` names objects`,
          splitHelp(intent, options),
        );
      if (odd !== undefined) return problem(odd.message, odd.help);
    }
  }
  return undefined;
}
