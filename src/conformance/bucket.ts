import type { Credentials } from "../oss/credentials.ts";
import { endpointNamedBy, exposureOf, liveOf, problemOf, rootOf, type OssAnswer } from "../oss/wire.ts";
import { regionOfEndpoint } from "../oss/endpoint.ts";
import { childOf, childrenOf, textOf } from "../oss/xml.ts";
import type { ConformanceClient } from "./client.ts";
import { digestOf, type RunJournal } from "./journal.ts";
import { lockKey, ownFolder } from "./scratch.ts";

/** Calls on the scratch bucket as its owner. */
export interface ScratchBucket {
  readonly name: string;
  readonly client: ConformanceClient;
  readonly owner: Credentials;
}

/** Reason why a bucket is not used, or not cleaned up. */
export interface ScratchRefusal {
  readonly problem: string;
  readonly help: string;
}

/** Facts of a bucket that may be used. */
export interface UsableBucket {
  /** UID of its owner. */
  readonly account: string;
  readonly isBlocked: boolean;
}

const putElsewhere = "name a bucket that was made for this and that nothing uses";

/** Checks that a bucket is scratch: of the account, private, without a policy, and empty. */
export async function checkScratch(bucket: ScratchBucket): Promise<UsableBucket | ScratchRefusal> {
  const info = await get(bucket, { bucketInfo: null });
  const elsewhere = endpointNamedBy(info);
  const region = elsewhere === undefined ? undefined : regionOfEndpoint(elsewhere);
  if (region !== undefined)
    return { problem: `the bucket is in the region ${region}`, help: `give --region ${region}` };
  const exposure = exposureOf(info);
  if (exposure.state === "unknown")
    return refused("the bucket cannot be read", info, "check the bucket and the key of `owner`");
  const listed = await bucket.client.send({
    method: "GET",
    as: bucket.owner,
    isOfService: true,
    query: { "max-keys": "1" },
  });
  const caller = textOf(childOf(rootOf(listed, "ListAllMyBucketsResult"), "Owner"), "ID");
  if (caller === undefined)
    return refused("the account of `owner` cannot be read", listed, "allow it oss:ListBuckets");
  const { owner: account = "", acl } = exposure;
  if (caller !== account)
    return { problem: `the bucket is of account ${account}, and \`owner\` of ${caller}`, help: putElsewhere };
  if (acl !== "private") return { problem: `the ACL of the bucket is ${acl}`, help: putElsewhere };
  const policy = liveOf(await get(bucket, { policy: null }));
  if (policy.state !== "none") return { problem: "the bucket has a policy", help: putElsewhere };
  const filled = await contentProblem(bucket);
  return filled ?? { account, isBlocked: exposure.blockPublicAccess };
}

async function contentProblem(bucket: ScratchBucket): Promise<ScratchRefusal | undefined> {
  const keys = await keysOf(bucket, "");
  if ("problem" in keys) return keys;
  if (keys.keys.length > 0)
    return keys.keys.includes(lockKey)
      ? { problem: await lockText(bucket), help: "wait for that run, or start again where its journal is" }
      : { problem: `the bucket is not empty: it has \`${keys.keys[0] ?? ""}\``, help: putElsewhere };
  const uploads = await get(bucket, { uploads: null });
  const root = rootOf(uploads, "ListMultipartUploadsResult");
  if (root === undefined) return refused("the uploads of the bucket cannot be listed", uploads, putElsewhere);
  return childrenOf(root, "Upload").length === 0
    ? undefined
    : { problem: "the bucket has an upload that is not complete", help: putElsewhere };
}

async function lockText(bucket: ScratchBucket): Promise<string> {
  const lock = await bucket.client.send({ method: "GET", as: bucket.owner, key: lockKey });
  const name = lock.status === 200 ? Buffer.from(lock.body).toString("utf8").slice(0, 200) : "unknown";
  return `another run has the bucket (${name.replaceAll(/[^\w.: -]/g, "")})`;
}

/** Returns at most 100 keys that begin with a text. */
async function keysOf(
  bucket: ScratchBucket,
  prefix: string,
): Promise<{ readonly keys: readonly string[] } | ScratchRefusal> {
  const within = prefix === "" ? {} : { prefix };
  const listed = await get(bucket, { ...within, "max-keys": "100" });
  const root = rootOf(listed, "ListBucketResult");
  if (root === undefined) return refused("the objects of the bucket cannot be listed", listed, putElsewhere);
  return { keys: childrenOf(root, "Contents").flatMap((object) => textOf(object, "Key") ?? []) };
}

