import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseJournal } from "../../src/apply/journal.ts";
import type { FaultEffect, FaultRule } from "../../src/sandbox/faults/faults.ts";
import type { Sandbox } from "../../src/sandbox/server.ts";
import { chanceOf } from "../simulation/cloud.ts";
import { accountFile, environmentOf, runCli, writeTree } from "../support/run-cli.ts";
import { runs } from "../support/runs.ts";
import { sandboxWith } from "../support/store.ts";

const names = Array.from({ length: 9 }, (_, index) => `bucket-${index}`);
const policy = (name: string, action: string) =>
  `{ "Version": "1", "Statement": [{"Effect":"Allow","Principal":["2"],"Action":["${action}"],"Resource":["acs:oss:*:*:${name}/*"]}]}`;
const stood = (name: string) => policy(name, "oss:PutObject");
const wanted = (name: string) => (name.endsWith("0") ? undefined : policy(name, "oss:GetObject"));

const serverError = { kind: "status", status: 500, code: "InternalError" } as const;
const effects: readonly FaultEffect[] = [
  serverError,
  { ...serverError, when: "after" },
  { kind: "status", status: 503, code: "ServiceUnavailable", headers: { "Retry-After": "1" } },
  { kind: "status", status: 403, code: "AccessDenied" },
  { kind: "throttle", perSecond: 60 },
  { kind: "throttle", perSecond: 40, status: 429 },
  { kind: "reset", when: "before" },
  { kind: "reset", when: "after" },
  { kind: "truncate", bytes: 20 },
  { kind: "delay", delayMs: 20 },
  { kind: "stale", reads: 2 },
];

/** Some of the effects, each on a part of the calls. */
function weather(chance: () => number): readonly FaultRule[] {
  return effects
    .filter(() => chance() < 0.4)
    .map((effect) => ({ ...(effect.kind === "throttle" ? {} : { probability: 0.3 * chance() }), effect }));
}

function isAsked(sandbox: Sandbox, name: string): boolean {
  const now = sandbox.policyOf(name);
  const asked = wanted(name);
  return now === undefined || asked === undefined
    ? now === asked
    : JSON.stringify(JSON.parse(now)) === JSON.stringify(JSON.parse(asked));
}

test("in any weather: what is told is true, the next run converges, and the journal restores", async () => {
  const seeds = runs(3, 60);
  const seen = { applied: 0, other: 0 };
  for (let seed = 1; seed <= seeds; seed += 1) {
    const sandbox = await sandboxWith({
      seed,
      buckets: names.map((name) => ({ name, region: "cn-hangzhou", policy: stood(name) })),
    });
    const tree = writeTree({
      "account.yaml": accountFile,
      ...Object.fromEntries(
        names.map((name) => [`${name}.yaml`, `bucket: ${name}\npolicy: ${wanted(name) ?? "none"}\n`]),
      ),
    });
    const journal = join(writeTree({}), "journal.jsonl");
    const words = ["--policies", tree, "--concurrency", "4"];
    const env = environmentOf(sandbox);
    for (const rule of weather(chanceOf(seed))) sandbox.addFault(rule);
    const { code, stdout } = await runCli(["apply", ...words, "--journal", journal, "--json", "-"], { env });
    sandbox.clearFaults();

    const { outcomes } = JSON.parse(stdout) as { outcomes: { bucket: string; result: string }[] };
    expect(outcomes).toHaveLength(names.length);
    expect(code === 0).toBe(outcomes.every(({ result }) => result === "applied" || result === "unchanged"));
    for (const { bucket, result } of outcomes) {
      const isAsIs = sandbox.policyOf(bucket) === stood(bucket);
      const told = `seed ${seed}, ${bucket} is told as ${result}`;
      expect(result === "applied" ? isAsked(sandbox, bucket) : isAsIs || isAsked(sandbox, bucket), told).toBe(
        true,
      );
      if (result === "applied") seen.applied += 1;
      else seen.other += 1;
    }
    const read = existsSync(journal)
      ? parseJournal(readFileSync(journal, "utf8"))
      : { lines: [], broken: [] };
    const kept = ("lines" in read ? read.lines : []).flatMap(({ entry }) =>
      entry.entry === "before" ? [entry] : [],
    );
    expect(kept.every(({ bucket, body }) => body === stood(bucket))).toBe(true);
    const changed = names.filter((name) => sandbox.policyOf(name) !== stood(name));
    expect(kept.map(({ bucket }) => bucket)).toEqual(expect.arrayContaining(changed));

    if (kept.length > 0)
      expect((await runCli(["restore", ...words, "--journal", journal], { env })).code, `seed ${seed}`).toBe(
        0,
      );
    expect(names.filter((name) => sandbox.policyOf(name) !== stood(name))).toEqual([]);
    expect((await runCli(["apply", ...words], { env })).code).toBe(0);
    expect(names.filter((name) => !isAsked(sandbox, name))).toEqual([]);
  }
  // Weather that is always fair, or always foul, would hold nothing.
  expect(seen.applied).toBeGreaterThan(2 * seeds);
  expect(seen.other).toBeGreaterThan(0);
}, 600_000);
