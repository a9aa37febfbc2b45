import Client, { type RequestParams } from "ali-oss";
import { maxBodyBytes, maxListBytes, readBody, type BodyLimits } from "./body.ts";
import { counted, type OnCall } from "./counted.ts";
import type { CredentialProvider } from "./credential-provider.ts";
import type { Credentials } from "./credentials.ts";
import { endpointOf, hostOf, regionOfEndpoint } from "./endpoint.ts";
import { guarded } from "./guarded.ts";
import { bucketsAPage, listAll } from "./listing.ts";
import type { Secrets } from "./secrets.ts";
import type { BucketAddress, Live, ReadProblem, LiveRead } from "../policy/live.ts";
import type { BucketListing, PolicyStore, WriteAnswer } from "./store.ts";
import { openSigner } from "./signature.ts";
import { openTransport, type Transport } from "./transport.ts";
import {
  accountBlockOf,
  deleteAnswerOf,
  endpointNamedBy,
  exposureOf,
  isTokenRefused,
  liveOf,
  problemOf,
  problemOfFailure,
  skewMs,
  writeAnswerOf,
  type OssAnswer,
} from "./wire.ts";
import { parseXml } from "./xml.ts";

export interface AliOssOptions {
  readonly provider: CredentialProvider;
  /** Value of `--endpoint`; `{region}` in it is replaced. Undefined for OSS's public endpoints. */
  readonly endpoint: string | undefined;
  /** Region for listing buckets; any region answers for all (OSS docs: GetService). */
  readonly listRegion: string;
  /** Time limit for each of: connecting, the head of the answer, its body. */
  readonly timeoutMs: number;
  /** Secrets to remove from everything that OSS sends. */
  readonly secrets: Secrets;
  readonly onCall?: OnCall | undefined;
}

interface CallParams extends Omit<RequestParams, "customResponse"> {
  /** Name of the operation in OSS's documentation. */
  readonly operation: string;
  /** Size limit of the body, if it is not a policy or an error. */
  readonly maxBytes?: number;
}

/** Function that makes one call. Rejects with `Unanswered` if no complete answer comes. */
type OssCall = (region: string, params: CallParams) => Promise<OssAnswer>;

