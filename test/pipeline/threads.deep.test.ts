import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { startSandbox } from "../../src/sandbox/server.ts";
import { sandboxKey } from "../../src/sandbox/seed/seed.ts";
import { accountFile, environmentOf, writeTree } from "../support/run-cli.ts";

/** More files than the fewest for which threads start. */
const count = 340;
const uid = "1746495857600001";

/** What the thread of a build does in place of its work. */
const broken = {
  "does not start": "syntax error",
  "ends at once": "process.exit(3);",
  "throws at its third task":
    'const { parentPort } = require("node:worker_threads");\nrequire("./whole-thread.js");\nlet left = 2;\nparentPort.on("message", () => { if (left-- === 0) throw new Error("a thread died"); });',
} as const;

/** A copy of the built tool, whose threads are broken if `script` is given. */
function build(script?: string): string {
  const folder = writeTree({ "package.json": '{ "type": "module" }' });
  cpSync("dist", join(folder, "dist"), { recursive: true });
  const thread = join(folder, "dist/pipeline/file-thread.js");
  writeFileSync(join(folder, "dist/pipeline/whole-thread.js"), readFileSync(thread));
  if (script !== undefined) writeFileSync(thread, script);
  return join(folder, "dist/cli.js");
}

const statement = (arn: string, more: object = {}) => ({
  Effect: "Allow",
  Principal: ["202147604049350001"],
  Action: ["oss:GetObject"],
  Resource: [`${arn}/*`],
  ...more,
});

const nameOf = (index: number) => `many-${String(index).padStart(3, "0")}`;

/** One file of a large tree: most are plain, and some use what depends on other files. */
function fileOf(index: number): string {
  const bucket = nameOf(index);
  const arn = `acs:oss:*:${uid}:${bucket}`;
  const policy = { Version: "1", Statement: [statement(arn)] };
  switch (index % 20) {
    case 3:
      return JSON.stringify({ bucket, use: ["tls"], policy });
    case 5:
      return JSON.stringify({
        bucket,
        vars: { who: "202147604049350009" },
        policy: { Version: "1", Statement: [statement(arn, { Principal: ["${who}", "${reader}"] })] },
      });
    case 7:
      return JSON.stringify({
        buckets: [bucket, `${bucket}-copy`],
        policy: { Version: "1", Statement: [statement("acs:oss:*:${account}:${bucket}")] },
      });
    case 11:
      return `bucket: ${bucket}\npolicy:\n  Version: "1"\n  Statement:\n    - Effect: Allow\n      Principal: ["202147604049350001"]\n      # oss-policy-ignore unknown-action: a new one\n      Action: ["oss:GetObject", "oss:GetObjectXyz"]\n      Resource: ["${arn}/*"]\n`;
    case 13:
      return JSON.stringify({
        bucket,
        policy,
        expect: [{ can: "202147604049350001", do: ["oss:GetObject"], to: "a" }],
        accept: [{ hazard: "grants-public-access", reason: "no longer" }],
      });
    case 17:
      return JSON.stringify({
        bucket,
        policy: {
          Version: "1",
          Statement: [
            statement(arn, {
              Condition: {
                NumericLessThan: { "oss:object-remaining-retention-days": [1.0, 20214760404935000123] },
              },
            }),
          ],
        },
      }).replace("20214760404935000000", "20214760404935000123");
    default:
      return JSON.stringify({ bucket, policy });
  }
}

const shared = {
  "account.yaml": `${accountFile}vars: { reader: "202147604049350002" }\nguardrails:\n  - name: nobody deletes\n    Action: ["oss:DeleteBucket"]\n    Principal: ["anonymous"]\n    Resource: ["*"]\n`,
  "_sets/tls.yaml":
    'Statement:\n  - { Effect: Deny, Principal: ["*"], Action: ["oss:*"], Resource: ["acs:oss:*:${account}:${bucket}/*"], Condition: { Bool: { "acs:SecureTransport": ["false"] } } }\n',
};

function largeTree(more: Readonly<Record<string, string>> = {}): string {
  const own = Array.from({ length: count }, (_, index) => [`${nameOf(index)}.yaml`, fileOf(index)]);
  return writeTree({ ...shared, ...(Object.fromEntries(own) as Record<string, string>), ...more });
}

