import { execFileSync } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { file, policy, reads, writes } from "../support/base-plans.ts";
import { accountFile, writeTree } from "../support/run-cli.ts";
import { killed, type Build } from "./killed.ts";
import { ran, sandboxOf, type Scene } from "./scene.ts";
import { writeMutants } from "./write-mutants.ts";

const kinds = ["success", "changes", "blocked", "stale", "error"] as const;
const before = policy(reads);
const files = { "data.yaml": file(writes) };
const scene: Scene = { files, live: { data: before, logs: null } };

/** Half a line of a full disk, and what comes of the next one once there is room again. */
function afterHalfLine({ file: bundle }: Build): readonly [string, number] {
  const folder = writeTree({});
  const script = `
    import { execFileSync } from "node:child_process";
    import { openJournal } from ${JSON.stringify(bundle)};
    const journal = openJournal("journal.jsonl");
    const attempt = (message) => {
      try {
        journal.write({ entry: "after", bucket: "data", result: "applied", message });
        return "written";
      } catch (error) { return error.code ?? error.message; }
    };
    const first = attempt("x".repeat(2_000));
    execFileSync("prlimit", ["--pid", String(process.pid), "--fsize=unlimited"]);
    console.log([first, attempt("y")].join(", "));`;
  writeFileSync(join(folder, "script.mjs"), script);
  const words = ["-c", `ulimit -S -f 1; exec ${process.execPath} script.mjs`];
  const said = execFileSync("bash", words, { cwd: folder, encoding: "utf8" }).trim();
  return [said, readFileSync(join(folder, "journal.jsonl"), "utf8").split("\n").length];
}

interface Restored {
  readonly exit: number;
  readonly live: string | undefined;
}

/** What restore leaves, after an apply and what happens to its journal and to the bucket since. */
async function restored(
  build: Build,
  change: {
    readonly journal?: (text: string) => string;
    readonly live?: string;
    readonly account?: string;
  } = {},
): Promise<Restored> {
  const sandbox = await sandboxOf(scene);
  const journal = join(writeTree({}), "journal.jsonl");
  await ran(build, { ...scene, verb: "apply", words: ["--journal", journal] }, sandbox);
  if (change.live !== undefined) sandbox.setPolicy("data", change.live);
  if (change.journal) writeFileSync(journal, change.journal(readFileSync(journal, "utf8")));
  const account = change.account ?? accountFile;
  const again = {
    files: { ...files, "account.yaml": account },
    verb: "restore",
    words: ["--journal", journal],
  };
  const { code } = await ran(build, again, sandbox);
  return { exit: code, live: sandbox.policyOf("data") };
}

/** What apply makes of a saved plan after a change of the files, of what is live or of the plan. */
async function saved(
  build: Build,
  change: {
    readonly files?: Record<string, string>;
    readonly live?: string;
    readonly plan?: (text: string) => string;
  },
) {
  const sandbox = await sandboxOf(scene);
  const plan = join(writeTree({}), "plan.json");
  await ran(build, { ...scene, words: ["--json", plan] }, sandbox);
  if (change.live !== undefined) sandbox.setPolicy("data", change.live);
  if (change.plan) writeFileSync(plan, change.plan(readFileSync(plan, "utf8")));
  const again = { files: change.files ?? files, verb: "apply", words: ["--plan", plan] };
  const { code } = await ran(build, again, sandbox);
  return [code, sandbox.requests.filter(({ method }) => method !== "GET").length];
}

/** The exit code of apply at a terminal, and how much it wrote. */
async function answered(build: Build, options: Scene["options"]) {
  const env = { CI: "" };
  const { code, sandbox } = await ran(build, { ...scene, verb: "apply", options: { ...options, env } });
  return [code, sandbox.requests.filter(({ method }) => method !== "GET").length];
}

const guarded = `${accountFile}guardrails:
  - { name: nothing read, Principal: ["*"], Action: ["oss:GetObject"], Resource: ["*"] }
`;

