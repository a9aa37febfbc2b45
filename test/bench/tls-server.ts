// OSS over TLS with a host for each bucket, as the policy reads of a plan see it: each policy after a delay.
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { policyOf } from "./bucket-policy.ts";

const [keyFile = "", certFile = "", delayMs = "", ...buckets] = process.argv.slice(2);

const listed = buckets.map((name) => `<Bucket><Name>${name}</Name><Region>cn-hangzhou</Region></Bucket>`);
const list = `<ListAllMyBucketsResult><Owner><ID>1746495857600001</ID></Owner><Buckets>${listed.join("")}</Buckets></ListAllMyBucketsResult>`;

const server = createServer(
  { key: readFileSync(keyFile), cert: readFileSync(certFile) },
  ({ url = "", headers: { host = "" } }, response) => {
    if (!url.includes("?policy")) return void response.end(list);
    const body = JSON.stringify(policyOf(host.split(".", 1)[0] ?? ""));
    setTimeout(() => response.end(body), Number(delayMs));
  },
);
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => console.log(`port ${(server.address() as AddressInfo).port}`));