/** Files with mistakes of every layer. */
const mistakes = {
  "z-syntax.yaml": "bucket: [\n",
  "z-schema.yaml": "bucket: z-schema\npolicy: none\nregoin: cn-hangzhou\n",
  "z-twice.yaml": `bucket: ${nameOf(3)}\npolicy: none\n`,
  "z-empty.yaml": "",
  "z-variable.yaml": `bucket: z-variable\npolicy: ${JSON.stringify({ Version: "1", Statement: [statement("acs:oss:*:${acount}:z")] })}\n`,
  "z-bytes.yaml": "\u0000",
  "a-lint.yaml": `bucket: a-lint\npolicy: ${JSON.stringify({ Version: "1", Statement: [statement("acs:oss:*:1:other", { Principal: ["*"] })] })}\n`,
  "_sets/unused.yaml": "Statement: []\n",
};

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly reports: Readonly<Record<string, string>>;
}

/** Runs a build with every report that the command has. */
async function run(
  cli: string,
  words: readonly string[],
  reports: readonly string[],
  env: Readonly<Record<string, string>> = {},
  before: readonly string[] = [],
): Promise<Ran> {
  const folder = writeTree({});
  mkdirSync(folder, { recursive: true });
  const files = reports.flatMap((name) => [`--${name}`, join(folder, name)]);
  const [program = "", ...rest] = [...before, process.execPath, cli, ...words, ...files];
  const child = spawn(program, rest, { env: { ...process.env, ...env } });
  const texts = { stdout: "", stderr: "" };
  child.stdout.on("data", (part: Buffer) => (texts.stdout += part.toString()));
  child.stderr.on("data", (part: Buffer) => (texts.stderr += part.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  const written = reports.map((name) => {
    const file = join(folder, name);
    return [name, existsSync(file) ? readFileSync(file, "utf8") : ""] as const;
  });
  // How often a slow run reports its progress says nothing of its result.
  const stderr = texts.stderr.replaceAll(/^reading policies .*\n/gm, "");
  return { code, stdout: texts.stdout, stderr, reports: Object.fromEntries(written) };
}

/** Of util-linux, which every Debian has: it gives a process one processor, and so one thread. */
const taskset = "/usr/bin/taskset";

describe("a large tree gives the same bytes", { timeout: 180_000 }, () => {
  test("of validate with threads, with one, and without any", async () => {
    const tree = largeTree(mistakes);
    const words = ["validate", "--policies", tree];
    const reports = ["json", "sarif"];
    const whole = await run(build(), words, reports);
    expect(whole.stdout).toMatch(/^Validate: \d+ buckets, \d+ errors/m);
    expect(whole.code).toBe(1);
    for (const script of Object.values(broken))
      expect(await run(build(script), words, reports)).toEqual(whole);
    if (existsSync(taskset))
      expect(await run(build(), words, reports, {}, [taskset, "-c", "0"])).toEqual(whole);
  });

  test("of plan, which finds the policy of every bucket", async () => {
    const tree = largeTree();
    const names = Array.from({ length: count }, (_, index) => nameOf(index)).flatMap((name, index) =>
      index % 20 === 7 ? [name, `${name}-copy`] : [name],
    );
    const sandbox = await startSandbox({
      seed: {
        account: uid,
        keys: [sandboxKey],
        faults: [],
        buckets: names.map((name, index) => ({
          name,
          region: "cn-hangzhou",
          ...(index % 3 === 0
            ? {}
            : {
                policy: JSON.stringify({
                  Version: "1",
                  Statement: [
                    statement(`acs:oss:*:${uid}:${name}`, index % 3 === 1 ? {} : { Principal: ["*"] }),
                  ],
                }),
              }),
        })),
      },
    });
    try {
      const words = ["plan", "--policies", tree];
      const reports = ["json", "sarif", "markdown", "html"];
      const env = environmentOf(sandbox);
      const whole = await run(build(), words, reports, env);
      expect(whole.stdout, whole.stderr).toContain("Plan: ");
      expect(whole.stdout).not.toContain("cannot read");
      for (const script of [broken["ends at once"], broken["throws at its third task"]])
        expect(await run(build(script), words, reports, env)).toEqual(whole);
    } finally {
      await sandbox.close();
    }
  });
});
