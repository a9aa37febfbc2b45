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
import { defaultInterpretation } from "../../src/access/request.ts";
import { unsupported } from "../../src/access/unsupported.ts";
import { bucket, pair, policyOf, requests } from "./worlds.ts";

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
const pairs = [...handmade, [policyOf([everyone]), besideOwner] as const];

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
  return [...pairs, ...generated].some(([before, after]) => {
    if ([before, after].some((policy) => unsupported(policy).length > 0)) return false;
    const decide = (policy: typeof before, request: Parameters<typeof evaluate>[1]) =>
      evaluate(policy, request, bucket, defaultInterpretation).decision;
    const { paths } = pathsOf(compareUnder(before, after, bucket, defaultInterpretation));
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

const mutants: readonly (readonly [name: string, file: string, from: string, to: string])[] = [
  [
    "the owner is never spared",
    "evaluate.ts",
    'return caller !== "owner" || isConditional || !isAlone;',
    "return true;",
  ],
  [
    "a Condition does not bind the owner",
    "evaluate.ts",
    'return caller !== "owner" || isConditional || !isAlone;',
    'return caller !== "owner";',
  ],
  [
    "? is a letter",
    "evaluate.ts",
    'mark === "?" || mark === letters[at + index]',
    "mark === letters[at + index]",
  ],
  [
    "a run is never empty",
    "evaluate.ts",
    "letters.length - last.length >= at",
    "letters.length - last.length > at",
  ],
  [
    "an absent key meets no negated operator",
    "evaluate.ts",
    'return isNegated && interpretation.absentKey === "negated is true";',
    "return false;",
  ],
  [
    "a negated operator is met where any value differs",
    "evaluate.ts",
    "return matches !== isNegated;",
    'return isNegated ? values.some((value) => !valueMatches(operator.replace("Not", ""), value, given)) : matches;',
  ],
  ["an absent VPC is an absent key", "evaluate.ts", 'if (key === "acs:SourceVpc") return "";', ""],
  [
    "an absent text is the empty one",
    "evaluate.ts",
    'return interpretation.absentText === "is the empty text" ? "" : undefined;',
    'return "";',
  ],
  [
    "the comparison takes an absent text for the empty one",
    "engine/statement-tests.ts",
    'interpretation.absentText === "is the empty text" ? isEmpty : isNone',
    "isEmpty",
  ],
  [
    "an action on the bucket may name an object",
    "evaluate.ts",
    'if (level !== undefined && level !== (isOnBucket ? "bucket" : "object")) return false;',
    'if (level === "bucket") return like(pattern.split(":").at(-1) ?? "", `${bucket.name}/x`);',
  ],
  [
    "letter case is left aside in actions",
    "evaluate.ts",
    'return actionCase === "counts" ?',
    'return actionCase !== "counts" ?',
  ],
  [
    "Allow beats Deny",
    "evaluate.ts",
    'if (denying.length > 0) return { decision: "deny", deciding: denying };',
    'if (denying.length > 0 && allowing.length === 0) return { decision: "deny", deciding: denying };',
  ],
  [
    "IgnoreCase is exact",
    "evaluate.ts",
    'case "StringEqualsIgnoreCase":',
    'case "StringEqualsIgnoringCase":',
  ],
  [
    "a prefix length is one too short",
    "evaluate.ts",
    "const most = Number(length ?? a.length);",
    "const most = Number(length ?? a.length) - 1;",
  ],
  [
    "another owner's UID matches",
    "evaluate.ts",
    'interpretation.foreignOwner === "never matches"',
    'interpretation.foreignOwner === "matches"',
  ],
  [
    "the comparison leaves out what both policies have",
    "engine/slice.ts",
    "wanted.has(key) && !own.some((one) => statementsMayMeet(shared, one, bucket))",
    "wanted.has(key)",
  ],
  [
    "the comparison takes what both policies have for a bystander",
    "engine/statement-tails.ts",
    "own.some((other) => tails.mayMeet(tailOf(code), tailOf(other)))",
    "own.some((other) => tailOf(code) === tailOf(other))",
  ],
  [
    "the comparison spares no owner",
    "engine/statement-tests.ts",
    '(names.has("*") && !(spares && isAlone)) ||',
    'names.has("*") ||',
  ],
  [
    "the comparison spares the owner beside other principals",
    "engine/statement-tests.ts",
    'interpretation.mixedPrincipals === "spare the owner"',
    'interpretation.mixedPrincipals !== "spare the owner"',
  ],
  [
    "the comparison reads a range with host bits as one address",
    "engine/intervals.ts",
    'hostBits === "are left aside"',
    'hostBits === "leave the address"',
  ],
  [
    "the comparison takes letter case for part of a Bool value",
    "engine/statement-tests.ts",
    'boolCase === "counts" ? value : asciiLower(value)',
    "value",
  ],
  [
    "the comparison leaves out values without quotes",
    "engine/statement-tests.ts",
    'unquotedValue === "is its text"',
    'unquotedValue === "matches nothing"',
  ],
  [
    "the comparison knows no action outside of the catalogue",
    "engine/fields.ts",
    "unknownActions(words)",
    "unknownActions([])",
  ],
  [
    "the comparison takes any value of an ordered key for all",
    "engine/statement-tests.ts",
    "return sum | bitsWithin(",
    "return sum & bitsWithin(",
  ],
  [
    "the comparison takes a Deny for no match",
    "engine/residual.ts",
    'if ((sure & deny) !== 0) return "deny";',
    'if ((sure & deny) !== 0) return "none";',
  ],
  [
    "the comparison forgets the end of a pattern",
    "text/nfa.ts",
    'matches: here.some((symbol) => symbol?.kind === "end"),',
    "matches: states.length > 0,",
  ],
  [
    "the comparison knows no level",
    "engine/request-kind.ts",
    'return requestKind.isObject ? "always" : "never";',
    'return "never";',
  ],
];

describe("a wrong rule in one half of the engine is seen by the other", () => {
  test("the engine as it is agrees with itself", async () => {
    const same = await engineWith("evaluate.ts", "export function evaluate(", "export  function evaluate(");
    expect(disagrees(same)).toBe(false);
  }, 60_000);

  test.each(mutants)(
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
