import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { conformanceCases } from "../../src/conformance/cases/index.ts";
import { openQuestions, type Interpretation, type OpenQuestion } from "../../src/policy/open-questions.ts";
import { contentOf, observe, scratchSandbox, untouched } from "../support/conformance.ts";
import { runCli, writeTree } from "../support/run-cli.ts";

const names = Object.keys(openQuestions) as OpenQuestion[];
const positions = names.flatMap((name) => openQuestions[name].map((position) => [name, position] as const));

/** The sandbox decides the owner by the likeliest position, since it could not repair its policy otherwise. */
const ofOwner: readonly OpenQuestion[] = ["emptyCondition", "mixedPrincipals", "ownerNamed"];

/** What a sandbox shows in which only some positions are set. */
function shown(interpretation: Partial<Interpretation>) {
  return Object.fromEntries(
    names.map((name) => [
      name,
      interpretation[name] ?? (ofOwner.includes(name) ? openQuestions[name][0] : undefined),
    ]),
  );
}

async function found(interpretation: Partial<Interpretation>) {
  const sandbox = await scratchSandbox({ interpretation });
  const { code, json, stdout } = await observe(sandbox);
  expect(code, stdout).toBe(0);
  expect(await contentOf(sandbox)).toEqual(untouched);
  return Object.fromEntries(Object.entries(json().questions).map(([name, one]) => [name, one.position]));
}

// A case whose policy or request does not test its question, or whose observations are swapped, fails here.
describe("against a sandbox with one position, the kit finds just that position", () => {
  test.each(positions)("%s: %s", async (name, position) => {
    expect(await found({ [name]: position })).toEqual(shown({ [name]: position }));
  });
});

// Cases that depend on a second question would show another position where both are set.
test.each([0, 1, 2])("and all of them where all are set, by any choice (%i)", async (choice) => {
  const all = Object.fromEntries(
    names.map((name, index) => {
      const some = openQuestions[name];
      return [name, some[(choice + (choice === 2 ? index : 0)) % some.length]];
    }),
  ) as unknown as Interpretation;
  expect(await found(all)).toEqual(all);
});

test("there are at least 40 cases, each with its question, its facts and what each observation means", () => {
  expect(conformanceCases.length).toBeGreaterThanOrEqual(40);
  expect(new Set(conformanceCases.map(({ id }) => id)).size).toBe(conformanceCases.length);
  for (const one of conformanceCases) {
    expect(one.question).toMatch(/\?$/);
    expect(one.facts).toMatch(/^[A\d]/);
    const { settles, observations } = one;
    expect(Object.keys(observations).length, one.id).toBeGreaterThan(0);
    for (const { position } of Object.values(observations))
      if (position !== undefined) expect(openQuestions[settles ?? "absentKey"]).toContain(position);
  }
  const settled = new Set(conformanceCases.flatMap(({ settles }) => settles ?? []));
  expect([...settled].sort()).toEqual([...names].sort());
});

test("the file of a run is what account.yaml can name", async () => {
  const sandbox = await scratchSandbox({ interpretation: { namedRegion: "never matches" } });
  const { folder } = await observe(sandbox);
  // What a server on this machine did is refused, so the file gets the address that OSS would have.
  const text = readFileSync(join(folder, "interpretations.yaml"), "utf8").replace(
    /^endpoint: .*$/m,
    "endpoint: https://oss-cn-hangzhou.aliyuncs.com",
  );
  const policies = writeTree({
    "account.yaml":
      'account: "1746495857600001"\nregion: cn-hangzhou\ninterpretations: interpretations.yaml\n',
    "interpretations.yaml": text,
    "data.yaml": `bucket: data\npolicy: {"Version":"1","Statement":[{"Effect":"Allow","Principal":["*"],"Action":["oss:GetObject"],"Resource":["acs:oss:cn-hangzhou:*:data/*"]}]}\n`,
  });
  const { stdout } = await runCli([
    "access",
    "can",
    "anonymous",
    "oss:GetObject",
    "data/x",
    "--policies",
    policies,
  ]);
  expect(stdout).toContain("never matches (observed in cn-hangzhou on 2026-06-01)");
});
