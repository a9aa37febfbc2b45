import { authorize, type GuardedBucket, type Ruling } from "../auth/authorize.ts";
import { contextOf } from "../auth/context.ts";
import type { Demand } from "../auth/demand.ts";
import type { Interpretation } from "../../access/request.ts";
import type { SandboxBucket } from "../state/world.ts";
import { isBucketName, queryValue } from "../wire/place.ts";
import { refuse, refuseElsewhere, type Refused } from "../wire/wire-error.ts";
import { bucketOperations, putBucket, serviceOperations } from "./served.ts";
import type { OperationInput, OperationResult } from "./operation.ts";
import { readTagging } from "./tagging.ts";
import { parseTags, type TagRecord } from "./tags.ts";
import { operationRow, type OperationRow, type ServedOperation } from "./table.ts";

/** Authenticated call, before it is decided. */
export interface Call extends Omit<OperationInput, "decide" | "context" | "accountBlock"> {
  /** Address that it came from. */
  readonly sourceIp: string;
  readonly nowMs: number;
  /** Block Public Access of the accounts that never switched it. */
  readonly seededBlock: boolean;
  readonly interpretation: Partial<Interpretation>;
}

/** Answer of a call, and what decided whether it may be made; undefined if it came to no decision. */
export interface Performed {
  readonly outcome: OperationResult;
  readonly ruling?: Ruling;
}

/** Decides and performs a call, in the order of OSS's errors: name, bucket, region, permission, operation. */
export async function perform(call: Call): Promise<Performed> {
  const { operation, bucket: name } = call.route;
  if (operation === "Unsupported") return { outcome: refuse("NotImplemented") };
  const row: OperationRow = operationRow(operation);
  const bucket = name === undefined ? undefined : call.world.bucket(name);
  const early = name === undefined ? undefined : earlyRefusal(name, bucket, operation, call);
  if (early !== undefined) return { outcome: early };
  const context = requestContext(row, bucket, call);
  if ("refusal" in context) return { outcome: context };

  const rulings: Ruling[] = [];
  const decide = (on: SandboxBucket | undefined, demand: Demand): Ruling => {
    const ruling = authorize(call.caller.identity, on && guarded(on, call), demand, call.interpretation);
    rulings.push(ruling);
    return ruling;
  };
  // Whoever has a bucket of this name, a new one is the caller's own affair.
  const target = operation === "PutBucket" ? undefined : bucket;
  if (!row.isDecidedByKey) for (const demand of demandsOf(row, target, context, call)) decide(target, demand);
  const refused = rulings.find((ruling) => ruling.refused !== undefined)?.refused;
  const accountBlock = isAccountBlocked(bucket === undefined ? accountOf(call) : ownerOf(bucket, call), call);
  const outcome = refused ?? (await answer(operation, bucket, { ...call, decide, context, accountBlock }));
  const ruling = rulings.find((one) => one.refused !== undefined) ?? rulings[0];
  return ruling === undefined ? { outcome } : { outcome, ruling };
}

function answer(
  operation: ServedOperation,
  bucket: SandboxBucket | undefined,
  input: OperationInput,
): OperationResult | Promise<OperationResult> {
  const ofService = serviceOperations[operation];
  if (ofService !== undefined) return ofService(input);
  // OSS creates the bucket (OSS docs: PutBucketAcl).
  if (bucket === undefined) return putBucket(input);
  return bucketOperations[operation]?.(bucket, input) ?? refuse("NotImplemented");
}

/** Returns why a call cannot be about this bucket, whoever makes it. */
function earlyRefusal(
  name: string,
  bucket: SandboxBucket | undefined,
  operation: ServedOperation,
  { caller, route }: Call,
): Refused | undefined {
  if (!isBucketName(name)) return refuse("InvalidBucketName", { extras: [["BucketName", name]] });
  if (operation === "PutBucket") return undefined;
  if (bucket === undefined)
    return operation === "PutBucketAcl"
      ? undefined
      : refuse("NoSuchBucket", { extras: [["BucketName", name]] });
  // Without either, as in a V1 signature to an address of path style, the region is not known.
  const region = caller.region ?? route.region;
  return region === undefined || region === bucket.region
    ? undefined
    : refuseElsewhere(bucket.name, bucket.region);
}

function accountOf({ caller: { identity } }: Call): string {
  return identity.kind === "anonymous" ? "" : identity.account;
}

function ownerOf({ owner }: SandboxBucket, { firstAccount }: Call): string {
  return owner ?? firstAccount;
}

function isAccountBlocked(account: string, { world, seededBlock }: Call): boolean {
  return world.accountBlock(account) ?? seededBlock;
}

function guarded(bucket: SandboxBucket, call: Call): GuardedBucket {
  const owner = ownerOf(bucket, call);
  return {
    name: bucket.name,
    owner,
    policy: bucket.policy,
    acl: bucket.acl ?? "private",
    isBlocked: bucket.blockPublicAccess === true || isAccountBlocked(owner, call),
  };
}

/** Returns what a call needs: its own action, and the right to write tags if it brings some (OSS docs: actions). */
function demandsOf(
  row: OperationRow,
  target: SandboxBucket | undefined,
  context: ReadonlyMap<string, string>,
  { route, headers, world }: Call,
): readonly Demand[] {
  const facts = route.key === "" ? undefined : world.objectFacts(route.bucket ?? "", route.key);
  const own = {
    action: `oss:${row.action ?? row.name}`,
    key: route.key,
    acl: row.acl,
    objectAcl: facts?.acl ?? ("default" as const),
    context,
  };
  if (route.bucket !== undefined && target === undefined)
    return newBucketDemands(own, route.bucket, headers["x-oss-acl"] ?? "");
  const tags = row.action === "PutObject" || row.name === "PutObject" ? headers["x-oss-tagging"] : undefined;
  return tags === undefined ? [own] : [own, { ...own, action: "oss:PutObjectTagging", acl: undefined }];
}

/**
 * Returns what a call needs that makes a bucket: the right to make one, and the right to set its ACL if it brings one. That
 * both are needed at once is inferred (OSS docs: PutBucket, PutBucketAcl).
 */
function newBucketDemands(own: Demand, newBucket: string, acl: string): readonly Demand[] {
  const more = acl === "" ? ["oss:PutBucket"] : ["oss:PutBucket", "oss:PutBucketAcl"];
  return [...new Set([own.action, ...more])].map((action) => ({ ...own, newBucket, action }));
}

function requestContext(row: OperationRow, bucket: SandboxBucket | undefined, call: Call) {
  const { route, world } = call;
  const isListing =
    row.action === "ListObjects" || row.name === "ListObjects" || row.name === "ListObjectVersions";
  return contextOf({
    ...call,
    listing: isListing
      ? { prefix: queryValue(route.query, "prefix"), delimiter: queryValue(route.query, "delimiter") }
      : undefined,
    requestTags: requestTags(row, call),
    existingTags: world.objectFacts(route.bucket ?? "", route.key)?.tags ?? {},
    bucketTags: bucket?.tags ?? {},
  });
}

/** Returns the tags that a call brings, in its header or as its body. Tags that are none are refused by the operation. */
function requestTags({ name }: OperationRow, { headers, body }: Call): TagRecord {
  const read = name === "PutObjectTagging" ? readTagging(body) : parseTags(headers["x-oss-tagging"] ?? "");
  return "refusal" in read ? {} : read.tags;
}
