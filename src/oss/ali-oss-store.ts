import Client, { type RequestParams } from "ali-oss";
import { maxBodyBytes, maxListBytes, readBody, type BodyLimits } from "./body.ts";
import type { Credentials } from "./credentials.ts";
import { endpointOf, hostOf, regionOfEndpoint } from "./endpoint.ts";
import { guarded } from "./guarded.ts";
import { bucketsAPage, listAll } from "./listing.ts";
import { openSecrets, type Secrets } from "./secrets.ts";
import type { BucketAddress, Live, ReadProblem, LiveRead } from "../policy/live.ts";
import type { BucketListing, PolicyStore, WriteAnswer } from "./store.ts";
import { openSigner } from "./signature.ts";
import { openTransport, type Transport } from "./transport.ts";
import {
  accountBlockOf,
  deleteAnswerOf,
  endpointNamedBy,
  exposureOf,
  liveOf,
  problemOfFailure,
  skewMs,
  writeAnswerOf,
  type OssAnswer,
} from "./wire.ts";
import { parseXml } from "./xml.ts";

export interface AliOssOptions {
  readonly credentials: Credentials;
  /** Value of `--endpoint`; `{region}` in it is replaced. Undefined for OSS's public endpoints. */
  readonly endpoint: string | undefined;
  /** Region for listing buckets; any region answers for all (OSS docs: GetService). */
  readonly listRegion: string;
  /** Time limit for each of: connecting, the head of the answer, its body. */
  readonly timeoutMs: number;
  /** Secrets to remove from everything that OSS sends; by default the credentials. */
  readonly secrets?: Secrets;
}

interface CallParams extends Omit<RequestParams, "customResponse"> {
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

/**
 * Opens the store over `ali-oss`. Every call uses its `request` and is classified by status and error code:
 * `getBucketPolicy` returns `{policy: null}` for a 403 as for a 404 and rounds long numbers,
 * `putBucketPolicy` rewrites the document, and the errors of both have no headers. Bodies are read here,
 * within limits, because the SDK would keep an endless one in memory. Redirects are not followed.
 */
export function openAliOssStore(options: AliOssOptions): PolicyStore {
  const transport = openTransport(options.timeoutMs);
  const secrets = options.secrets ?? secretsOf(options.credentials);
  const call = openCalls(options, transport, secrets);
  const store: PolicyStore = {
    list: () => list(call, options.listRegion),
    get: (address) => read(call, address),
    exposure: ({ bucket, region }) =>
      call(region, { method: "GET", bucket, subres: "bucketInfo" }).then(exposureOf, unknownAfter),
    accountBlock: () =>
      call(options.listRegion, { method: "GET", bucket: "", subres: "publicAccessBlock" }).then(
        accountBlockOf,
        unknownAfter,
      ),
    put: ({ bucket, region }, body) =>
      call(region, { method: "PUT", bucket, subres: "policy", content: Buffer.from(body, "utf8") }).then(
        writeAnswerOf,
        unansweredWrite,
      ),
    delete: ({ bucket, region }) =>
      call(region, { method: "DELETE", bucket, subres: "policy" }).then(deleteAnswerOf, unansweredWrite),
    close: () => transport.close(),
  };
  return guarded(store, secrets);
}

function secretsOf({ accessKeyId, accessKeySecret, securityToken }: Credentials): Secrets {
  return openSecrets([accessKeySecret, securityToken], [accessKeyId]);
}

/** Opens one client for each region. A call refused because of this machine's clock is repeated with OSS's time. */
function openCalls(options: AliOssOptions, transport: Transport, secrets: Secrets): OssCall {
  const clients = new Map<string, Client>();
  const clientOf = (region: string): Client => {
    const client = clients.get(region) ?? newClient(region, options, transport, secrets);
    clients.set(region, client);
    return client;
  };
  return async (region, { maxBytes = maxBodyBytes, ...params }) => {
    const limits = { maxBytes, timeoutMs: options.timeoutMs };
    try {
      const client = clientOf(region);
      const answer = await send(client, params, limits);
      const ahead = skewMs(answer, Date.now());
      if (ahead === undefined) return answer;
      // The call had no effect: correct the clock for all later calls, and repeat it once.
      client.options.amendTimeSkewed = ahead;
      return await send(client, params, limits);
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

function newClient(region: string, options: AliOssOptions, transport: Transport, secrets: Secrets): Client {
  const { accessKeyId, accessKeySecret, securityToken } = options.credentials;
  const { url, pathStyle } = endpointOf(options.endpoint, region);
  // Without a refresh function the client prints advice to the console; these tokens cannot be refreshed.
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
    secrets.addSignature(header);
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
    const answer = await call(region, { method: "GET", bucket, subres: "policy" });
    const host = endpointNamedBy(answer);
    return { live: liveOf(answer), namedRegion: host === undefined ? undefined : regionOfEndpoint(host) };
  } catch (failure) {
    return { live: { state: "unreadable", problem: problemIn(failure) }, namedRegion: undefined };
  }
}

function unansweredWrite(failure: unknown): WriteAnswer {
  return { kind: "unknown", problem: problemIn(failure) };
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
      return call(region, { method: "GET", bucket: "", query, maxBytes: maxListBytes });
    });
  } catch (failure) {
    return { problem: problemIn(failure) };
  }
}
