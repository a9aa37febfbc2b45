import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { event } from "../support/events.ts";
import { cli, measuredProcess, withFiles } from "./measure.ts";

const files = {
  "policies/account.yaml": 'account: "1746495857600001"\nregion: cn-hangzhou\n',
  "policies/data.yaml": "bucket: data\npolicy: none\n",
  "seed.json": '{"account":"1746495857600001","buckets":[{"name":"data","region":"cn-hangzhou"}]}',
};

/** Plans with many events: the memory must not grow with them. */
export async function eventsSpeed(): Promise<void> {
  await withFiles(files, async (folder) => {
    const words = [
      cli,
      "plan",
      "--sandbox",
      "--policies",
      join(folder, "policies"),
      "--seed",
      join(folder, "seed.json"),
    ];
    for (const count of [1_000, 100_000, 1_000_000]) {
      const path = join(folder, `${count}.jsonl.gz`);
      await pipeline(Readable.from(lines(count)), createGzip({ level: 1 }), createWriteStream(path));
      const { ms, peakMb } = await measuredProcess([...words, "--events", path]);
      console.log(`${count} events: ${(ms / 1_000).toFixed(1)} s, peak ${peakMb.toFixed(0)} MB`);
    }
  });
}

/** Events of 1,000 buckets, every tenth of which changes a policy. */
function* lines(count: number): Generator<string> {
  for (let index = 0; index < count; index += 1) {
    const eventName = index % 10 === 0 ? "PutBucketPolicy" : "GetBucketInfo";
    const referencedResources = { "ACS::OSS::Bucket": [`bucket-${index % 1_000}`] };
    const eventTime = new Date(1_780_000_000_000 + index * 1_000).toISOString();
    yield `${JSON.stringify(event({ eventName, referencedResources, eventTime }))}\n`;
  }
}
