import { readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { accountFile, runCli, writeTree, type CliResult } from "../support/run-cli.ts";
import { rawCall, signedCall, type SignedCall } from "../support/sandbox.ts";

interface Served {
  readonly port: number;
  output(): string;
  stop(): Promise<CliResult>;
}

/** Runs `sandbox` in a folder until the test ends. */
async function served(folder: string, words: readonly string[]): Promise<Served> {
  const state = { stdout: "" };
  let requestStop: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => {
    requestStop = resolve;
  });
  const ended = runCli(["sandbox", "--port", "0", ...words], {
    folder,
    stopped,
    // Looks at the files follow each other at once.
    clock: { now: () => 0, sleep: () => wait(5) },
    onOutput: (stdout) => {
      state.stdout = stdout;
    },
  });
  const stop = () => {
    requestStop();
    return ended;
  };
  onTestFinished(async () => {
    await stop();
  });
  await expect.poll(() => state.stdout, { timeout: 20_000 }).toContain("Make its calls go wrong");
  return { port: Number(/127\.0\.0\.1:(\d+)/.exec(state.stdout)?.[1]), output: () => state.stdout, stop };
}

const web = (statements: string) => `bucket: web\npolicy:\n  Version: "1"\n  Statement:\n${statements}`;
const allow = (action: string) => `    - Effect: Allow
      Principal: ["202147604049351234"]
      Action: ["oss:${action}"]
      Resource: ["acs:oss:*:*:web"]
`;
const files = (statements: string) => ({
  "policies/account.yaml": `${accountFile}identities: { alice: "202147604049351234" }\n`,
  "policies/web.yaml": web(statements),
});
const alice = { id: "alice", secret: "sandbox" };
const readInfo: SignedCall = { bucket: "web", query: [["bucketInfo", ""]], signer: alice };

describe("--policies", () => {
  test("a change of a file counts without a restart, and is reported by its bucket", async () => {
    const folder = writeTree(files(allow("GetBucketAcl")));
    const sandbox = await served(folder, ["--policies", "policies"]);
    expect((await signedCall(sandbox.port, readInfo)).status).toBe(403);
    writeFileSync(`${folder}/policies/web.yaml`, web(allow("GetBucketInfo")));
    await expect.poll(async () => (await signedCall(sandbox.port, readInfo)).status).toBe(200);
    const { stderr } = await sandbox.stop();
    expect(stderr).toContain("served as the files have it now: `web`");
  });

  test("a bucket whose file names another region is there, and nowhere else", async () => {
    const folder = writeTree(files(allow("GetBucketInfo")));
    const sandbox = await served(folder, ["--policies", "policies"]);
    expect((await signedCall(sandbox.port, readInfo)).status).toBe(200);
    const moved = web(allow("GetBucketInfo")).replace("policy:", "region: cn-beijing\npolicy:");
    writeFileSync(`${folder}/policies/web.yaml`, moved);
    const there = { ...readInfo, region: "cn-beijing" };
    await expect.poll(async () => (await signedCall(sandbox.port, there)).status).toBe(200);
    expect((await signedCall(sandbox.port, readInfo)).status).toBe(403);
  });

  test("a new identity is reported: it has no key before the next start", async () => {
    const folder = writeTree(files(allow("GetBucketInfo")));
    const sandbox = await served(folder, ["--policies", "policies"]);
    const identities = 'identities: { alice: "202147604049351234", bob: "202147604049351235" }\n';
    writeFileSync(`${folder}/policies/account.yaml`, `${accountFile}${identities}`);
    await wait(150);
    expect((await sandbox.stop()).stderr).toContain("start the sandbox again to have the new ones");
  });

  test("files with an error change nothing until they are corrected", async () => {
    const folder = writeTree(files(allow("GetBucketInfo")));
    const sandbox = await served(folder, ["--policies", "policies"]);
    writeFileSync(`${folder}/policies/web.yaml`, web(allow("GetBucketInfoo")));
    await wait(150);
    expect((await signedCall(sandbox.port, readInfo)).status).toBe(200);
    writeFileSync(`${folder}/policies/web.yaml`, web(allow("GetBucketAcl")));
    await expect.poll(async () => (await signedCall(sandbox.port, readInfo)).status).toBe(403);
    const { stderr } = await sandbox.stop();
    expect(stderr).toContain("GetBucketInfoo");
    expect(stderr).toContain("the policies of before are served until it is corrected");
  });

  test("a link that kept the files from being served, and goes away, leaves the files as they are by then", async () => {
    const folder = writeTree(files(allow("GetBucketInfo")));
    const sandbox = await served(folder, ["--policies", "policies"]);
    symlinkSync("nowhere", `${folder}/policies/x.yaml`);
    writeFileSync(`${folder}/policies/web.yaml`, web(allow("GetBucketAcl")));
    await wait(150);
    expect((await signedCall(sandbox.port, readInfo)).status).toBe(200);
    rmSync(`${folder}/policies/x.yaml`);
    await expect.poll(async () => (await signedCall(sandbox.port, readInfo)).status).toBe(403);
  });

  test("a folder that is gone stops nothing", async () => {
    const folder = writeTree(files(allow("GetBucketInfo")));
    const sandbox = await served(folder, ["--policies", "policies"]);
    rmSync(`${folder}/policies`, { recursive: true });
    await wait(150);
    expect((await signedCall(sandbox.port, readInfo)).status).toBe(200);
  });

  test("the sandbox does not start on files with an error", async () => {
    const folder = writeTree(files(allow("GetBucketInfoo")));
    const { code, stderr } = await runCli(["sandbox", "--port", "0", "--policies", "policies"], {
      folder,
    });
    expect(code).toBe(1);
    expect(stderr).toContain("GetBucketInfoo");
  });

  test("the folder of other verbs is not served unasked", async () => {
    const sandbox = await served(writeTree(files(allow("GetBucketInfo"))), []);
    expect(
      (await signedCall(sandbox.port, { ...readInfo, signer: { id: "sandbox", secret: "sandbox" } })).status,
    ).toBe(404);
  });
});

