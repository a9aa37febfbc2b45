import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { openAliOssStore } from "../../src/oss/ali-oss-store.ts";
import { withRetries } from "../../src/oss/retry.ts";
import { baseKeys, planRole, providerOf, roleRecipe } from "../support/credentials.ts";
import { errorDocument } from "../support/hostile-oss.ts";
import { sandboxWith } from "../support/store.ts";
import { passOn } from "../support/two-accounts.ts";
import { startTrustingSts } from "../support/trusting-sts.ts";

const calls = 10_000;
const atOnce = 100;
const dayMs = 24 * 3_600_000;
const address = { bucket: "data", region: "cn-hangzhou" };

test("10,000 reads over a day make one exchange for each session, and none uses one that has expired", async () => {
  let passed = 0;
  const user = { id: baseKeys.accessKeyId, secret: baseKeys.accessKeySecret };
  const sts = await startTrustingSts({
    roles: [{ arn: planRole, trusts: [user.id], externalId: "team-a" }],
    users: [user],
    nowMs: () => Date.now() + passed,
  });
  // The sandbox sees each key as soon as STS gave it.
  const sandbox = await sandboxWith({ keys: sts.keys, buckets: [{ name: "data", region: "cn-hangzhou" }] });
  const { url, refused } = await refusingExpired(sandbox.url, sts.isExpired);
  const { provider, clock, secrets } = providerOf(roleRecipe(), sts.url);
  const store = withRetries(
    openAliOssStore({ provider, secrets, endpoint: url, listRegion: address.region, timeoutMs: 5_000 }),
    { concurrency: atOnce, clock, random: () => 0.5, onThrottled: () => undefined },
  );
  onTestFinished(() => store.close());
  for (let done = 0; done < calls; done += atOnce) {
    const reads = await Promise.all(Array.from({ length: atOnce }, () => store.get(address)));
    expect(reads.map(({ live }) => live.state)).toEqual(Array(atOnce).fill("none"));
    const step = (dayMs * atOnce) / calls;
    passed += step;
    clock.pass(step);
  }
  // A session of an hour is renewed 5 minutes before its end, and the clock goes on by 14.4 minutes at a time.
  expect([sts.given.length, refused()]).toEqual([25, 0]);
}, 120_000);

/** OSS as it refuses tokens that have expired. */
async function refusingExpired(sandboxUrl: string, isExpired: (token: string) => boolean) {
  let refusals = 0;
  const server = createServer((request, response) => {
    request.resume();
    if (isExpired(String(request.headers["x-oss-security-token"]))) {
      refusals += 1;
      return void response.writeHead(403).end(errorDocument("SecurityTokenExpired"));
    }
    void passOn(request, Buffer.alloc(0), { url: sandboxUrl }).then((answer) =>
      answer.pipe(response.writeHead(answer.statusCode ?? 502, answer.headers)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, refused: () => refusals };
}