/** Puts the lock, which names the run. A lock that is there stays, and is another run's. */
export async function takeLock(bucket: ScratchBucket, run: string): Promise<ScratchRefusal | undefined> {
  const answer = await bucket.client.send({
    method: "PUT",
    as: bucket.owner,
    key: lockKey,
    headers: { "x-oss-forbid-overwrite": "true", "content-type": "text/plain" },
    body: Buffer.from(run, "utf8"),
  });
  if (answer.status === 200) return undefined;
  const lock = await bucket.client.send({ method: "GET", as: bucket.owner, key: lockKey });
  // The answer to the first attempt may have been lost.
  if (lock.status === 200 && Buffer.from(lock.body).toString("utf8") === run) return undefined;
  return refused("the lock of the run cannot be put", answer, "wait for the other run");
}

/**
 * Undoes what the journal of a run says: its policy, its objects, Block Public Access, and the lock last. Whatever is
 * not its own stays, and is named.
 */
export async function cleanUp(
  bucket: ScratchBucket,
  journal: RunJournal,
): Promise<ScratchRefusal | undefined> {
  const { record } = journal;
  const lock = await bucket.client.send({ method: "GET", as: bucket.owner, key: lockKey });
  const holder = lock.status === 200 ? Buffer.from(lock.body).toString("utf8") : undefined;
  if (lock.status !== 200 && lock.status !== 404)
    return refused("the lock of the run cannot be read", lock, "clean up with a key that may");
  if (holder !== undefined && holder !== record.run)
    return { problem: await lockText(bucket), help: `remove ${journal.file} if that run is the last one` };
  const left = (await ownPolicyGone(bucket, record.policies)) ?? (await ownObjectsGone(bucket, record.run));
  if (left !== undefined) return left;
  if (record.hasBlocked) {
    const answer = await bucket.client.send({
      method: "DELETE",
      as: bucket.owner,
      query: { publicAccessBlock: null },
    });
    if (answer.status !== 204)
      return refused("Block Public Access cannot be switched back off", answer, "do it by hand");
  }
  const gone = await bucket.client.send({ method: "DELETE", as: bucket.owner, key: lockKey });
  if (gone.status !== 204) return refused("the lock of the run cannot be removed", gone, "remove it by hand");
  journal.end();
  return undefined;
}

async function ownPolicyGone(
  bucket: ScratchBucket,
  own: ReadonlySet<string>,
): Promise<ScratchRefusal | undefined> {
  const found = await get(bucket, { policy: null });
  if (liveOf(found).state === "none") return undefined;
  if (found.status !== 200)
    return refused("the policy of the bucket cannot be read", found, "clean up with a key that may");
  if (!own.has(digestOf(found.body)))
    return { problem: "the bucket has a policy that no run put", help: "remove it if it is not needed" };
  return deletePolicy(bucket);
}

/** Deletes the policy that a case put. One that the run did not put stays, and is named: another writer uses the bucket. */
export async function deleteCasePolicy(
  bucket: ScratchBucket,
  own: ReadonlySet<string>,
): Promise<ScratchRefusal | undefined> {
  const found = await get(bucket, { policy: null });
  // A read may still show the time before the put, so that there is none is no reason to leave it.
  if (found.status === 200 && !own.has(digestOf(found.body)))
    return { problem: "the bucket has a policy that the run did not put", help: "use a bucket of your own" };
  return deletePolicy(bucket);
}

/** Deletes the policy of the bucket. */
async function deletePolicy(bucket: ScratchBucket): Promise<ScratchRefusal | undefined> {
  const answer = await bucket.client.send({ method: "DELETE", as: bucket.owner, query: { policy: null } });
  return answer.status === 204 || answer.status === 404
    ? undefined
    : refused("the policy of the run cannot be deleted", answer, "delete it by hand");
}

async function ownObjectsGone(bucket: ScratchBucket, run: string): Promise<ScratchRefusal | undefined> {
  if (run === "") return undefined;
  const found = await keysOf(bucket, `${ownFolder}${run}/`);
  if ("problem" in found) return found;
  for (const key of found.keys) {
    const answer = await bucket.client.send({ method: "DELETE", as: bucket.owner, key });
    if (answer.status !== 204)
      return refused(`the object \`${key}\` cannot be deleted`, answer, "delete it by hand");
  }
  return undefined;
}

function get(bucket: ScratchBucket, query: Readonly<Record<string, string | null>>): Promise<OssAnswer> {
  return bucket.client.send({ method: "GET", as: bucket.owner, query });
}

function refused(what: string, answer: OssAnswer, help: string): ScratchRefusal {
  return { problem: `${what}: ${problemOf(answer).message}`, help };
}
