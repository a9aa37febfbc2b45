import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Seed } from "../../src/sandbox/seed/seed.ts";
import { sandboxKey } from "../../src/sandbox/seed/seed.ts";
import { startSandbox } from "../../src/sandbox/server.ts";
import type { JsonObject } from "../../src/policy/json.ts";
import { accountFile, environmentOf, runCli, writeTree } from "../support/run-cli.ts";
import { rawCall, signedCall } from "../support/sandbox.ts";

const account = "1746495857600001";
const uids = { etl: "202147604049350001", reader: "202147604049350002" };
const keys = {
  etl: { id: "etl-key", secret: "etl-secret" },
  reader: { id: "reader-key", secret: "reader-secret" },
};

const statement = (
  effect: string,
  principal: string,
  actions: readonly string[],
  name: string,
): JsonObject => ({
  Effect: effect,
  Principal: [principal],
  Action: actions,
  Resource: [`acs:oss:*:*:${name}`],
});
const objects = ["oss:PutObject", "oss:GetObject", "oss:DeleteObject"];
const etlAll = statement("Allow", uids.etl, objects, "data/*");
const readerReads = statement("Allow", uids.reader, ["oss:GetObject"], "data/*");
const everyoneLists = statement("Allow", "*", ["oss:ListObjects"], "data");
const policyOf = (...statements: readonly JsonObject[]) => ({ Version: "1", Statement: statements });

const live = policyOf(etlAll, readerReads, everyoneLists);
/** Etl may delete only below tmp/, nobody reads secret/, the reader reads raw/ alone, and the listing is no longer public. */
const wanted = policyOf(
  etlAll,
  statement("Allow", uids.reader, ["oss:GetObject"], "data/raw/*"),
  statement("Deny", uids.etl, ["oss:DeleteObject"], "data/raw/*"),
);

const seed: Seed = {
  account,
  keys: [sandboxKey],
  accounts: [
    {
      uid: account,
      users: [
        { name: "etl", uid: uids.etl, keys: [keys.etl], policies: [] },
        // RAM lets the reader read all that the bucket's policy no longer does.
        {
          name: "reader",
          uid: uids.reader,
          keys: [keys.reader],
          policies: [
            policyOf({ Effect: "Allow", Action: "oss:GetObject", Resource: "acs:oss:*:*:data/web/*" }),
          ],
        },
      ],
    },
  ],
  buckets: [{ name: "data", region: "cn-hangzhou", policy: JSON.stringify(live) }],
  faults: [],
};

type Who = keyof typeof keys | "anonymous";

interface WorkedCall {
  readonly who: Who;
  readonly method: string;
  readonly key: string;
}

/** A day of work: every object is written first, so that reads and deletes find it on each run. */
const work: readonly WorkedCall[] = [
  ...["raw/a.csv", "raw/2026/b.csv", "tmp/x", "web/i.html", "top"].flatMap((key): WorkedCall[] => [
    { who: "etl", method: "PUT", key },
    { who: "etl", method: "GET", key },
    { who: "reader", method: "GET", key },
    { who: "etl", method: "DELETE", key },
  ]),
  { who: "anonymous", method: "GET", key: "" },
];

async function day(port: number): Promise<ReadonlyMap<WorkedCall, boolean>> {
  const outcomes = new Map<WorkedCall, boolean>();
  for (const call of work) {
    const { who, method, key } = call;
    const given = { method, ...(method === "PUT" ? { body: "x" } : {}) };
    const host = "data.oss-cn-hangzhou.aliyuncs.com";
    const { status } =
      who === "anonymous"
        ? await rawCall(port, { ...given, path: `/${key}`, headers: { host } })
        : await signedCall(port, { ...given, bucket: "data", key, signer: keys[who] });
    outcomes.set(call, status < 400);
  }
  return outcomes;
}

interface PredictedEffect {
  readonly effect: string;
  readonly caller: string;
  readonly action: string;
  readonly prefix: string;
  readonly count: number;
}

test("what a plan predicts from the log of a client, the same client observes after the apply", async () => {
  const logFile = join(writeTree({}), "access.log");
  const sandbox = await startSandbox({ seed, logFile });
  onTestFinished(() => sandbox.close());
  const before = await day(sandbox.port);
  expect([...before.values()]).toEqual(work.map(() => true));

  const folder = writeTree({
    "account.yaml": `${accountFile}identities: { etl: "${uids.etl}", reader: "${uids.reader}" }\n`,
    "data.yaml": `bucket: data\nregion: cn-hangzhou\npolicy: ${JSON.stringify(wanted)}\n`,
  });
  const json = join(folder, "plan.json");
  const env = environmentOf(sandbox);
  // The sandbox logs the reads of the plan itself, too.
  const shipped = join(writeTree({}), "shipped");
  await expect.poll(() => readFileSync(logFile, "utf8").split("\n").length).toBe(work.length + 1);
  copyFileSync(logFile, shipped);
  const words = ["--policies", folder, "--requests", shipped, "--bucket", "data"];
  await runCli(["plan", ...words, "--json", json], { env });
  const document = JSON.parse(readFileSync(json, "utf8")) as {
    changes: readonly { requests: { total: number; effects: readonly PredictedEffect[] } }[];
  };
  const { total, effects } = document.changes[0]?.requests ?? { total: 0, effects: [] };
  expect(total).toBe(work.length);
  expect(
    effects.map(({ effect, caller, action, prefix, count }) => [effect, caller, action, prefix, count]),
  ).toEqual([
    ["refused", uids.etl, "oss:DeleteObject", "raw/", 2],
    ["refused", "anonymous", "oss:ListObjects", "", 1],
    ["loses-allow", uids.reader, "oss:GetObject", "", 1],
    ["loses-allow", uids.reader, "oss:GetObject", "tmp/", 1],
    ["loses-allow", uids.reader, "oss:GetObject", "web/", 1],
  ]);

  const applied = await runCli(["apply", "--policies", folder, "--yes"], { env });
  expect(applied.code, applied.stdout + applied.stderr).toBe(0);
  const after = await day(sandbox.port);
  const actions: Readonly<Record<string, string>> = {
    PUT: "PutObject",
    GET: "GetObject",
    DELETE: "DeleteObject",
  };
  for (const [{ who, method, key }, isDone] of after) {
    const caller = who === "anonymous" ? who : uids[who];
    const action = `oss:${key === "" ? "ListObjects" : (actions[method] ?? "")}`;
    const prefix = key.slice(0, key.indexOf("/") + 1);
    const effect = effects.find(
      (one) => one.caller === caller && one.action === action && one.prefix === prefix,
    )?.effect;
    const name = `${who} ${method} ${key} ${effect ?? "unchanged"}`;
    // What lost the policy's allow is refused, but for what RAM allows: under web/.
    expect(isDone, name).toBe(effect === undefined || (effect === "loses-allow" && prefix === "web/"));
  }
});