const probes = {
  "the order of the exit codes": {
    right: [0, 2, 3, 4, 1],
    observe: ({ product }: Build) =>
      kinds.map((_, index) => {
        const endings = kinds.slice(0, index + 1).map((kind) => ({ kind, why: "" }));
        const codes = [endings, endings.toReversed()].map((some) => product.exitCodeOf(some));
        return codes[0] === codes[1] ? codes[0] : codes;
      }),
  },
  "exit code 2 of plan": {
    right: [0, 2],
    observe: async (build: Build) => [
      (await ran(build, scene)).code,
      (await ran(build, { ...scene, words: ["--detailed-exitcode"] })).code,
    ],
  },
  "a bucket that is left out": {
    right: [
      [0, 0],
      [1, 0],
    ],
    observe: async (build: Build) => {
      const two = {
        ...scene,
        files: { ...files, "logs.yaml": "bucket: logs\npolicy: none\n" },
        verb: "apply",
      };
      const writesOf = async (glob: string) => {
        const { code, sandbox } = await ran(build, { ...two, words: ["--yes", "--exclude", glob] });
        return [code, sandbox.requests.filter(({ method }) => method !== "GET").length];
      };
      return [await writesOf("data"), await writesOf("dtaa")];
    },
  },
  "a dry run of restore": {
    right: [0, true],
    observe: async (build: Build) => {
      const sandbox = await sandboxOf(scene);
      const journal = join(writeTree({}), "journal.jsonl");
      await ran(build, { ...scene, verb: "apply", words: ["--journal", journal] }, sandbox);
      const applied = sandbox.policyOf("data");
      const dry = { ...scene, verb: "restore", words: ["--dry-run", "--journal", journal] };
      const { code } = await ran(build, dry, sandbox);
      return [code, applied !== before && sandbox.policyOf("data") === applied];
    },
  },
  "a bucket that cannot be read": {
    right: [1, 1],
    observe: async (build: Build) => {
      const faults: NonNullable<Scene["seed"]>["faults"] = [
        { operation: "GetBucketPolicy", effect: { kind: "status", status: 403, code: "AccessDenied" } },
      ];
      const unread = { ...scene, seed: { faults } };
      const verbs = ["plan", "apply"];
      return Promise.all(verbs.map(async (verb) => (await ran(build, { ...unread, verb })).code));
    },
  },
  "a write that is refused": {
    right: 1,
    observe: async (build: Build) => {
      const faults: NonNullable<Scene["seed"]>["faults"] = [
        { operation: "PutBucketPolicy", effect: { kind: "status", status: 403, code: "AccessDenied" } },
      ];
      return (await ran(build, { ...scene, verb: "apply", seed: { faults } })).code;
    },
  },
  "a line behind half a line": {
    right: ["EFBIG, an earlier line could not be written", 2],
    observe: afterHalfLine,
  },
  "a journal that is there": {
    right: [1, "kept"],
    observe: async (build: Build) => {
      const journal = join(writeTree({ "journal.jsonl": "kept" }), "journal.jsonl");
      const { code } = await ran(build, { ...scene, verb: "apply", words: ["--journal", journal] });
      return [code, readFileSync(journal, "utf8")];
    },
  },
  "who may read a journal": {
    right: "600",
    observe: ({ product }: Build) => {
      const journal = join(writeTree({}), "journal.jsonl");
      product.openJournal(journal).close();
      return (statSync(journal).mode & 0o777).toString(8);
    },
  },
  "journals of other formats": {
    right: ["lines", "problem", "problem", "problem"],
    observe: ({ product }: Build) =>
      ["1.7", "2.0", "1.x"]
        .map((version) => `{"tool":"oss-policy","journal":"${version}"}\n`)
        .concat("{}\n")
        .map((text) => Object.keys(product.parseJournal(text))[0]),
  },
  "a journal with half a line": {
    right: [[2], [{ line: 3 }]],
    observe: ({ product }: Build) => {
      const after = '{"entry":"after","bucket":"data","result":"applied","message":""}';
      const read = product.parseJournal(`{"tool":"oss-policy","journal":"1.0"}\n${after}\n{"entry":"bef`);
      return "problem" in read ? read : [read.lines.map(({ line }) => line), read.broken];
    },
  },
  restore: { right: { exit: 0, live: before }, observe: (build: Build) => restored(build) },
  "restore of a journal with several writes": {
    right: { exit: 0, live: before },
    observe: (build: Build) =>
      restored(build, {
        journal: (text) => {
          const [header, first = ""] = text.split("\n");
          const entry = JSON.parse(first) as { body: string };
          const second = JSON.stringify({ ...entry, body: policy({ who: "8" }) });
          return `${[header, first, second].join("\n")}\n`;
        },
      }),
  },
  "restore over an edit of others": {
    right: { exit: 1, live: policy({ who: "8" }) },
    observe: (build: Build) => restored(build, { live: policy({ who: "8" }) }),
  },
  "restore under a guardrail": {
    right: { exit: 3, live: policy(writes) },
    observe: (build: Build) => restored(build, { account: guarded }),
  },
  "a saved plan of other files": {
    right: [4, 0],
    observe: (build: Build) => saved(build, { files: { "data.yaml": file({ who: "8" }) } }),
  },
  "a saved plan of another live policy": {
    right: [4, 0],
    observe: (build: Build) => saved(build, { live: policy({ who: "8" }) }),
  },
  "a saved plan of more files": {
    right: [4, 1],
    observe: (build: Build) =>
      saved(build, { files: { ...files, "logs.yaml": file(reads).replaceAll("data", "logs") } }),
  },
  "a saved plan that was changed": {
    right: [1, 0],
    observe: (build: Build) =>
      saved(build, { plan: (text) => text.replace('"cause": "unknown"', '"cause": "edit"') }),
  },
  "answers of a user": {
    right: [
      [0, 1],
      [1, 0],
      [1, 0],
    ],
    observe: async (build: Build) => [
      await answered(build, { answer: "yes" }),
      await answered(build, { answer: "y" }),
      await answered(build, {}),
    ],
  },
};

killed(probes, writeMutants);
