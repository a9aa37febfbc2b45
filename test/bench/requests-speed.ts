import { execFileSync } from "node:child_process";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { createGzip } from "node:zlib";
import { measuredProcess, median, withFiles, type Row } from "./measure.ts";

const loop = fileURLToPath(new URL("requests-loop.js", import.meta.url));

/** Requests of the generated log. `OSS_POLICY_BENCH_REQUESTS` sets another number. */
const count = Number(process.env.OSS_POLICY_BENCH_REQUESTS ?? 10_000_000);

/** Reads a log of many requests. The yardstick is to unzip it and count its lines. */
export async function requestsSpeed(): Promise<readonly Row[]> {
  return withFiles({}, async (folder) => {
    const path = join(folder, "log.gz");
    await pipeline(Readable.from(parts()), createGzip({ level: 6 }), createWriteStream(path));
    const [ours, theirs, peaks]: [number[], number[], number[]] = [[], [], []];
    for (let round = 0; round < 3; round += 1) {
      const start = performance.now();
      execFileSync("sh", ["-c", 'zcat "$0" | wc -l', path]);
      theirs.push(performance.now() - start);
      const { ms, peakMb, text } = await measuredProcess([loop, path]);
      ours.push(ms);
      peaks.push(peakMb);
      if (!text.includes(`"read":${count}`)) throw new Error(text);
    }
    const [ms, yardstickMs] = [median(ours), median(theirs)];
    const peakMb = Math.max(...peaks);
    return [
      {
        work: `read ${count.toLocaleString("en")} requests, peak ${peakMb.toFixed(0)} MB`,
        yardstick: `zcat | wc -l ${(yardstickMs / 1_000).toFixed(1)} s`,
        figure: `${(ms / 1_000).toFixed(1)} s, ${(ms / yardstickMs).toFixed(1)} times`,
        wanted: "at most 4 times, 200 MB",
      },
    ];
  });
}

const owner = "1746495857600001";
const operations = [
  ["GET", "GetObject", ""],
  ["PUT", "PutObject", ""],
  ["HEAD", "HeadObject", ""],
  ["POST", "CompleteUploadPart", "?uploadId=0004B9895DBBB6EC98E36"],
  ["DELETE", "DeleteObject", ""],
] as const;

/** Lines of 20 buckets and 500 clients, in parts of 1,000. Numbers that look random keep gzip from doing too well. */
function* parts(): Generator<string> {
  let seed = 1;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    return Math.floor((seed / 0x80000000) * below);
  };
  for (let from = 0; from < count; from += 1_000) {
    const lines = Array.from({ length: Math.min(1_000, count - from) }, (_, index) =>
      line(from + index, random),
    );
    yield lines.join("");
  }
}

function line(index: number, random: (below: number) => number): string {
  const client = random(500);
  const bucket = `data-${random(20)}`;
  const [method, operation, query] = operations[random(operations.length)] ?? operations[0];
  const key = `raw/2026-11-${10 + random(18)}/part-${random(1_000_000)}.parquet`;
  const requestId = (random(2 ** 31 - 1) * 65_537).toString(16).toUpperCase().padStart(24, "6");
  const time = new Date(1_780_000_000_000 + Math.floor(index / 100) * 1_000).toISOString();
  const [requester, accessKey] =
    client % 3 === 0
      ? [`30002401680328${1_000 + client}`, `STS.NTx${client}y`]
      : [`20733844${10_000 + client}`, `LTAI5tExample${client}`];
  return `10.7.${client % 256}.${client % 7} - - [${time.slice(8, 10)}/Jun/${time.slice(0, 4)}:${time.slice(11, 19)} +0800] "${method} /${key}${query} HTTP/1.1" 200 ${random(1_000_000)} ${random(900)} "-" "aliyun-sdk-java/3.17.${client % 9}(Linux/5.10/amd64;17.0.${client % 5})" "${bucket}.oss-cn-hangzhou-internal.aliyuncs.com" "${requestId}" "true" "${requester}" "${operation}" "${bucket}" "${key}" ${random(1_000_000)} ${random(300)} "-" ${random(900)} "${owner}" - "-" "standard" "-" "-" "${accessKey}" "-"\n`;
}
