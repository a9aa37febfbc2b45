import fc from "fast-check";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { echoingServer, ossEchoes, spellings, stsEcho, type StsMode } from "../support/echoing-servers.ts";
import { jsonLines, event } from "../support/events.ts";
import { rawCall } from "../support/sandbox.ts";
import { accountFile, environmentOf, runCli, writeTree, type CliOptions } from "../support/run-cli.ts";
import { leaksIn, type Surfaces } from "../support/leaks.ts";
import { runs } from "../support/runs.ts";
import { secretSources, withServers, type Marks } from "../support/secret-sources.ts";
import { sandboxWith } from "../support/store.ts";

const bucketFile = `bucket: data
policy:
  Version: "1"
  Statement:
    - Effect: Allow
      Principal: ["202147604049350001"]
      Action: ["oss:GetObject"]
      Resource: ["acs:oss:*:1746495857600001:data/*"]
`;
const seedOf = ({ id, secret, token }: Marks) =>
  `buckets: [{ name: data, region: cn-hangzhou }]\nkeys: [{ id: ${id}, secret: "${secret}", token: "${token}" }]\n`;

const ownKey =
  "{ id: ALIBABA_CLOUD_ACCESS_KEY_ID, secret: ALIBABA_CLOUD_ACCESS_KEY_SECRET, token: ALIBABA_CLOUD_SECURITY_TOKEN }";
const identitiesFile = `owner: ${ownKey}\nuser: { uid: "202147604049350001", ${ownKey.slice(1)}\n`;

/** What a call of a verb reads, and the folder that all of its output goes to. */
interface Scene {
  readonly policies: string;
  readonly out: string;
  readonly seed: string;
  readonly journal: string;
  readonly events: string;
  readonly identities: string;
  /** Address of the server that repeats secrets. */
  readonly endpoint: string;
}

interface VerbCall {
  /** Another verb, whose output the verb reads. */
  readonly verb?: string;
  readonly words: readonly string[];
  readonly more?: CliOptions;
  /** Returns what its metrics were. */
  readonly metrics?: () => string;
}

const inOut = ({ out }: Scene, ...names: readonly string[]) =>
  names.flatMap((name) => [`--${name}`, join(out, name)]);
const planReports = (scene: Scene) => inOut(scene, "json", "markdown", "html", "sarif");
const stopped = Promise.resolve();

/** How each verb is called. A verb that is not here fails the test. */
const verbs: Readonly<Record<string, (scene: Scene) => readonly VerbCall[]>> = {
  plan: (scene) => [
    { words: ["--policies", scene.policies, "--events", scene.events, "--github", ...planReports(scene)] },
    { words: ["--policies", scene.policies, "--sandbox", "--seed", scene.seed, ...planReports(scene)] },
  ],
  apply: (scene) => [
    {
      words: [
        "--policies",
        scene.policies,
        "--yes",
        "--journal",
        join(scene.out, "journal"),
        ...planReports(scene),
      ],
    },
    {
      words: [
        "--policies",
        scene.policies,
        "--sandbox",
        "--seed",
        scene.seed,
        "--github",
        ...planReports(scene),
      ],
    },
  ],
  validate: (scene) => [
    { words: ["--policies", scene.policies, "--github", ...inOut(scene, "json", "sarif", "codeclimate")] },
  ],
  access: (scene) => [
    { words: ["report", "--live", "--policies", scene.policies, ...inOut(scene, "json", "html", "csv")] },
    { words: ["public", "--live", "--policies", scene.policies] },
  ],
  grant: ({ policies }) => [{ words: ["2", "oss:GetObject", "data", "--policies", policies, "--dry-run"] }],
  revoke: ({ policies }) => [{ words: ["202147604049350001", "data", "--policies", policies, "--dry-run"] }],
  explain: () => [{ words: ["credentials"] }],
  schema: () => [{ words: [] }],
  lsp: ({ policies }) => [{ words: ["--policies", policies] }],
  init: ({ out }) => [
    {
      words: ["--policies", "p", "--account", "1746495857600001", "--region", "cn-hangzhou"],
      more: { folder: out },
    },
  ],
  completion: () => [{ words: ["bash"] }],
  import: ({ out }) => [{ words: ["--policies", out, "--force"] }],
  restore: (scene) => [
    { words: ["--policies", scene.policies, "--journal", scene.journal, "--yes", ...planReports(scene)] },
  ],
  demo: () => [{ words: [] }],
  merge: (scene) => [
    ...["1/2", "2/2"].map((shard) => ({
      verb: "plan",
      words: ["--policies", scene.policies, "--shard", shard, "--json", join(scene.out, `shard-${shard[0]}`)],
    })),
    { words: [join(scene.out, "shard-1"), join(scene.out, "shard-2"), "--github", ...planReports(scene)] },
  ],
  watch: ({ policies, out }) =>
    ["text", "json"].map((log) => {
      const { metrics, ...more } = untilReconciled();
      const words = ["--apply", "--policies", policies, "--log", log, "--listen", "127.0.0.1:0"];
      return { words, more: { ...more, folder: out }, metrics };
    }),
  conformance: ({ identities, endpoint, out }) => [
    {
      words: [
        ...["--bucket", "data", "--confirm", "data", "--identities", identities, "--endpoint", endpoint],
        ...["--output", join(out, "interpretations.yaml"), "--json", join(out, "conformance.json")],
      ],
    },
  ],
  sandbox: ({ seed, out }) => [
    { words: ["--port", "0", "--seed", seed, "--state", join(out, "state")], more: { stopped } },
  ],
};

