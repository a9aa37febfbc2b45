// Program of the benchmark `requests`: reads a log, and replays it against a change of the policy of each bucket.
import { requestNames } from "../../src/plan/class-table.ts";
import { replay, type Replay } from "../../src/plan/replay.ts";
import { canonicalPolicy } from "../../src/policy/policy.ts";
import { readRequests } from "../../src/requests/read-requests.ts";

const names = requestNames();
const owner = "1746495857600001";

/** A change of a size that policies have: conditions on what the log does not say, and some prefixes of keys. */
function changeOf(bucket: string): Replay {
  const of = (key: string) => [`acs:oss:*:*:${bucket}`, `acs:oss:*:*:${bucket}/${key}`];
  const base = [
    { Effect: "Allow", Principal: ["*"], Action: ["oss:GetObject"], Resource: of("*") },
    {
      Effect: "Allow",
      Principal: [`arn:sts::${owner}:assumed-role/etl/*`],
      Action: ["oss:PutObject", "oss:DeleteObject"],
      Resource: of("raw/*"),
      Condition: { StringEquals: { "acs:SourceVpc": ["vpc-1", "vpc-2"] } },
    },
  ];
  const narrow = {
    Effect: "Deny",
    Principal: ["*"],
    Action: ["oss:*"],
    Resource: of("*/private/*"),
    Condition: {
      NotIpAddress: { "acs:SourceIp": ["10.0.0.0/8"] },
      Bool: { "acs:SecureTransport": ["true"] },
    },
  };
  const change = {
    before: canonicalPolicy({ Version: "1", Statement: base }),
    after: canonicalPolicy({ Version: "1", Statement: [...base.slice(1), narrow] }),
    bucket: { name: bucket, owner },
    names: new Map(),
    acls: "objects",
  } as const;
  return replay(change, names);
}

const replays = new Map<string, Replay>();
const read = await readRequests(
  process.argv.slice(2),
  {},
  () => process.stdin,
  (request) => {
    let running = replays.get(request.bucket);
    if (running === undefined) replays.set(request.bucket, (running = changeOf(request.bucket)));
    running.add(request);
  },
);
if ("problems" in read) throw new Error(JSON.stringify(read.problems));
const effects = [...replays.values()].flatMap((one) => one.result().effects);
console.log(JSON.stringify({ ...read.counts, buckets: replays.size, effects: effects.length }));
