import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cli, medians, row, timedProcess, withFiles } from "./measure.ts";

const buckets = 1_000;
const delayMs = 20;
const concurrency = 16;
const rounds = 5;

const names = Array.from({ length: buckets }, (_, index) => `bench-${String(index).padStart(4, "0")}`);

const policyOf = (name: string) => ({
  Version: "1",
  Statement: [
    {
      Effect: "Allow",
      Principal: ["202147604049350001"],
      Action: ["oss:GetObject", "oss:ListObjects"],
      Resource: [`acs:oss:*:1746495857600001:${name}`, `acs:oss:*:1746495857600001:${name}/*`],
    },
    {
      Effect: "Deny",
      Principal: ["*"],
      Action: ["oss:*"],
      Resource: [`acs:oss:*:1746495857600001:${name}/*`],
      Condition: { Bool: { "acs:SecureTransport": ["false"] } },
    },
  ],
});

/** JSON is YAML: the files need no writer of their own. */
function files(faults: readonly object[]) {
  const seed = {
    buckets: names.map((name) => ({ name, region: "cn-hangzhou", policy: JSON.stringify(policyOf(name)) })),
    faults,
  };
  const tree = names.map((name) => [
    `policies/${name}.yaml`,
    JSON.stringify({ bucket: name, policy: policyOf(name) }, null, 2),
  ]);
  return {
    "seed.yaml": JSON.stringify(seed),
    "policies/account.yaml": 'account: "1746495857600001"\nregion: cn-hangzhou\n',
    ...Object.fromEntries(tree),
  };
}

interface World {
  readonly env: Readonly<Record<string, string>>;
  /** A plan over the whole tree, which must find every bucket as it should be. */
  plan(): Promise<number>;
}

/** A sandbox with many buckets and a tree that asks for what they have, for as long as `use` runs. */
async function withServer(faults: readonly object[], use: (world: World) => Promise<void>): Promise<void> {
  await withFiles(files(faults), async (folder) => {
    const seed = join(folder, "seed.yaml");
    const sandbox = spawn(process.execPath, [cli, "sandbox", "--port", "0", "--seed", seed]);
    try {
      const url = await new Promise<string>((resolve, reject) => {
        let text = "";
        sandbox.stdout.on("data", (part: Buffer) => {
          text += part.toString();
          const found = /http:\/\/127\.0\.0\.1:\d+/.exec(text);
          if (found) resolve(found[0]);
        });
        sandbox.on("close", () => reject(new Error("the sandbox ended")));
      });
      const env = { OSS_ENDPOINT: url, OSS_ACCESS_KEY_ID: "sandbox", OSS_ACCESS_KEY_SECRET: "sandbox" };
      const tree = ["--policies", join(folder, "policies"), "--concurrency", String(concurrency)];
      const plan = async () => {
        const { ms, text } = await timedProcess([cli, "plan", ...tree], env);
        if (!text.includes(`${buckets} unchanged`)) throw new Error(text);
        return ms;
      };
      await use({ env, plan });
    } finally {
      sandbox.kill();
    }
  });
}

/** A plan of many buckets against a loop that sends the same signed requests and does nothing else. */
export async function planSpeed() {
  const delay = { operation: "GetBucketPolicy", effect: { kind: "delay", delayMs } };
  await withServer([delay], async ({ env, plan }) => {
    const bareLoop = fileURLToPath(new URL("bare-loop.mjs", import.meta.url));
    const loop = async () => (await timedProcess([bareLoop, String(concurrency), ...names], env)).ms;
    const [bare = 0, whole = 0] = await medians([loop, plan], rounds);
    console.log(
      `a plan of ${buckets} buckets, ${delayMs} ms a call, ${concurrency} at once, median of ${rounds} processes each, in turn`,
    );
    row("what the delays alone take", (buckets * delayMs) / concurrency);
    row("a bare keep-alive loop of the same requests", bare);
    row("oss-policy plan", whole, bare);
  });
}

const perSecond = 200;

/** A plan of many buckets where OSS takes only so many calls a second; each plan finds every bucket. */
export async function throttleSpeed() {
  const throttle = { operation: "GetBucketPolicy", effect: { kind: "throttle", perSecond } };
  await withServer([throttle], async ({ plan }) => {
    const times: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      times.push(await plan());
      await new Promise((resolve) => setTimeout(resolve, 1_500));
    }
    const limit = (buckets / perSecond) * 1_000;
    console.log(`a plan of ${buckets} buckets at ${perSecond} calls a second, ${concurrency} at once`);
    row("what the limit allows", limit);
    for (const ms of times.sort((a, b) => a - b)) row("oss-policy plan, all buckets read", ms, limit);
  });
}
