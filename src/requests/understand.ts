import { callers } from "./caller.ts";
import { contexts } from "./context.ts";
import type { Counting } from "./counting.ts";
import { isNone, ownText, type LogRow } from "./log-row.ts";
import { copiedObject } from "./logged-headers.ts";
import { objectKey } from "./object-key.ts";
import { operations, type SeenOperation } from "./operation.ts";
import type { MayNeed, SeenCaller, SeenRequest, SkipReason } from "./seen-request.ts";

/** Requests that are wanted. Times are in milliseconds since 1970; the first belongs to the window, the second does not. */
export interface WantedRequests {
  /** Buckets, each with the UID of the account that owns it; all buckets of all accounts if undefined. */
  readonly buckets?: ReadonlyMap<string, string> | undefined;
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
}

/** Request, or a delete of many keys, whose keys other rows have. */
export type Understood =
  | { readonly kind: "request"; readonly request: SeenRequest }
  | { readonly kind: "batch delete"; readonly withKey: WithKey };

/** Returns the request on a key, or on objects whose keys are unknown. */
type WithKey = (key: string | undefined) => SeenRequest;

const deleteObject: readonly string[] = ["oss:DeleteObject"];

/**
 * Function from a row to its request. What it skips, it counts, and returns undefined. `onSource` gets the read of what a
 * request copied, which has no row of its own.
 */
export function understanding(
  wanted: WantedRequests,
  sums: Counting,
  onSource: (request: SeenRequest) => void,
): (row: LogRow) => Understood | undefined {
  const [callerOf, operationOf, contextOf] = [callers(), operations(), contexts()];
  const shared = sharedTexts();
  const skip = (reason: SkipReason) => {
    sums.skipped(reason);
    return undefined;
  };
  const takeSource = (row: LogRow, copySource: string) => {
    const source = copiedObject(copySource);
    const caller = callerOf(row);
    if (source === undefined || caller === undefined || !isWanted(source.bucket, wanted)) return;
    // A copy into a bucket that is not wanted reads one that is.
    const conditions = isWanted(row.bucket, wanted) ? wanted : { ...wanted, buckets: undefined };
    if (skipReason(row, conditions) !== undefined || !isCopy(row, operationOf)) return;
    const isOwn = source.bucket === row.bucket;
    const owner = isOwn ? row.owner : (wanted.buckets?.get(source.bucket) ?? "");
    onSource({
      timeMs: row.timeMs,
      bucket: shared(source.bucket),
      owner: isNone(owner) ? "" : shared(owner),
      caller: isOwn ? caller : callerOfOther(caller, owner),
      actions: source.isVersion ? getVersion : getObject,
      key: source.key,
      ...contextOf(withoutHeaders(row), read, true),
      symlink: symlinkOfSource(row),
      mayNeed: tagsOfSource(row, source.isVersion),
      source: row.source,
    });
  };
  return (row) => {
    const copySource = row.sls?.headers?.copySource;
    if (copySource !== undefined) takeSource(row, copySource);
    const reason = skipReason(row, wanted);
    if (reason !== undefined) return skip(reason);
    const caller = callerOf(row);
    if (caller === undefined) return skip("unknown caller");
    const key = objectKey(row);
    const operation = operationIn(row, key !== "", operationOf);
    const seen = (actions: readonly string[], ofKey: string | undefined): SeenRequest => {
      const { context, absent } = contextOf(row, operation, ofKey !== "");
      const { symlink } = operation;
      return requestOf(row, { caller, actions, key: ofKey, context, absent, symlink, shared });
    };
    if (operation.isBatchDelete) {
      // It waits for the rows of its keys, and must not keep its own row, which is a part of the log.
      const whole = ofBatch(seen(deleteObject, undefined));
      const withKey: WithKey = (ofKey) =>
        ofKey === undefined ? whole : { ...whole, key: ofKey, isKeyUnknown: undefined };
      return { kind: "batch delete", withKey };
    }
    if (operation.actions.length > 0)
      return { kind: "request", request: seen(neededActions(operation.actions, row), key) };
    sums.unmapped(isNone(row.operation) ? `${row.method} without a name` : row.operation);
    return undefined;
  };
}