/** Stops `watch` once its first reconcile is logged, and reads its metrics before. */
function untilReconciled(): Required<Pick<CliOptions, "onOutput" | "stopped">> &
  Required<Pick<VerbCall, "metrics">> {
  let metrics: Promise<string> | undefined;
  let read = "";
  let stop: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const onOutput = (log: string) => {
    const port = /127\.0\.0\.1:(\d+)/.exec(log)?.[1];
    if (!/"event":"reconcile"|no plan was made|\d bucket/.test(log)) return;
    metrics ??= rawCall(Number(port), { path: "/metrics" }).then(({ text }) => (read = text));
    void metrics.then(stop);
  };
  return { onOutput, stopped, metrics: () => read };
}

const lspMessage = (body: object) => {
  const text = JSON.stringify({ jsonrpc: "2.0", ...body });
  return `Content-Length: ${text.length}\r\n\r\n${text}`;
};
const lspMessages = [
  { id: 1, method: "initialize", params: { processId: null, rootUri: null, capabilities: {} } },
  { method: "initialized", params: {} },
  { id: 2, method: "shutdown" },
  { method: "exit" },
]
  .map(lspMessage)
  .join("");

/** A language server in a process of its own, which it ends. */
function serverProcess(words: readonly string[], env: Readonly<Record<string, string>>) {
  const [program, input] = [resolve("dist/cli.js"), lspMessages];
  const all = { PATH: process.env["PATH"] ?? "", ...env };
  return spawnSync(process.execPath, [program, "lsp", ...words], { input, env: all, encoding: "utf8" });
}

interface Case {
  readonly verb: string;
  readonly source: string;
  readonly place: string;
  readonly spelling: string;
  readonly sts: StsMode;
  readonly marks: Marks;
}

/** Runs a verb, and returns what it leaves behind. Another kind of output is one entry more. */
async function surfacesOf({ verb, source, place, spelling, sts, marks }: Case): Promise<{
  readonly surfaces: Surfaces;
  readonly secrets: readonly string[];
}> {
  const spell = spellings[spelling]!;
  const oss = await echoingServer(marks, spell, ossEchoes[place]!);
  const server = await echoingServer(marks, spell, stsEcho(sts, marks));
  const github = await echoingServer(marks, spell, (text, _, response) =>
    response.writeHead(403, { "content-type": "application/json" }).end(JSON.stringify({ message: text })),
  );
  const { env, account } = secretSources[source]!(marks, server.url);
  const out = writeTree({ "github-summary": "", "github-output": "" });
  const scene: Scene = {
    out,
    policies: writeTree({ "account.yaml": account, "data.yaml": bucketFile }),
    seed: join(writeTree({ "seed.yaml": seedOf(marks) }), "seed.yaml"),
    journal: join(writeTree({ journal: await journalText() }), "journal"),
    events: join(writeTree({ "e.jsonl": jsonLines(event()) }), "e.jsonl"),
    identities: join(writeTree({ "identities.yaml": identitiesFile }), "identities.yaml"),
    endpoint: oss.url,
  };
  const texts: Record<string, string> = {};
  for (const [index, call] of verbs[verb]!(scene).entries()) {
    const { words, more, metrics } = call;
    const actions = {
      GITHUB_ACTIONS: "true",
      GITHUB_API_URL: github.url,
      GITHUB_SERVER_URL: "https://github.example",
      GITHUB_REPOSITORY: "octo/policies",
      GITHUB_EVENT_NAME: "schedule",
      GITHUB_TOKEN: marks.github,
      GITHUB_STEP_SUMMARY: join(out, "github-summary"),
      GITHUB_OUTPUT: join(out, "github-output"),
    };
    const all = { ...withServers(env, oss.url, server.url), ...actions };
    if (words.includes("--sandbox")) delete (all as Record<string, string>)["OSS_ENDPOINT"];
    const { stdout, stderr } =
      verb === "lsp"
        ? serverProcess(words, all)
        : await runCli([call.verb ?? verb, ...words], { ...more, env: all });
    Object.assign(texts, {
      [`stdout ${index}`]: stdout,
      [`stderr ${index}`]: stderr,
    });
    if (metrics === undefined) continue;
    expect(metrics()).toContain("oss_policy_last_reconcile_timestamp_seconds");
    texts[`metrics ${index}`] = metrics();
  }
  const files = readdirSync(out, { recursive: true, encoding: "utf8" });
  const written = files.filter((name) => statSync(join(out, name)).isFile());
  for (const name of written) texts[`file ${name}`] = readFileSync(join(out, name), "utf8");
  texts["names of files"] = files.map((name) => relative(out, join(out, name))).join("\n");
  texts["what GitHub gets"] = github.bodies.join("\n");
  const { session, ...own } = marks;
  return {
    surfaces: texts,
    secrets: [own.secret, own.token, own.oidc, own.metadata, own.github, session.secret, session.token]
      .filter((one) => isOfRun(one, { verb, source, sts, marks }))
      .concat(oss.seen, server.seen)
      // The id of a key is no secret: it is removed from messages, a policy may have it, and a sandbox prints its own.
      .concat(
        /message|code|EC|markup/.test(place) && /pair|AK/.test(source) && verb !== "sandbox" ? [own.id] : [],
      ),
  };
}