describe("--explain", () => {
  test("the header of an answer names the statement with its file and line; without it there is none", async () => {
    const folder = writeTree(files(allow("GetBucketInfo")));
    const explained = await served(folder, ["--policies", "policies", "--explain"]);
    const { headers } = await signedCall(explained.port, readInfo);
    expect(headers["x-oss-policy-decision"]).toBe(
      "allowed by statement 1 of the bucket policy, policies/web.yaml:5",
    );
    const silent = await served(folder, ["--policies", "policies"]);
    expect((await signedCall(silent.port, readInfo)).headers["x-oss-policy-decision"]).toBeUndefined();
  });

  test("a folder with a name beyond ASCII is still a header", async () => {
    const folder = writeTree({
      "策略/account.yaml": files("")["policies/account.yaml"],
      "策略/web.yaml": web(allow("GetBucketInfo")),
    });
    const sandbox = await served(folder, ["--policies", "策略", "--explain"]);
    const { headers } = await signedCall(sandbox.port, readInfo);
    expect(headers["x-oss-policy-decision"]).toContain(`${encodeURIComponent("策略")}/web.yaml:5`);
  });
});

describe("--log", () => {
  test("each request is a line of OSS's access log, with 29 fields", async () => {
    const folder = writeTree(files(allow("GetBucketInfo")));
    const sandbox = await served(folder, ["--policies", "policies", "--log", "access.log"]);
    await signedCall(sandbox.port, { ...readInfo, headers: { "user-agent": 'a "quoted"\u0085agent' } });
    await rawCall(sandbox.port, { path: "/web/a%20b.txt", headers: { host: "localhost" } });
    await sandbox.stop();
    const [first = "", second = "", ...rest] = readFileSync(`${folder}/access.log`, "utf8")
      .trimEnd()
      .split("\n");
    expect(rest).toEqual([]);
    const fields = (line: string) => line.match(/"[^"]*"|\[[^\]]*\]|\S+/g) ?? [];
    expect(fields(first)).toHaveLength(29);
    expect(first).toMatch(
      /^127\.0\.0\.1 - - \[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000\] "GET \/\?bucketInfo=? HTTP\/1\.1" 200 \d+ \d+ "-" "a %22quoted%22%C2%85agent"/,
    );
    const named = (line: string) => [
      fields(line)[12 + 1],
      fields(line)[14],
      fields(line)[15],
      fields(line)[16],
      fields(line)[19],
      fields(line)[21],
      fields(line)[27],
    ];
    expect(named(first)).toEqual([
      '"202147604049351234"',
      '"GetBucketInfo"',
      '"web"',
      '"-"',
      '"-"',
      '"1746495857600001"',
      '"alice"',
    ]);
    expect(named(second)).toEqual([
      '"-"',
      '"GetObject"',
      '"web"',
      '"a%20b.txt"',
      '"AccessDenied"',
      '"1746495857600001"',
      '"-"',
    ]);
  });

  test("a log that cannot be written stops the start", async () => {
    const folder = writeTree({});
    const { code, stderr } = await runCli(["sandbox", "--port", "0", "--log", "none/access.log"], {
      folder,
    });
    expect([code, stderr.includes("ENOENT")]).toEqual([1, true]);
  });
});
