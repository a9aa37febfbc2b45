import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import type { compareUnder } from "../../src/access/engine/diagram.ts";
import type { evaluate } from "../../src/access/evaluate.ts";
import type { pathsOf, witnessOf } from "./paths.ts";
import { defaultInterpretation, type Interpretation } from "../../src/access/request.ts";
import type { JsonObject } from "../../src/policy/json.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { unsupported } from "../../src/access/unsupported.ts";
import { bucket, pair, policyOf, requests } from "./worlds.ts";
import { wrongRules } from "./wrong-rules.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

interface Engine {
  readonly compareUnder: typeof compareUnder;
  readonly evaluate: typeof evaluate;
  readonly pathsOf: typeof pathsOf;
  readonly witnessOf: typeof witnessOf;
}

/** The room `access` with one text of one file replaced. */
async function engineWith(file: string, from: string, to: string): Promise<Engine> {
  const folder = mkdtempSync(join(tmpdir(), "oss-policy-mutant-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  cpSync(join(root, "src"), join(folder, "src"), { recursive: true });
  const path = join(folder, "src/access", file);
  const text = readFileSync(path, "utf8");
  expect(text.split(from).length, "the text to replace stands there once").toBe(2);
  writeFileSync(path, text.replace(from, to));
  cpSync(join(root, "test/access/paths.ts"), join(folder, "test/access/paths.ts"), { recursive: true });
  const parts = ["src/access/engine/diagram.ts", "src/access/evaluate.ts", "test/access/paths.ts"];
  writeFileSync(join(folder, "src/entry.ts"), parts.map((part) => `export * from "../${part}";`).join("\n"));
  const outfile = join(folder, "entry.mjs");
  await build({
    entryPoints: [join(folder, "src/entry.ts")],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    nodePaths: [join(root, "node_modules")],
    logLevel: "silent",
  });
  return (await import(pathToFileURL(outfile).href)) as Engine;
}

const allow = (fields: object) => ({
  Effect: "Allow",
  Principal: ["*"],
  Action: ["oss:GetObject"],
  Resource: ["acs:oss:*:*:b/*"],
  ...fields,
});
const under = (condition: object) => policyOf([allow({ Condition: condition })]);
const nothing = policyOf([]);
const handmade = [
  under({ IpAddress: { "acs:SourceIp": ["10.0.0.0/25"] } }),
  under({ StringEqualsIgnoreCase: { "acs:UserAgent": ["a"] } }),
  under({ StringNotLike: { "acs:SourceVpc": ["vpc-*"] } }),
  under({ StringNotEquals: { "acs:UserAgent": ["a"] } }),
  under({ StringLike: { "acs:UserAgent": ["*"] } }),
  under({ Bool: { "acs:SecureTransport": ["false"] } }),
  under({ Bool: { "acs:SecureTransport": ["False"] } }),
  under({ Bool: { "acs:SecureTransport": [false] } }),
  under({ IpAddress: { "acs:SourceIp": ["10.0.0.77/24"] } }),
  policyOf([allow({ Action: ["oss:AutObject"] })]),
  policyOf([allow({ Principal: ["1746495857600001"] })]),
  policyOf([allow({ Resource: ["acs:oss:*:99:b/*"] })]),
].map((policy) => [nothing, policy] as const);
const everyone = allow({});
const besideOwner = policyOf([everyone, allow({ Principal: ["1", "1746495857600001"] })]);

/** What both policies have, and a Deny that a part of it meets. */
const shared = (fields: JsonObject, denied: JsonObject) =>
  [policyOf([allow(fields)]), policyOf([allow(fields), allow({ Effect: "Deny", ...denied })])] as const;
const role = (name: string) => [`arn:sts::1:assumed-role/${name}/*`];
const pairs: readonly (readonly [before: Policy, after: Policy, reading?: Partial<Interpretation>])[] = [
  ...handmade,
  [policyOf([everyone]), besideOwner],
  shared({ Action: ["oss:PutObject", "oss:AutObject"] }, { Action: ["oss:AutObject"] }),
  shared({ Principal: role("r") }, { Principal: ["arn:sts::1:assumed-role/r/s"] }),
  [...shared({ Principal: role("R") }, { Principal: role("r") }), { roleCase: "is left aside" }],
  [
    ...shared({ Principal: ["*", "2"] }, { Principal: ["1746495857600001"] }),
    { mixedPrincipals: "reach the owner", ownerNamed: "is bound" },
  ],
];

/** From the Internet the key is absent, which counts as the empty text (OSS docs: bucket policy). */
const fromAnywhere = under({ StringLike: { "acs:SourceVpc": ["*"] } });
const fromInternet = {
  principal: "anonymous",
  action: "oss:GetObject",
  resource: "a",
  context: new Map<string, string>(),
};

/** Whether the two halves of an engine disagree on some request of the small worlds. */
function disagrees({ compareUnder, evaluate, pathsOf, witnessOf }: Engine): boolean {
  const generated = fc.sample(pair, { seed: 1, numRuns: 60 });
  if (evaluate(fromAnywhere, fromInternet, bucket, defaultInterpretation).decision !== "allow") return true;
  return [...pairs, ...generated].some(([before, after, reading]) => {
    const interpretation = { ...defaultInterpretation, ...reading };
    if ([before, after].some((policy) => unsupported(policy).length > 0)) return false;
    const decide = (policy: typeof before, request: Parameters<typeof evaluate>[1]) =>
      evaluate(policy, request, bucket, interpretation).decision;
    const { paths } = pathsOf(compareUnder(before, after, bucket, interpretation));
    const isWrong = paths.some((path) => {
      const witness = witnessOf(path);
      return decide(before, witness) !== path.before || decide(after, witness) !== path.after;
    });
    if (isWrong || paths.length > 0) return isWrong;
    let asked = 0;
    for (const request of requests([before, after])) {
      if (decide(before, request) !== decide(after, request)) return true;
      asked += 1;
      if (asked > 3_000) break;
    }
    return false;
  });
}

describe("a wrong rule in one half of the engine is seen by the other", () => {
  test("the engine as it is agrees with itself", async () => {
    const same = await engineWith("evaluate.ts", "export function evaluate(", "export  function evaluate(");
    expect(disagrees(same)).toBe(false);
  }, 60_000);

  test.each(wrongRules)(
    "%s",
    async (_, file, from, to) => {
      const engine = await engineWith(file, from, to);
      let isCaught: boolean;
      try {
        isCaught = disagrees(engine);
      } catch {
        // A rule that makes the engine throw is seen too.
        isCaught = true;
      }
      expect(isCaught).toBe(true);
    },
    60_000,
  );
});