/** What no part of the run can know cannot be cleaned: a server that has it may say it. */
function isOfRun(
  secret: string,
  { source, sts, marks }: Pick<Case, "verb" | "source" | "sts" | "marks">,
): boolean {
  const hasKeys = !/OIDC|ECS|mode|broken/.test(source);
  const hasToken = hasKeys && !/AK$| RamRoleArn/.test(source);
  const usesServer = /role of account|OIDC|RamRoleArn|ECS/.test(source);
  if (secret === marks.secret) return hasKeys;
  if (secret === marks.token) return hasToken;
  if (secret === marks.oidc) return /OIDC/.test(source);
  if (secret === marks.metadata) return /ECS/.test(source);
  return secret === marks.github || (usesServer && sts === "gives a session");
}

let journalCache: string | undefined;

async function journalText(): Promise<string> {
  if (journalCache !== undefined) return journalCache;
  const sandbox = await sandboxWith({ buckets: [{ name: "data", region: "cn-hangzhou" }] });
  const folder = writeTree({ "account.yaml": accountFile, "data.yaml": bucketFile });
  const journal = join(writeTree({}), "journal");
  await runCli(["apply", "--policies", folder, "--journal", journal, "--yes"], {
    env: environmentOf(sandbox),
  });
  return (journalCache = readFileSync(journal, "utf8"));
}

const word = (name: string) => fc.stringMatching(/^[A-Za-z0-9]{26,40}$/).map((text) => `${name}${text}`);
const marks: fc.Arbitrary<Marks> = fc.record({
  id: word("LTAI"),
  secret: word("s3"),
  token: word("CAIS"),
  oidc: word("eyJhb"),
  metadata: word("md"),
  github: word("ghs_"),
  session: fc.record({ id: word("STS.N"), secret: word("q7"), token: word("CAES") }),
});

const caseOf = (verb: string): fc.Arbitrary<Case> =>
  fc.record({
    verb: fc.constant(verb),
    source: fc.constantFrom(...Object.keys(secretSources)),
    place: fc.constantFrom(...Object.keys(ossEchoes)),
    spelling: fc.constantFrom(...Object.keys(spellings)),
    sts: fc.constantFrom<StsMode>(
      "gives a session",
      "echoes in its code",
      "echoes as text",
      "echoes in a session",
    ),
    marks,
  });

/** Verbs that talk to a server are tried more often. */
const casesOf = (verb: string) => (/plan|apply|access|conformance|import|restore|watch/.test(verb) ? 8 : 2);

test("every verb is called", async () => {
  const { stdout } = await runCli(["help"]);
  const commands = stdout.slice(stdout.indexOf("Commands:")).matchAll(/^ {2}([a-z]+) /gm);
  expect([...commands].map(([, name]) => name).sort()).toEqual(Object.keys(verbs).sort());
});

describe("no secret is in anything that a run leaves behind, whatever servers repeat", () => {
  test.each(Object.keys(verbs))("of %s", async (verb) => {
    await fc.assert(
      fc.asyncProperty(caseOf(verb), async (one) => {
        const { surfaces, secrets } = await surfacesOf(one);
        expect(leaksIn(surfaces, secrets)).toEqual([]);
      }),
      { numRuns: runs(casesOf(verb), 100), endOnFailure: true },
    );
  });

  test("the test sees a secret that is there, in every spelling", () => {
    const secret = "s3KQnRYqWTx0bVf8Zp1LmJ4hG2dCa7";
    for (const [name, spell] of Object.entries(spellings))
      expect(leaksIn({ x: `a ${spell(secret)} b` }, [secret]), name).not.toEqual([]);
    expect(leaksIn({ x: "[removed]" }, [secret])).toEqual([]);
  });
});
