import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import Client, { type RequestParams } from "ali-oss";
import type { Credentials } from "./credentials.ts";
import { endpointOf, regionOfEndpoint } from "./endpoint.ts";
import { listAll } from "./listing.ts";
import type { BucketAddress, Live, Reading } from "../policy/live.ts";
import type { BucketListing, PolicyStore, WriteAnswer } from "./store.ts";
import {
  deleteAnswerOf,
  endpointNamedBy,
  exposureOf,
  liveOf,
  problemOfFailure,
  skewMs,
  writeAnswerOf,
  type Answer,
} from "./wire.ts";

export interface AliOssOptions {
  readonly credentials: Credentials;
  /** As `--endpoint` gives it; `{region}` in it is replaced. Undefined: OSS's public endpoints. */
  readonly endpoint: string | undefined;
  /** Any region will do to list buckets: each answers for all (OSS docs: GetService). */
  readonly listRegion: string;
  /** For connecting and for the answer, each. */
  readonly timeoutMs: number;
}

type Call = (region: string, params: RequestParams) => Promise<Answer>;

/**
 * The store over `ali-oss`. Every call goes through its `request` and is judged by status and error
 * code: `getBucketPolicy` answers `{policy: null}` to a 403 as to a 404 and rounds long numbers,
 * `putBucketPolicy` writes the document anew, and the errors of both carry no headers.
 */
export function openAliOssStore(options: AliOssOptions): PolicyStore {
  const agents = {
    agent: new HttpAgent({ keepAlive: true }),
    httpsAgent: new HttpsAgent({ keepAlive: true }),
  };
  const clients = new Map<string, Client>();
  const call: Call = async (region, params) => {
    const client = clients.get(region) ?? newClient(region, options, agents);
    clients.set(region, client);
    const answer = await send(client, params);
    const ahead = skewMs(answer, Date.now());
    if (ahead === undefined) return answer;
    // Nothing was done: the clock is put right for all that follows, and the call is made once more.
    client.options.amendTimeSkewed = ahead;
    return send(client, params);
  };
  return {
    list: () => list(call, options.listRegion),
    get: (address) => read(call, address),
    exposure: ({ bucket, region }) =>
      call(region, { method: "GET", bucket, subres: "bucketInfo" }).then(exposureOf, (failure: unknown) => ({
        state: "unknown",
        problem: problemOfFailure(failure),
      })),
    put: ({ bucket, region }, body) =>
      call(region, { method: "PUT", bucket, subres: "policy", content: Buffer.from(body, "utf8") }).then(
        writeAnswerOf,
        unansweredWrite,
      ),
    delete: ({ bucket, region }) =>
      call(region, { method: "DELETE", bucket, subres: "policy" }).then(deleteAnswerOf, unansweredWrite),
    close: () => {
      agents.agent.destroy();
      agents.httpsAgent.destroy();
    },
  };
}

async function send(client: Client, params: RequestParams): Promise<Answer> {
  const { status, headers, data } = await client.request(params);
  return { status, headers, body: data, xml: await parseXml(client, data) };
}

function newClient(
  region: string,
  options: AliOssOptions,
  agents: { agent: HttpAgent; httpsAgent: HttpsAgent },
): Client {
  const { accessKeyId, accessKeySecret, securityToken } = options.credentials;
  const { url, pathStyle } = endpointOf(options.endpoint, region);
  // Without a refresh function the client prints advice to the console; these tokens cannot be refreshed.
  const keep = () => Promise.resolve({ accessKeyId, accessKeySecret, stsToken: securityToken });
  return new Client({
    accessKeyId,
    accessKeySecret,
    ...(securityToken === undefined ? {} : { stsToken: securityToken, refreshSTSToken: keep }),
    // The long form: with the short one the client asks a host that does not exist.
    region: `oss-${region}`,
    ...(url === undefined ? {} : { endpoint: url }),
    secure: url === undefined || url.startsWith("https:"),
    authorizationV4: true,
    sldEnable: pathStyle,
    timeout: options.timeoutMs,
    retryMax: 0,
    ...agents,
  });
}

/** Undefined for a body that is no XML: the status alone speaks then. */
async function parseXml(client: Client, body: Uint8Array): Promise<unknown> {
  if (body[0] !== "<".charCodeAt(0)) return undefined;
  return client.parseXML(new TextDecoder().decode(body)).catch(() => undefined);
}

/** Asks once more where OSS names another region as the bucket's own. */
async function read(call: Call, { bucket, region }: BucketAddress): Promise<Reading> {
  const first = await readIn(call, { bucket, region });
  if (first.namedRegion === undefined || first.namedRegion === region) return { live: first.live, region };
  const second = await readIn(call, { bucket, region: first.namedRegion });
  return { live: second.live, region: first.namedRegion };
}

interface RegionalReading {
  readonly live: Live;
  readonly namedRegion: string | undefined;
}

async function readIn(call: Call, { bucket, region }: BucketAddress): Promise<RegionalReading> {
  try {
    const answer = await call(region, { method: "GET", bucket, subres: "policy" });
    const host = endpointNamedBy(answer);
    return { live: liveOf(answer), namedRegion: host === undefined ? undefined : regionOfEndpoint(host) };
  } catch (failure) {
    return { live: { state: "unreadable", problem: problemOfFailure(failure) }, namedRegion: undefined };
  }
}

function unansweredWrite(failure: unknown): WriteAnswer {
  return { kind: "unknown", problem: problemOfFailure(failure) };
}

async function list(call: Call, region: string): Promise<BucketListing> {
  try {
    return await listAll((marker) => {
      const query = { "max-keys": "1000", ...(marker === "" ? {} : { marker }) };
      // Without a bucket the client would address one of the name `undefined`.
      return call(region, { method: "GET", bucket: "", query });
    });
  } catch (failure) {
    return { problem: problemOfFailure(failure) };
  }
}