/** What is understood of a row. */
interface RequestParts extends Pick<SeenRequest, "caller" | "actions" | "context" | "absent" | "symlink"> {
  /** Undefined if it is unknown. */
  readonly key: string | undefined;
  readonly shared: (text: string) => string;
}

/** Makes the request of a row. All have one shape: spread parts would make each of them slow to read. */
function requestOf(
  row: LogRow,
  { caller, actions, key, context, absent, symlink, shared }: RequestParts,
): SeenRequest {
  return {
    timeMs: row.timeMs,
    bucket: shared(row.bucket),
    owner: isNone(row.owner) ? "" : shared(row.owner),
    caller,
    actions,
    key: key ?? "",
    isKeyUnknown: key === undefined ? true : undefined,
    context,
    absent,
    symlink,
    mayNeed: mayNeedOf(actions, row),
    source: row.source,
  };
}

function operationIn(
  { method, target, operation: name }: LogRow,
  isOnObject: boolean,
  operationOf: ReturnType<typeof operations>,
): SeenOperation {
  const at = target.indexOf("?");
  return operationOf({ method, query: at < 0 ? "" : target.slice(at + 1), isOnObject, name });
}

const getObject: readonly string[] = ["oss:GetObject"];
const getVersion: readonly string[] = ["oss:GetObjectVersion"];
const read: SeenOperation = {
  actions: getObject,
  isBatchDelete: false,
  listing: undefined,
  symlink: undefined,
};
const taggedPut: readonly string[] = ["oss:PutObject", "oss:PutObjectTagging"];

/** Returns the row of a copy as that of a read, which sets nothing. */
function withoutHeaders(row: LogRow): LogRow {
  const asRead = { ...row, method: "GET" };
  return row.sls === undefined ? asRead : { ...asRead, sls: { ...row.sls, headers: undefined } };
}

/** Returns true for a request whose header `x-oss-copy-source` names what it copies: a copy, or an upload of a part of one. */
function isCopy(row: LogRow, operationOf: ReturnType<typeof operations>): boolean {
  const { actions } = operationIn(row, objectKey(row) !== "", operationOf);
  return row.method === "PUT" && actions[0] === "oss:PutObject";
}

/** Returns all actions that a request needs: an upload with tags must be allowed to set them (OSS docs: actions). */
function neededActions(actions: readonly string[], { sls }: LogRow): readonly string[] {
  return actions[0] === "oss:PutObject" && sls?.headers?.tagging !== undefined ? taggedPut : actions;
}

const [nothing, setTags]: readonly (readonly string[])[] = [[], ["oss:PutObjectTagging"]];
const readSource: readonly string[] = ["oss:GetObject", "oss:GetObjectVersion"];
const copySource: readonly string[] = [...readSource, "oss:GetObjectTagging", "oss:GetObjectVersionTagging"];

/** Everything that uploads may need beside their own action. */
const uploads = [nothing, setTags].flatMap((own = []) =>
  [nothing, readSource, copySource].map((anywhere = []): MayNeed => ({ own, anywhere })),
);

/**
 * What settings of a bucket may need beside their own action (OSS docs: PutBucket, PutBucketAcl, policy syntax): one that
 * makes a bucket may set its ACL, one that sets the ACL may make the bucket, and logging writes to a bucket.
 */
const settings: ReadonlyMap<string, MayNeed> = new Map([
  ["oss:PutBucket", { own: ["oss:PutBucketAcl"], anywhere: [] }],
  ["oss:PutBucketAcl", { own: ["oss:PutBucket"], anywhere: [] }],
  ["oss:PutBucketLogging", { own: [], anywhere: ["oss:PutObject"] }],
]);

/** Returns what a request may have needed: the headers that say so are in no file, and in rows of SLS only where they are named. */
function mayNeedOf([action = ""]: readonly string[], { operation, sls }: LogRow): MayNeed | undefined {
  if (action !== "oss:PutObject") return settings.get(action);
  const headers = sls?.headers;
  const own = headers?.tagging === undefined ? setTags : nothing;
  const anywhere = headers?.copySource === undefined ? (copies.get(operation) ?? nothing) : nothing;
  if (own === nothing && anywhere === nothing) return undefined;
  return uploads.find((one) => one.own === own && one.anywhere === anywhere);
}

