import { accessDifference } from "../../src/access/difference.ts";
import { parseDesired } from "../../src/desired/desired.ts";
import type { DesiredBucket } from "../../src/desired/bucket-file.ts";
import { accessHazards } from "../../src/plan/access-hazards.ts";
import { knownPrincipals } from "../../src/plan/known-principals.ts";
import { editedPairs } from "./access-speed.ts";

const count = 500;

/** CPU time of this process in milliseconds, without time in which another process has the core. */
const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

function bucketOf(): DesiredBucket {
  const files = {
    "account.yaml":
      'account: "1746495857600001"\nregion: cn-hangzhou\nidentities: { team: "202147604049350000" }\n',
    "one.yaml": "bucket: examplebucket\npolicy: none\n",
  };
  const [bucket] = parseDesired(Object.entries(files).map(([path, text]) => ({ path, text }))).buckets;
  if (bucket === undefined) throw new Error("the tree has a bucket");
  return bucket;
}

/** The hazards of what changes give, beside the difference that they are decided on. */
export function hazardSpeed(): Promise<void> {
  const bucket = bucketOf();
  const known = knownPrincipals([bucket.account], [], []);
  const gate = { today: "2026-01-01", accepted: [], forbidsGains: false, refusals: () => [] };
  const pairs = editedPairs(count, 3);
  const start = cpuMs();
  const differences = pairs.map(([before, after]) =>
    accessDifference(before, after, { name: bucket.bucket, owner: bucket.account.uid }),
  );
  const middle = cpuMs();
  const codes = new Map<string, number>();
  for (const [index, [before, after]] of pairs.entries()) {
    const access = differences[index];
    if (access === undefined) continue;
    for (const { code } of accessHazards({ bucket, before, after, access, gate, known }))
      codes.set(code, (codes.get(code) ?? 0) + 1);
  }
  const end = cpuMs();
  const [analysis, hazards] = [middle - start, end - middle];
  console.log("hazards of access:");
  console.log(
    `  ${count} distinct edits of 20 statements: difference ${analysis.toFixed(0)} ms of CPU, hazards ${hazards.toFixed(0)} ms, ratio ${(hazards / analysis).toFixed(2)}; to beat: 0.50`,
  );
  console.log(`  ${[...codes].map(([code, found]) => `${found} ${code}`).join(", ")}`);
  return Promise.resolve();
}
