import { authorize, type GuardedBucket, type Ruling } from "../auth/authorize.ts";
import { contextOf } from "../auth/context.ts";
import type { Demand } from "../auth/demand.ts";
import type { Interpretation } from "../../access/request.ts";
import type { SandboxBucket } from "../state/world.ts";
import { isBucketName, queryValue } from "../wire/place.ts";
import { refuse, refuseElsewhere, type Refused } from "../wire/wire-error.ts";
import { bucketOperations, putBucket, serviceOperations } from "./served.ts";
import type { OperationInput, OperationResult } from "./operation.ts";
import { operationRow, type OperationRow, type ServedOperation } from "./table.ts";

/** Authenticated call, before it is decided. */
export interface Call extends Omit<OperationInput, "decide" | "context"> {
  /** Address that it came from. */
  readonly sourceIp: string;
  readonly nowMs: number;
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

  const decide = (on: SandboxBucket | undefined, demand: Demand): Ruling =>
    authorize(call.caller.identity, on && guarded(on, call), demand, call.interpretation);
  // Whoever has a bucket of this name, a new one is the caller's own affair.
  const target = operation === "PutBucket" ? undefined : bucket;
  if (row.isDecidedByKey) return { outcome: await answer(operation, bucket, { ...call, decide, context }) };
  const ruling = firstRefused(demandsOf(row, context, call).map((demand) => decide(target, demand)));
  if (ruling.refused !== undefined) return { outcome: ruling.refused, ruling };
  const outcome = await answer(operation, bucket, { ...call, decide, context });
  return { outcome, ruling };
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

function guarded(bucket: SandboxBucket, { firstAccount, accountBlock }: Call): GuardedBucket {
  return {
    name: bucket.name,
    owner: bucket.owner ?? firstAccount,
    policy: bucket.policy,
    acl: bucket.acl ?? "private",
    isBlocked: bucket.blockPublicAccess === true || accountBlock,
  };
}

/** Returns what a call needs: its own action, and the right to write tags if it brings some (OSS docs: actions). */
function demandsOf(
  row: OperationRow,
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
  const tags = row.action === "PutObject" || row.name === "PutObject" ? headers["x-oss-tagging"] : undefined;
  return tags === undefined ? [own] : [own, { ...own, action: "oss:PutObjectTagging" }];
}

function requestContext(row: OperationRow, bucket: SandboxBucket | undefined, call: Call) {
  const { route, world } = call;
  const isListing =
    row.action === "ListObjects" || row.name === "ListObjects" || row.name === "ListObjectVersions";
  return contextOf({
    ...call,
    listing: isListing
      ? {
          prefix: queryValue(route.query, "prefix") ?? "",
          delimiter: queryValue(route.query, "delimiter") ?? "",
        }
      : undefined,
    existingTags: world.objectFacts(route.bucket ?? "", route.key)?.tags ?? {},
    bucketTags: bucket?.tags ?? {},
  });
}

function firstRefused(rulings: readonly Ruling[]): Ruling {
  const [first] = rulings;
  const found = rulings.find(({ refused }) => refused !== undefined) ?? first;
  if (found === undefined) throw new Error("a call without a demand");
  return found;
}
