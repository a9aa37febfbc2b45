// `bare-loop.js CONCURRENCY BUCKET...`, or the number of buckets of a benchmark: sends GetBucketPolicy for each bucket, with
// keep-alive, and reads each answer to its end. Over https each bucket is a host of its own, as at OSS.
import { Agent as HttpAgent, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import { bucketName } from "./bucket-tree.ts";
import { sign, stringToSign } from "../../src/sandbox/auth/signature.ts";

const [concurrency, ...named] = process.argv.slice(2);
const counted = /^\d+$/.test(named[0] ?? "") ? Number(named[0]) : undefined;
const buckets =
  counted === undefined ? named : Array.from({ length: counted }, (_, index) => bucketName(index));
const {
  OSS_ENDPOINT: endpoint = "",
  OSS_ACCESS_KEY_ID: id = "",
  OSS_ACCESS_KEY_SECRET: secret = "",
} = process.env;
const { protocol, hostname, port } = new URL(endpoint.replaceAll("{region}", "cn-hangzhou"));
const isTls = protocol === "https:";
const request = isTls ? requestHttps : requestHttp;
const agent = isTls ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });

function headersOf(bucket: string): Record<string, string> {
  const date = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  const scope = { date: date.slice(0, 8), region: "cn-hangzhou", product: "oss" };
  const headers = { "x-oss-date": date, "x-oss-content-sha256": "UNSIGNED-PAYLOAD" };
  const signed = {
    method: "GET",
    resource: `/${bucket}/`,
    query: [["policy", ""]] as const,
    headers,
    additionalHeaders: [],
  };
  const signature = sign(stringToSign(signed, date, scope), secret, scope);
  const credential = `${id}/${scope.date}/${scope.region}/oss/aliyun_v4_request`;
  return {
    ...headers,
    ...(isTls ? {} : { host: `${bucket}.oss-cn-hangzhou.aliyuncs.com` }),
    authorization: `OSS4-HMAC-SHA256 Credential=${credential},Signature=${signature}`,
  };
}

function get(bucket: string): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const host = isTls ? `${bucket}.${hostname}` : hostname;
    request({ host, port, agent, path: "/?policy", headers: headersOf(bucket) }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`status ${String(response.statusCode)}`));
      response.resume().on("end", () => resolve());
    })
      .on("error", reject)
      .end();
  });
}

let next = 0;
async function worker() {
  while (next < buckets.length) await get(buckets[next++] ?? "");
}
await Promise.all(Array.from({ length: Number(concurrency) }, worker));
agent.destroy();