/** Error of a call without a complete answer; the problem names the host. */
class Unanswered extends Error {
  readonly problem: ReadProblem;
  constructor(problem: ReadProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** Error of a call that was not sent, because there were no credentials for it. */
class Unsent extends Unanswered {}

/**
 * Opens the store over `ali-oss`. Every call uses its `request` and is classified by status and error code:
 * `getBucketPolicy` returns `{policy: null}` for a 403 as for a 404 and rounds long numbers,
 * `putBucketPolicy` rewrites the document, and the errors of both have no headers. Bodies are read here,
 * within limits, because the SDK would keep an endless one in memory. Redirects are not followed.
 */
export function openAliOssStore(options: AliOssOptions): PolicyStore {
  const transport = openTransport(options.timeoutMs);
  const call = openCalls(options, transport);
  const store: PolicyStore = {
    list: () => list(call, options.listRegion),
    get: (address) => read(call, address),
    exposure: ({ bucket, region }) =>
      call(region, { operation: "GetBucketInfo", method: "GET", bucket, subres: "bucketInfo" }).then(
        exposureOf,
        unknownAfter,
      ),
    accountBlock: () =>
      call(options.listRegion, {
        operation: "GetPublicAccessBlock",
        method: "GET",
        bucket: "",
        subres: "publicAccessBlock",
      }).then(accountBlockOf, unknownAfter),
    put: ({ bucket, region }, body) =>
      call(region, {
        operation: "PutBucketPolicy",
        method: "PUT",
        bucket,
        subres: "policy",
        content: Buffer.from(body, "utf8"),
      }).then(writeAnswerOf, unansweredWrite),
    delete: ({ bucket, region }) =>
      call(region, { operation: "DeleteBucketPolicy", method: "DELETE", bucket, subres: "policy" }).then(
        deleteAnswerOf,
        unansweredWrite,
      ),
    close: () => transport.close(),
  };
  return guarded(store, options.secrets);
}

/**
 * Opens the calls. Where OSS refuses the token of temporary credentials, they are renewed once: a read is repeated,
 * and a write is left to a read of what happened, as after a lost answer.
 */
function openCalls(options: AliOssOptions, transport: Transport): OssCall {
  const { provider } = options;
  const callAs = openSignedCalls(options, transport);
  return async (region, params) => {
    const held = await provider.current();
    if ("problem" in held) throw new Unsent(held.problem);
    const answer = await callAs(held.credentials, region, params);
    const problem = answer.status === 403 ? problemOf(answer) : undefined;
    if (problem === undefined || !isTokenRefused(problem)) return answer;
    const renewed = await provider.renew(held.credentials);
    if (renewed === undefined || "problem" in renewed) return answer;
    if (params.method !== "GET") throw new Unanswered(problem);
    return callAs(renewed.credentials, region, params);
  };
}

type CallAs = (credentials: Credentials, ...call: Parameters<OssCall>) => Promise<OssAnswer>;

/** Client of a region, for as long as its credentials are used. */
interface RegionalClient {
  readonly credentials: Credentials;
  readonly client: Client;
}

/** Opens one client for each region. A call refused because of this machine's clock is repeated with OSS's time. */
function openSignedCalls(options: AliOssOptions, transport: Transport): CallAs {
  const clients = new Map<string, RegionalClient>();
  const clientOf = (region: string, credentials: Credentials): Client => {
    const known = clients.get(region);
    if (known?.credentials === credentials) return known.client;
    const client = newClient(region, credentials, options, transport);
    client.options.amendTimeSkewed = known?.client.options.amendTimeSkewed ?? 0;
    clients.set(region, { credentials, client });
    return client;
  };
  return async (credentials, region, { operation, maxBytes = maxBodyBytes, ...params }) => {
    const limits = { maxBytes, timeoutMs: options.timeoutMs };
    const sendCounted = (client: Client) => counted(operation, send(client, params, limits), options.onCall);
    try {
      const client = clientOf(region, credentials);
      const answer = await sendCounted(client);
      const ahead = skewMs(answer, Date.now());
      if (ahead === undefined) return answer;
      // The call had no effect: correct the clock for all later calls, and repeat it once.
      client.options.amendTimeSkewed = ahead;
      return await sendCounted(client);
    } catch (failure) {
      throw new Unanswered(problemOfFailure(failure, hostOf(options.endpoint, region)));
    }
  };
}

async function send(
  client: Client,
  params: Omit<RequestParams, "customResponse">,
  limits: BodyLimits,
): Promise<OssAnswer> {
  const { status, headers, res } = await client.request({ ...params, customResponse: true });
  const body = await readBody(res, limits);
  return { status, headers, body, xml: parseXml(body) };
}

function newClient(
  region: string,
  { accessKeyId, accessKeySecret, securityToken }: Credentials,
  options: AliOssOptions,
  transport: Transport,
): Client {
  const { url, pathStyle } = endpointOf(options.endpoint, region);
  // Without a refresh function the client prints advice to the console. Its own refresh goes by the time of the last
  // check and sends requests with the old token meanwhile; here new credentials get a new client.
  const keep = () => Promise.resolve({ accessKeyId, accessKeySecret, stsToken: securityToken });
  const client = new Client({
    accessKeyId,
    accessKeySecret,
    ...(securityToken === undefined ? {} : { stsToken: securityToken, refreshSTSToken: keep }),
    // The long form: with the short one the client calls a host that does not exist.
    region: `oss-${region}`,
    ...(url === undefined ? {} : { endpoint: url }),
    secure: url === undefined || url.startsWith("https:"),
    authorizationV4: true,
    sldEnable: pathStyle,
    timeout: options.timeoutMs,
    retryMax: 0,
    urllib: transport,
  });
  const sign = openSigner(accessKeyId, accessKeySecret, region);
  client.authorizationV4 = (method, request, bucket) => {
    const header = sign(method, request, bucket);
    options.secrets.addSignature(header);
    return header;
  };
  return client;
}

/** Reads a policy. If OSS names another region as the bucket's own, reads once more there. */
async function read(call: OssCall, { bucket, region }: BucketAddress): Promise<LiveRead> {
  const first = await readIn(call, { bucket, region });
  if (first.namedRegion === undefined || first.namedRegion === region) return { live: first.live, region };
  const second = await readIn(call, { bucket, region: first.namedRegion });
  return { live: second.live, region: first.namedRegion };
}

interface RegionalRead {
  readonly live: Live;
  readonly namedRegion: string | undefined;
}

async function readIn(call: OssCall, { bucket, region }: BucketAddress): Promise<RegionalRead> {
  try {
    const answer = await call(region, {
      operation: "GetBucketPolicy",
      method: "GET",
      bucket,
      subres: "policy",
    });
    const host = endpointNamedBy(answer);
    return { live: liveOf(answer), namedRegion: host === undefined ? undefined : regionOfEndpoint(host) };
  } catch (failure) {
    return { live: { state: "unreadable", problem: problemIn(failure) }, namedRegion: undefined };
  }
}

function unansweredWrite(failure: unknown): WriteAnswer {
  return { kind: failure instanceof Unsent ? "refused" : "unknown", problem: problemIn(failure) };
}

function unknownAfter(failure: unknown): { readonly state: "unknown"; readonly problem: ReadProblem } {
  return { state: "unknown", problem: problemIn(failure) };
}

/** Returns the problem of a failure. Any other error is a bug and is not shown: it may contain the call's headers. */
function problemIn(failure: unknown): ReadProblem {
  return failure instanceof Unanswered ? failure.problem : { message: "internal error in a call of OSS" };
}

async function list(call: OssCall, region: string): Promise<BucketListing> {
  try {
    return await listAll((marker) => {
      const query = { "max-keys": String(bucketsAPage), ...(marker === "" ? {} : { marker }) };
      // Without a bucket the client would call a bucket named `undefined`.
      return call(region, {
        operation: "ListBuckets",
        method: "GET",
        bucket: "",
        query,
        maxBytes: maxListBytes,
      });
    });
  } catch (failure) {
    return { problem: problemIn(failure) };
  }
}
