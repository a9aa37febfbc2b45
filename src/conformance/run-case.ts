import { problemOf, rootOf, type OssAnswer } from "../oss/wire.ts";
import { textOf } from "../oss/xml.ts";
import { deleteCasePolicy, type ScratchBucket } from "./bucket.ts";
import type { CaseResult, ConformanceCase, PolicyOf, ProbedOperation } from "./case.ts";
import type { RunJournal } from "./journal.ts";
import { ownFolder, type Identities, type Scratch } from "./scratch.ts";

/** Everything that a case runs on. */
export interface CaseContext {
  readonly bucket: ScratchBucket;
  readonly identities: Identities;
  readonly scratch: Scratch;
  readonly journal: RunJournal;
  /** Block Public Access of the bucket is on for every case. */
  readonly isBlocked: boolean;
  /** Longest time until a policy must be in force. */
  readonly patienceMs: number;
  readonly wait: (ms: number) => Promise<void>;
  readonly nowMs: () => number;
  readonly isStopped: () => boolean;
}

/** Runs a case, and leaves the bucket without a policy. Throws `Unreachable` where a call has no answer. */
export async function runCase(one: ConformanceCase, context: CaseContext): Promise<CaseResult> {
  const missing = (one.needs ?? []).filter((name) => context.identities[name] === undefined);
  if (missing.length > 0)
    return { kind: "skipped", reason: `the file of identities has no \`${missing.join("` and no `")}\`` };
  if (one.needsAddress === true && context.scratch.address === undefined)
    return { kind: "skipped", reason: "the file of identities has no `address`" };
  const blocked = one.setup.isBlocked === true && !context.isBlocked;
  if (blocked) {
    const problem = await switchBlock(true, context);
    if (problem !== undefined) return { kind: "open", reason: problem };
  }
  try {
    return await observe(one, context);
  } finally {
    const left = await deleteCasePolicy(context.bucket, context.journal.record.policies);
    if (left !== undefined) throw new Error(left.problem);
    if (blocked) await switchBlock(false, context);
  }
}

async function observe(one: ConformanceCase, context: CaseContext): Promise<CaseResult> {
  const problem = await putObject(one, context);
  if (problem !== undefined) return { kind: "open", reason: problem };
  const { policy } = one.setup;
  const body =
    policy === undefined ? undefined : textFor(one.id, policy, one.request.kind === "put", context);
  const put = body === undefined ? undefined : await putPolicy(body, context);
  if (put !== undefined && put.status === 501) return { kind: "open", reason: reasonOf(put) };
  const isStored = put === undefined || put.status === 200;
  const { request } = one;
  if (request.kind === "put") return resultOf(one, isStored ? "accepted" : "refused", put);
  if (!isStored) {
    if (one.observations["refused"] !== undefined && request.kind !== "call")
      return resultOf(one, "refused", put);
    return { kind: "open", reason: `the policy is refused: ${reasonOf(put)}` };
  }
  const began = context.nowMs();
  const late = put === undefined || !hasBeacon(one) ? undefined : await untilInForce(one.id, context);
  if (late !== undefined) return { kind: "open", reason: late };
  const took = context.nowMs() - began;
  switch (request.kind) {
    case "propagation":
      return {
        ...resultOf(one, took < 1_000 ? "at once" : "later", put),
        ...{ detail: `${Math.round(took)} ms` },
      };
    case "status": {
      const status = await asOwner(context, { policyStatus: null });
      const isPublic = textOf(rootOf(status, "PolicyStatus"), "IsPublic");
      return resultOf(one, isPublic === "true" ? "public" : isPublic === "false" ? "not public" : "", status);
    }
    case "read back": {
      const read = await asOwner(context, { policy: null });
      const isSame = body !== undefined && Buffer.from(read.body).equals(body);
      return resultOf(one, read.status !== 200 ? "" : isSame ? "same bytes" : "other bytes", read);
    }
    case "call":
      return call(one, request, context);
  }
}

async function call(
  one: ConformanceCase,
  request: Extract<ConformanceCase["request"], { readonly kind: "call" }>,
  context: CaseContext,
): Promise<CaseResult> {
  const { query, key } = requestOf(request.operation, one, context);
  const identity = request.as === "anonymous" ? undefined : context.identities[request.as];
  const answer = await context.bucket.client.send({
    method: "GET",
    as: identity?.credentials,
    query,
    ...(key === undefined ? {} : { key }),
    ...(request.headers === undefined ? {} : { headers: request.headers }),
  });
  const isAllowed = answer.status >= 200 && answer.status < 300;
  // Without a policy, its absence is what is observed.
  const isRefused = answer.status === 403 || (answer.status === 404 && one.setup.policy === undefined);
  return resultOf(one, isAllowed ? "allowed" : isRefused ? "refused" : "", answer);
}

const queries: Readonly<
  Record<Exclude<ProbedOperation, "GetObject">, Readonly<Record<string, string | null>>>
> = {
  GetBucketAcl: { acl: null },
  GetBucketPolicy: { policy: null },
  GetBucketStat: { stat: null },
  ListObjects: { "max-keys": "1" },
};

