import { spawn } from "node:child_process";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import type { applyPlan } from "../../src/apply/apply.ts";
import { mutant } from "../support/mutant.ts";
import { accountFile, environmentOf, writeTree } from "../support/run-cli.ts";
import { runs } from "../support/runs.ts";
import { sandboxWith } from "../support/store.ts";
import type { simulate } from "./simulate.ts";

interface Simulation {
  readonly applyPlan: typeof applyPlan;
  readonly simulate: typeof simulate;
}

/** The product and its simulation, with one text of one file replaced. */
async function simulationWith(file: string, from: string, to: string): Promise<Simulation> {
  const entry =
    'export { applyPlan } from "./src/apply/apply.ts"; export { simulate } from "./test/simulation/simulate.ts";';
  const bundle = await mutant({ file, from, to }, "entry.ts", entry);
  return (await import(pathToFileURL(bundle).href)) as Simulation;
}

/** What the first of many seeds that fails says; empty where none does. */
async function firstFailure({ applyPlan, simulate }: Simulation, most = 3_000): Promise<string> {
  for (let seed = 1; seed <= most; seed += 1) {
    const failure = await simulate(seed, applyPlan).then(() => "", String);
    if (failure !== "") return failure;
  }
  return "";
}

test("as it is, nothing is broken", async () => {
  expect(
    await firstFailure(
      await simulationWith("apply/apply.ts", "const stale: WriteEnd", "const  stale: WriteEnd"),
      runs(30, 200),
    ),
  ).toBe("");
}, 60_000);

const mutants: readonly (readonly [name: string, file: string, from: string, to: string, failure: string])[] =
  [
    [
      "without the comparison of what was read again",
      "apply/apply.ts",
      "  if (digest !== change.digests.live) return stale;\n  if (options.isStopped",
      "  if (options.isStopped",
      "was written after a read that showed",
    ],
    [
      "without the line in the journal",
      "apply/apply.ts",
      "journaled(options.journal, beforeOf(change, live))",
      "undefined as string | undefined",
      "was written with nothing in the journal",
    ],
    [
      "without the read-back",
      "apply/apply.ts",
      'if (answer.kind === "done") return readBack(change, store, options.clock);',
      'if (answer.kind === "done") return { result: "applied", message: "" };',
      "is told as applied, and never was",
    ],
    [
      "with an unreadable policy taken for none",
      "policy/live.ts",
      'return live.state === "policy" || live.state === "none" ? policyDigest(canonicalLive(live)) : undefined;',
      'return policyDigest(live.state === "policy" ? canonicalLive(live) : "none");',
      "was written after a read that showed",
    ],
    [
      "with a write sent again before it is known what became of the one before",
      "apply/apply.ts",
      "if (end !== undefined) return end;",
      'if (end !== undefined && answer.kind !== "unknown") return end;',
      "was written",
    ],
    [
      "with a write sent again in the same breath",
      "apply/apply.ts",
      "    const { live } = await store.get(change);\n    const end",
      '    if (answer.kind === "unknown" && lost < maxLost) continue;\n    const { live } = await store.get(change);\n    const end',
      "was written again with no look at what the lost write did",
    ],
    [
      "with a throttled write sent again however old the read is",
      "oss/retry.ts",
      "clock.now() - startedAt > freshForMs || (isHurried && tries > 1) ? tooLate : call()",
      "call()",
      "was written long after it was read",
    ],
    [
      "with what is blocked written",
      "apply/apply.ts",
      'if (change.blocked) return { result: "blocked", message: blockReason(change) };',
      'if (change.blocked && change.bucket === "") return { result: "blocked", message: blockReason(change) };',
      "more buckets were written than the limits of the account allow",
    ],
    [
      "with another spelling in the journal than the one that stood there",
      "apply/apply.ts",
      'const body = live.state === "policy" ? live.body :',
      'const body = live.state === "policy" ? JSON.stringify(JSON.parse(live.body)) :',
      "the journal has of",
    ],
    [
      "with a write told as nothing that was to be done",
      "apply/apply.ts",
      'if (answer.kind === "done") return readBack(change, store, options.clock);',
      'if (answer.kind === "done") return { result: "unchanged", message: "" };',
      "is unchanged, and was written",
    ],
    [
      "with writes after the user asked to stop",
      "apply/apply.ts",
      "if (options.isStopped()) return notAttempted;\n  const problem",
      "const problem",
      "was begun after the run was asked to stop",
    ],
  ];

test.each(mutants)(
  "%s, a promise is broken",
  async (_, file, from, to, message) => {
    const failure = await firstFailure(await simulationWith(file, from, to));
    expect(failure).toContain("BrokenPromise");
    expect(failure).toContain(message);
  },
  60_000,
);

const answers: readonly (readonly [name: string, to: string, told: string])[] = [
  ["as it is, a missing bucket is unreadable", 'code === "NoSuchBucketPolicy") return', "1 unreadable."],
  ["with any 404 taken for no policy, it would be given one", "code !== undefined) return", "1 to create"],
];

test.each(answers)("%s", async (_, to, told) => {
  const from = 'code === "NoSuchBucketPolicy") return';
  const cli = await mutant({ file: "oss/wire.ts", from, to }, "src/cli.ts");
  const sandbox = await sandboxWith({});
  const tree = writeTree({
    "account.yaml": accountFile,
    "gone.yaml":
      'bucket: gone\npolicy: { Version: "1", Statement: [{ Effect: Deny, Principal: ["1"], Action: "oss:GetObject", Resource: "acs:oss:*:*:gone/*" }] }\n',
  });
  const child = spawn(process.execPath, [cli, "plan", "--policies", tree], {
    env: { ...environmentOf(sandbox), PATH: process.env["PATH"] },
  });
  let output = "";
  child.stdout.on("data", (part: Buffer) => (output += part.toString()));
  await new Promise((resolve) => child.on("close", resolve));
  expect(output).toContain(told);
});
