import { gzipSync, deflateSync, brotliCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { Live } from "../../src/policy/live.ts";
import {
  answering,
  dripping,
  endless,
  errorDocument,
  hostileOss,
  type Behaviour,
  type HostileOss,
} from "../support/hostile-oss.ts";
import { storeOver } from "../support/store.ts";

const bucket = { bucket: "bucket-1", region: "cn-hangzhou" };
const mebi = "a".repeat(1 << 20);
const policy = '{"Version":"1","Statement":[]}';

interface Read {
  readonly live: Live;
  readonly oss: HostileOss;
  /** By how much the peak of resident memory grew, in MiB. */
  readonly grownBy: number;
}

async function readFrom(behave: Behaviour, timeoutMs = 5_000): Promise<Read> {
  const oss = await hostileOss(behave);
  const before = process.resourceUsage().maxRSS;
  const { live } = await storeOver(oss.url, { timeoutMs }).get(bucket);
  return { live, oss, grownBy: (process.resourceUsage().maxRSS - before) / 1_024 };
}

function unreadable(message: string): object {
  return { state: "unreadable", problem: { message: expect.stringContaining(message) as string } };
}

describe("a body is cut at a limit while it is read", () => {
  const bomb = gzipSync(Buffer.alloc(300e6, 97));
  test.each<[string, Behaviour]>([
    ["text without an end", endless(200, "", mebi)],
    ["JSON without an end", endless(200, '{"Version":"1","Statement":["', mebi)],
    [
      "an error document without an end",
      endless(404, "<Error><Code>NoSuchBucketPolicy</Code><Message>", mebi),
    ],
    ["elements without an end", endless(404, "<Error>", "<a>1</a>".repeat(100_000))],
    ["packed text that is small on the way", answering(200, bomb, { "content-encoding": "gzip" })],
    ["packed text without an end", endless(200, "", bomb, { "content-encoding": "gzip" })],
    [
      "deflated text that is small on the way",
      answering(200, deflateSync(Buffer.alloc(100e6, 97)), { "content-encoding": "deflate" }),
    ],
    ["a length that is far too large", endless(200, "", mebi, { "content-length": "100000000000" })],
  ])("%s", async (_, behave) => {
    const { live, grownBy } = await readFrom(behave);
    expect(live).toMatchObject(unreadable("larger than the limit of 64 KiB"));
    expect(grownBy).toBeLessThan(150);
  });

  test("and no more of it is taken from the network than fits the buffers on the way", async () => {
    const { live, oss } = await readFrom(endless(200, "", mebi));
    expect(live.state).toBe("unreadable");
    await expect.poll(oss.sent).toBeGreaterThan(0);
    expect(oss.sent()).toBeLessThan(32 << 20);
  });

  test("and one that comes byte by byte takes no more memory", async () => {
    const oneByteChunks = "1\r\n \r\n".repeat((1 << 16) - 1);
    const { live, grownBy } = await readFrom(({ socket }) => {
      socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
      socket.end(`${oneByteChunks}0\r\n\r\n`);
    });
    expect(live).toMatchObject({ state: "unreadable" });
    expect(grownBy).toBeLessThan(60);
  });

  test("a body at the limit is read", async () => {
    const large = policy.padEnd(1 << 16, " ");
    const { live } = await readFrom(answering(200, large));
    expect(live).toMatchObject({ state: "policy", body: large });
    expect((await readFrom(answering(200, `${large} `))).live).toMatchObject(
      unreadable("larger than the limit of 64 KiB"),
    );
  });

  test("of a write's answer too, which may have taken effect", async () => {
    const oss = await hostileOss(endless(200, "", mebi));
    const store = storeOver(oss.url);
    const answer = { kind: "unknown", problem: { message: expect.stringContaining("64 KiB") as string } };
    expect(await store.put(bucket, policy)).toMatchObject(answer);
    expect(await store.delete(bucket)).toMatchObject(answer);
  });

  test("of the list of buckets and of the bucket's info", async () => {
    const oss = await hostileOss(endless(200, "<ListAllMyBucketsResult>", mebi));
    const store = storeOver(oss.url);
    expect(await store.list()).toMatchObject({
      problem: { message: expect.stringContaining("8 MiB") as string },
    });
    expect(await store.exposure(bucket)).toMatchObject({ state: "unknown" });
    expect(await store.accountBlock()).toMatchObject({ state: "unknown" });
  });

  test("packed as it was not asked for, a policy is read all the same", async () => {
    for (const [encoding, body] of [
      ["gzip", gzipSync(policy)],
      ["x-gzip", gzipSync(policy)],
      ["deflate", deflateSync(policy)],
      ["identity", policy],
    ] as const) {
      const { live } = await readFrom(answering(200, body, { "content-encoding": encoding }));
      expect(live).toMatchObject({ state: "policy", body: policy });
    }
  });

  test.each<[string, Behaviour, string]>([
    [
      "packed in another way",
      answering(200, brotliCompressSync(policy), { "content-encoding": "br" }),
      "unknown encoding `br`",
    ],
    [
      "packed twice",
      answering(200, policy, { "content-encoding": "gzip, gzip" }),
      "unknown encoding `gzip, gzip`",
    ],
    [
      "not packed as it says",
      answering(200, policy, { "content-encoding": "gzip" }),
      "no complete answer from",
    ],
    [
      "packed and cut off",
      answering(200, gzipSync(policy.padEnd(10_000, "x")).subarray(0, 40), { "content-encoding": "gzip" }),
      "no complete answer from",
    ],
  ])("%s, it is unreadable", async (_, behave, message) => {
    expect((await readFrom(behave)).live).toMatchObject(unreadable(message));
  });
});

describe("a wait for an answer ends", () => {
  test.each<[string, Behaviour, string]>([
    ["a body that drips", dripping(200, "a", 20), "did not end in time"],
    ["a body that stops", (_, response) => response.writeHead(200).write(policy), "did not end in time"],
    ["no head", () => undefined, "did not answer in time"],
    [
      "a head that drips",
      ({ socket }) => {
        socket.write("HTTP/1.1 200 OK\r\n");
        const timer = setInterval(() => socket.write("X-A: b\r\n"), 20);
        socket.once("close", () => clearInterval(timer));
      },
      "did not answer in time",
    ],
    [
      "heads of continuation without an end",
      ({ socket }) => {
        const timer = setInterval(() => socket.write("HTTP/1.1 100 Continue\r\n\r\n"), 20);
        socket.once("close", () => clearInterval(timer));
      },
      "did not answer in time",
    ],
  ])("%s", async (_, behave, message) => {
    const from = performance.now();
    const { live } = await readFrom(behave, 300);
    expect(live).toMatchObject(unreadable(message));
    expect(performance.now() - from).toBeLessThan(20_000);
  });

  test("a head without an end is refused", async () => {
    const { live } = await readFrom(({ socket }) => {
      const go = () => {
        while (socket.writable && socket.write(`X-A: ${"b".repeat(10_000)}\r\n`));
        if (socket.writable) socket.once("drain", go);
      };
      socket.write("HTTP/1.1 200 OK\r\n");
      go();
    });
    expect(live).toMatchObject(unreadable("(Header overflow)"));
  });
});

describe("no redirect is followed", () => {
  test.each([301, 302, 303, 307, 308])("%s", async (status) => {
    const other = await hostileOss(answering(404, errorDocument("NoSuchBucketPolicy")));
    const { live, oss } = await readFrom(answering(status, "", { location: `${other.url}/x` }));
    expect(live).toMatchObject(unreadable(`OSS answered ${status}`));
    expect([oss.requests.length, other.requests.length]).toEqual([1, 0]);
  });
});

describe("a list of buckets is bounded", () => {
  const page = (count: number, rest: string) =>
    `<ListAllMyBucketsResult><Owner><ID>1</ID></Owner><Buckets>${"<Bucket><Name>a-b</Name><Region>cn-x</Region></Bucket>".repeat(count)}</Buckets>${rest}</ListAllMyBucketsResult>`;

  test("a page has as many as were asked for, at most", async () => {
    const oss = await hostileOss(answering(200, page(1_001, "")));
    expect(await storeOver(oss.url).list()).toHaveProperty("problem");
  });

  test("there are so many pages, at most", async () => {
    let count = 0;
    const oss = await hostileOss((request, response) => {
      count += 1;
      const marker = `m${String(count).padStart(9, "0")}`;
      answering(200, page(1, `<IsTruncated>true</IsTruncated><NextMarker>${marker}</NextMarker>`))(
        request,
        response,
      );
    });
    expect(await storeOver(oss.url).list()).toMatchObject({
      problem: { message: "the list of buckets that OSS sent does not end" },
    });
    expect(oss.requests.length).toBe(200);
  });

  test.each([
    ["says twice whether it is the last", "<IsTruncated>false</IsTruncated><IsTruncated>true</IsTruncated>"],
    ["says it in other words", "<IsTruncated>yes</IsTruncated>"],
    ["is not the last and names no next", "<IsTruncated>true</IsTruncated>"],
  ])("a page that %s is a problem, never a shorter list", async (_, rest) => {
    const oss = await hostileOss(answering(200, page(1, rest)));
    expect(await storeOver(oss.url).list()).toHaveProperty("problem");
  });
});

test("a long message is cut", async () => {
  const { live } = await readFrom(
    answering(403, `<Error><Code>A</Code><Message>${"long ".repeat(100_000)}</Message></Error>`),
  );
  expect(live.state === "unreadable" && live.problem.message.length).toBeLessThan(1_100);
});