function requestOf(operation: ProbedOperation, { setup }: ConformanceCase, { scratch }: CaseContext) {
  if (operation !== "GetObject") return { query: queries[operation], key: undefined };
  return { query: {}, key: objectKey(setup.object?.name ?? "nothing", scratch) };
}

function objectKey(name: string, { run }: Scratch): string {
  return `${ownFolder}${run}/${name}`;
}

/** Returns the result that an observation means; open for one that says nothing. */
function resultOf(one: ConformanceCase, observation: string, answer: OssAnswer | undefined): CaseResult {
  const meant = one.observations[observation];
  const detail = answer === undefined ? "" : detailOf(answer);
  if (meant === undefined)
    return { kind: "open", reason: answer === undefined ? `unexpected: ${observation}` : reasonOf(answer) };
  return { kind: "observed", observation, detail, ...meant };
}

function detailOf(answer: OssAnswer): string {
  if (answer.status < 300) return String(answer.status);
  const { code = "no code", ec } = problemOf(answer);
  return `${answer.status} ${code}${ec === undefined ? "" : `, EC ${ec}`}`;
}

function reasonOf(answer: OssAnswer | undefined): string {
  return answer === undefined ? "no answer" : problemOf(answer).message;
}

/** Puts a policy as the owner. Its digest is in the journal before. */
async function putPolicy(body: Uint8Array, { bucket, journal }: CaseContext): Promise<OssAnswer> {
  journal.willPut(body);
  return bucket.client.send({ method: "PUT", as: bucket.owner, query: { policy: null }, body });
}

function textFor(id: string, policy: PolicyOf, isPut: boolean, { scratch }: CaseContext): Uint8Array {
  const beacon = beaconOf(id, scratch);
  if ("document" in policy) {
    const document = policy.document(scratch, beacon);
    return typeof document === "string" ? Buffer.from(document, "utf8") : document;
  }
  const statements = [...policy.statements(scratch), ...(isPut ? [] : [beacon])];
  return Buffer.from(JSON.stringify({ Version: "1", Statement: statements }), "utf8");
}

function hasBeacon({ request }: ConformanceCase): boolean {
  return request.kind !== "put" && request.kind !== "read back" && request.kind !== "status";
}

function beaconWord(id: string, { run }: Scratch): string {
  return `${ownFolder}${run}/${id}`;
}

/** Allows the user one harmless call by a name that only this policy has: once it is allowed, the policy is in force. */
function beaconOf(id: string, scratch: Scratch): object {
  return {
    Effect: "Allow",
    Principal: [scratch.user],
    Action: ["oss:GetBucketLocation"],
    Resource: [`acs:oss:*:*:${scratch.bucket}`],
    Condition: { StringEquals: { "acs:UserAgent": [beaconWord(id, scratch)] } },
  };
}

const pauseMs = 500;

/** Waits until the beacon is allowed; returns why it is not. */
async function untilInForce(id: string, context: CaseContext): Promise<string | undefined> {
  const { scratch, bucket, identities, patienceMs, wait, nowMs } = context;
  const end = nowMs() + patienceMs;
  for (;;) {
    const answer = await bucket.client.send({
      method: "GET",
      as: identities.user?.credentials,
      query: { location: null },
      headers: { "user-agent": beaconWord(id, scratch) },
    });
    if (answer.status === 200) return undefined;
    if (answer.status !== 403) return reasonOf(answer);
    if (context.isStopped()) return "the run was stopped";
    if (nowMs() >= end) return `the policy was not in force after ${Math.round(patienceMs / 1_000)} s`;
    await wait(Math.min(pauseMs, patienceMs));
  }
}

async function putObject(
  { setup }: ConformanceCase,
  { bucket, scratch }: CaseContext,
): Promise<string | undefined> {
  if (setup.object === undefined) return undefined;
  const { name, tags } = setup.object;
  const answer = await bucket.client.send({
    method: "PUT",
    as: bucket.owner,
    key: objectKey(name, scratch),
    headers: {
      "content-type": "text/plain",
      ...(tags === undefined ? {} : { "x-oss-tagging": new URLSearchParams(tags).toString() }),
    },
    body: Buffer.from("oss-policy conformance\n", "utf8"),
  });
  return answer.status === 200 ? undefined : reasonOf(answer);
}

async function switchBlock(isOn: boolean, { bucket, journal }: CaseContext): Promise<string | undefined> {
  if (isOn) journal.willBlock();
  const xml = `<PublicAccessBlockConfiguration><BlockPublicAccess>${String(isOn)}</BlockPublicAccess></PublicAccessBlockConfiguration>`;
  const answer = await bucket.client.send({
    method: "PUT",
    as: bucket.owner,
    query: { publicAccessBlock: null },
    headers: { "content-type": "application/xml" },
    body: Buffer.from(xml, "utf8"),
  });
  return answer.status === 200 ? undefined : reasonOf(answer);
}

function asOwner({ bucket }: CaseContext, query: Readonly<Record<string, null>>): Promise<OssAnswer> {
  return bucket.client.send({ method: "GET", as: bucket.owner, query });
}