/** Requests that read another object, by their names in logs (OSS docs: fields of the log). A copied part takes no tags. */
const copies: ReadonlyMap<string, readonly string[]> = new Map([
  ["CopyObject", copySource],
  ["UploadPartCopy", readSource],
]);

const ofSource: MayNeed = { own: ["oss:GetObjectTagging"], anywhere: [] };
const ofVersion: MayNeed = { own: ["oss:GetObjectVersionTagging"], anywhere: [] };

/** Returns what a copy may have needed on a known source: it takes the tags, unless a header that no log has says otherwise. */
function tagsOfSource({ operation }: LogRow, isOfVersion: boolean): MayNeed | undefined {
  if (copies.get(operation) === readSource) return undefined;
  return isOfVersion ? ofVersion : ofSource;
}

/** A symlink is copied as it is (OSS docs: CopyObject); that the copy of a part follows none is not documented. */
function symlinkOfSource({ operation }: LogRow): SeenRequest["symlink"] {
  return operation === "CopyObject" ? undefined : "may follow";
}

const mayNameVersions: MayNeed = { own: ["oss:DeleteObjectVersion"], anywhere: [] };

/** Returns a delete of one of many objects: the versions that it names are in no log. */
function ofBatch(request: SeenRequest): SeenRequest {
  return { ...request, mayNeed: mayNameVersions };
}

/** Returns the owner of a bucket as the caller that it is of a bucket of another account. */
function callerOfOther(caller: SeenCaller, owner: string): SeenCaller {
  if (caller.kind !== "owner" || caller.uid === owner) return caller;
  return { kind: "uid", uid: caller.uid, account: caller.uid };
}

function isWanted(bucket: string, { buckets }: WantedRequests): boolean {
  return buckets === undefined || buckets.has(bucket);
}

/** Names of buckets and accounts that are kept. */
const maxTexts = 10_000;

/** Function that returns one copy for all equal texts. */
function sharedTexts(): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    if (known.size >= maxTexts) known.clear();
    const copy = ownText(text);
    known.set(copy, copy);
    return copy;
  };
}

/** Error numbers of refusals by a policy, of the bucket or of RAM (OSS docs: EC 0003). */
const policyRefusals: readonly string[] = [
  "0003-00000101",
  "0003-00000201",
  "0003-00000202",
  "0003-00000203",
  "0003-00000204",
];

/** Returns the reason why a row is not weighed, whatever it asked for. */
export function skipReason(
  row: LogRow,
  { buckets, sinceMs, untilMs }: WantedRequests,
): SkipReason | undefined {
  const { timeMs, status, bucket, owner, syncRequest, operation, sls } = row;
  if (!isLogTime(timeMs) || !(status >= 100 && status <= 999)) return "broken line";
  if (isNone(bucket)) return "no bucket";
  if (buckets !== undefined) {
    const wantedOwner = buckets.get(bucket);
    if (wantedOwner === undefined) return "other bucket";
    if (owner !== wantedOwner && uid.test(owner)) return "other account";
  }
  if ((sinceMs !== undefined && timeMs < sinceMs) || (untilMs !== undefined && timeMs >= untilMs))
    return "outside of the window";
  if (syncRequest === "lifecycle" || operation === "ExpireObject") return "lifecycle";
  if (sls?.signType === "AdminSign") return "service";
  if (status < 400) return undefined;
  return sls !== undefined && policyRefusals.includes(sls.ec) ? "refused by a policy" : "failed";
}

/** Whole UID of an account: some logs hide a part of it. */
const uid = /^\d+$/;

/** Year in which OSS started, and the first year that is not written with four digits. */
const [firstMs, endMs] = [Date.UTC(2011, 0), Date.UTC(10_000, 0)];

/** Returns true for a time at which OSS can have written a log: clocks and programs that failed say 1970. */
function isLogTime(ms: number): boolean {
  return ms >= firstMs && ms < endMs;
}
