import { createWriteStream, readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { expect, test } from "vitest";
import { evaluate } from "../../src/access/evaluate.ts";
import { interpretationsOf, openQuestionsIn } from "../../src/access/interpretations.ts";
import type { Decision } from "../../src/access/request.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { accountFile, environmentOf, runCli, writeTree } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";
import {
  bucket,
  foreignAccount,
  knownWorld,
  live,
  liveText,
  readers,
  wanted,
  wantedText,
  type TrueRequest,
} from "./known-world.ts";

/** Lines of the log; the documents have the figures for 10,000,000. */
const lineCount = Number(process.env["OSS_POLICY_LOG_LINES"] ?? 150_000);

const interpretations = interpretationsOf(openQuestionsIn([live, wanted], bucket));

interface Decided {
  readonly before: Decision;
  readonly after: Decision;
}

/** Everything that the log of a request leaves open, tried out. */
function possibilities({ source, caller, ip, vpc, isTls, timeMs }: TrueRequest) {
  const time: [string, string] = ["acs:CurrentTime", new Date(timeMs).toISOString()];
  const of = (principal: string, network: string | undefined, tls: boolean) => ({
    principal,
    context: new Map([
      time,
      ["acs:SourceIp", ip],
      ["acs:SecureTransport", String(tls)],
      ...(network === undefined ? [] : [["acs:SourceVpc", network] as const]),
    ] as [string, string][]),
  });
  if (source === "sls") return [of(caller.principal, vpc, isTls)];
  const sessions = caller.counted.file.startsWith("role:")
    ? [`${readers}/alice`, `${readers}/bob`, `arn:sts::${foreignAccount}:assumed-role/other/x`]
    : [caller.principal];
  return sessions.flatMap((principal) =>
    ["vpc-1", "vpc-3", undefined].flatMap((network) =>
      [true, false].map((tls) => of(principal, network, tls)),
    ),
  );
}

/** The effect in the words of the documents: what the evaluator decides, and who else may allow the request. */
function effectOf(request: TrueRequest): string {
  const decide = (
    policy: Policy,
    index: number,
    one: ReturnType<typeof possibilities>[number],
    key: string,
  ) =>
    evaluate(policy, { ...one, action: request.action, resource: key }, bucket, interpretations[index])
      .decision;
  const possibleKeys = request.key === undefined ? ["raw/x", "tmp/x", "open/x", "x"] : [request.key];
  const all = possibleKeys.flatMap((key) =>
    possibilities(request).flatMap((one) =>
      interpretations.map((_, index): Decided => ({
        before: decide(live, index, one, key),
        after: decide(wanted, index, one, key),
      })),
    ),
  );
  const { principal, account } = request.caller;
  const isForeign = principal === "anonymous" || (request.source === "sls" && account === foreignAccount);
  // The bucket is private, and no ACL of an object is read.
  const isAlone = isForeign && request.key === "";
  const turns = new Set(
    all.map(({ before, after }) => {
      if (after === "deny" && before !== "deny") return "refused";
      if (principal === "owner" || before === after) return "unchanged";
      if (before === "allow") return isAlone ? "refused" : "loses-allow";
      return after === "allow" ? "gains-allow" : "unchanged";
    }),
  );
  const [only = "", ...others] = turns;
  if (others.length === 0) return only;
  const isLost = all.every(({ before, after }) => before === "allow" && after !== "allow");
  return isLost && principal !== "owner" ? "loses-allow" : "depends";
}

class Tally {
  readonly effects = new Map<string, number>();
  readonly skipped = new Map<string, number>();
  readonly ofAction = new Map<string, number>();
  read = 0;
  used = 0;

  add(request: TrueRequest): void {
    const caller = request.caller.counted[request.source];
    const who = `${caller} ${request.action}`;
    this.used += 1;
    count(this.ofAction, who);
    const effect = effectOf(request);
    const prefix = request.key === undefined ? "?" : request.key.slice(0, request.key.indexOf("/") + 1);
    if (effect !== "unchanged") count(this.effects, `${effect} ${who} ${prefix}`);
  }
}

function count(map: Map<string, number>, key: string): void {
  map.set(key, (map.get(key) ?? 0) + 1);
}

/** Lines of the world, which are counted as they are written. */
function* linesOf(tally: Tally): Generator<string> {
  let part: string[] = [];
  for (const { lines, requests, skipped } of knownWorld(19)) {
    for (const request of requests) tally.add(request);
    if (skipped !== undefined) count(tally.skipped, skipped);
    part.push(...lines);
    // Of the lines of a delete of many keys, the first one is no request of its own.
    tally.read += requests.length + (skipped === undefined ? 0 : 1);
    if (part.length < 1_000) continue;
    yield `${part.join("\n")}\n`;
    part = [];
    if (tally.read >= lineCount) return;
  }
}

interface PlanOfWorld {
  readonly requests: { readonly read: number; readonly used: number; readonly skipped: object };
  readonly changes: readonly {
    readonly requests: {
      readonly total: number;
      readonly effects: readonly {
        readonly effect: string;
        readonly caller: string;
        readonly action: string;
        readonly prefix: string;
        readonly count: number;
        readonly of: number;
      }[];
    };
  }[];
}

test("the counts of a log from a known world are those of the evaluator, line by line", async () => {
  const tally = new Tally();
  const folder = writeTree({
    "account.yaml": accountFile,
    "data.yaml": `bucket: data\nregion: cn-hangzhou\npolicy: ${wantedText}\n`,
  });
  const out = writeTree({});
  const [log, json] = [join(out, "log.gz"), join(out, "plan.json")];
  await pipeline(Readable.from(linesOf(tally)), createGzip({ level: 1 }), createWriteStream(log));
  const sandbox = await sandboxWith({ buckets: [{ name: "data", region: "cn-hangzhou", policy: liveText }] });
  await runCli(["plan", "--policies", folder, "--requests", log, "--json", json], {
    env: environmentOf(sandbox),
  });
  const { requests, changes } = JSON.parse(readFileSync(json, "utf8")) as PlanOfWorld;
  const found = changes[0]?.requests;
  expect(requests).toMatchObject({
    read: tally.read,
    used: tally.used,
    skipped: Object.fromEntries(tally.skipped),
  });
  expect(found?.total).toBe(tally.used);
  const effects = found?.effects ?? [];
  const counts = new Map<string, number>();
  for (const { effect, caller, action, prefix, count: own, of } of effects) {
    const key = `${effect} ${caller} ${action} ${prefix}`;
    counts.set(key, (counts.get(key) ?? 0) + own);
    expect(of, key).toBe(tally.ofAction.get(`${caller} ${action}`));
  }
  expect(Object.fromEntries(counts)).toEqual(Object.fromEntries(tally.effects));
  const kinds = new Set([...tally.effects.keys()].map((key) => key.split(" ")[0]));
  expect([...kinds].sort()).toEqual(["depends", "gains-allow", "loses-allow", "refused"]);
  expect(tally.skipped.size).toBe(4);
});
