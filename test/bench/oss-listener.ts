import { createServer, type Server } from "node:http";
import { bucketName } from "./bucket-tree.ts";
import { policyOf } from "./bucket-policy.ts";
import { editedPolicy } from "./edited-policy.ts";

/** As much of OSS as a plan reads: GetBucketPolicy is answered after a delay, and the rest at once. */
export function ossListener(count: number, delayMs: number, pairs: number): Server {
  const names = Array.from({ length: count }, (_, index) => bucketName(index));
  const listed = names.map((name) => `<Bucket><Name>${name}</Name><Region>cn-hangzhou</Region></Bucket>`);
  const list = `<ListAllMyBucketsResult><Owner><ID>1746495857600001</ID></Owner><Buckets>${listed.join("")}</Buckets></ListAllMyBucketsResult>`;
  const info =
    "<BucketInfo><Bucket><Owner><ID>1746495857600001</ID></Owner><AccessControlList><Grant>private</Grant></AccessControlList><BlockPublicAccess>false</BlockPublicAccess></Bucket></BucketInfo>";
  const policies = new Map(
    names.map((name) => [
      name,
      Buffer.from(JSON.stringify(pairs === 0 ? policyOf(name) : editedPolicy(name, pairs, "live"))),
    ]),
  );
  const server = createServer(({ url = "", headers: { host = "" } }, response) => {
    if (url.includes("?bucketInfo")) return void response.end(info);
    if (!url.includes("?policy")) return void response.end(list);
    const body = policies.get(/bench-\d+/.exec(host + url)?.[0] ?? "");
    setTimeout(() => response.end(body), delayMs);
  });
  server.keepAliveTimeout = 60_000;
  return server;
}
