import type { DesiredBucket } from "../desired/bucket-file.ts";
import { actionsMatching } from "../policy/actions.ts";
import type { JsonObject } from "../policy/json.ts";
import { canonicalStatement, type Statement } from "../policy/policy.ts";
import { bucketResource, objectsResource } from "../policy/resource.ts";

/** Wanted change of access of one principal. */
export interface Intent {
  /** `grant` adds an Allow, `deny` a Deny, and `revoke` takes away what Allows give. */
  readonly verb: "grant" | "revoke" | "deny";
  /** UID or role session, as policies name it. */
  readonly principal: string;
  /** Names or patterns; none is every action, for `revoke` and `deny`. */
  readonly actions: readonly string[];
  /** Key or pattern of keys; undefined is the bucket and all objects, as far as the actions are on them. */
  readonly key: string | undefined;
  /** Condition of the requests. */
  readonly condition: JsonObject | undefined;
}

/** Statement as a document, with its lists. */
export type StatementDocument = {
  readonly Effect: "Allow" | "Deny";
  readonly Principal: readonly string[];
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: JsonObject;
};

/** Returns the statement that a grant or a deny adds, with the values that OSS gets. */
export function wantedDocument(intent: Intent, bucket: DesiredBucket): StatementDocument {
  const { uid } = bucket.account;
  return {
    Effect: intent.verb === "grant" ? "Allow" : "Deny",
    Principal: [intent.principal],
    Action: writtenActions(intent),
    Resource: resourcesOf(intent, uid, bucket.bucket),
    ...(intent.condition === undefined ? {} : { Condition: intent.condition }),
  };
}

/** Form in which a file writes words that variables can stand for. */
export interface WrittenForm {
  /** Name of the principal in `identities`; undefined if it has none. */
  readonly name: string | undefined;
  /** The file writes `${account}` and `${bucket}` in its resources. */
  readonly hasVariables: boolean;
}

/** Returns the same statement as a file writes it. No word of it has a `${` that is literal: it has no known meaning. */
export function writtenDocument(intent: Intent, bucket: DesiredBucket, form: WrittenForm): StatementDocument {
  const { uid } = bucket.account;
  const [account, name] = form.hasVariables ? ["${account}", "${bucket}"] : [uid, bucket.bucket];
  return {
    ...wantedDocument(intent, bucket),
    Principal: [writtenPrincipal(intent, form)],
    Resource: resourcesOf(intent, account, name),
  };
}

/** Returns the principal as a file writes it: by its name, if it has one. */
function writtenPrincipal({ principal }: Intent, { name }: WrittenForm): string {
  return name === undefined ? principal : `\${${name}}`;
}

function writtenActions({ actions }: Intent): readonly string[] {
  return actions.length === 0 ? ["oss:*"] : actions;
}

function resourcesOf(intent: Intent, account: string, name: string): readonly string[] {
  const itself = bucketResource(account, name);
  if (intent.key !== undefined) return [`${itself}/${intent.key}`];
  const levels = new Set(
    writtenActions(intent)
      .flatMap(actionsMatching)
      .map(({ level }) => level),
  );
  return [
    ...(levels.has("bucket") ? [itself] : []),
    ...(levels.has("object") ? [objectsResource(account, name)] : []),
  ];
}

/** Returns all requests that an intent is about, as a request set. */
export function requestsOf(intent: Intent, bucket: DesiredBucket): Statement {
  if (intent.verb !== "revoke") return canonicalStatement(wantedDocument(intent, bucket));
  const { principal, actions, key, condition } = intent;
  return canonicalStatement({
    Effect: "Deny",
    Principal: [principal],
    Action: actions.length === 0 ? ["*"] : actions,
    Resource: key === undefined ? ["*"] : [`acs:oss:*:*:${bucket.bucket}/${key}`],
    ...(condition === undefined ? {} : { Condition: condition }),
  });
}
