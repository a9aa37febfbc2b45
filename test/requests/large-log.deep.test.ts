import { spawn } from "node:child_process";
import { appendFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { readRequests } from "../../src/requests/read-requests.ts";
import { logLine } from "../support/log-lines.ts";
import { accountFile, writeTree } from "../support/run-cli.ts";

const cli = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
const bytesOfMember = 64 << 20;
/** One more than 4 GiB has. */
const members = 65;

const policy = `{ Version: "1", Statement: [{ Effect: Allow, Principal: ["202147604049350001"], Action: ["oss:GetObject"], Resource: ["acs:oss:*:*:data/raw/*"] }] }`;

/** Lines of about so many bytes, with keys and addresses that differ. */
function linesOf(bytes: number): readonly string[] {
  const lines: string[] = [];
  for (let length = 0; length < bytes; length += (lines.at(-1)?.length ?? 0) + 1) {
    const at = lines.length;
    lines.push(logLine({ object: `raw/${(at * 7919) % 100_003}/${at}.csv`, ip: `10.0.${at % 200}.7` }));
  }
  return lines;
}

test("a log of more than 4 GiB on stdin, of many gzip members, is counted to its last line in little memory", async () => {
  const lines = linesOf(bytesOfMember);
  const member = gzipSync(`${lines.join("\n")}\n`, { level: 1 });
  const last = gzipSync(logLine({ time: "20/Nov/2026:10:00:00 +0000" }));
  const folder = writeTree({ "account.yaml": accountFile, "data.yaml": `bucket: data\npolicy: ${policy}\n` });
  const peak = `data:text/javascript,process.on("exit", () => process.stderr.write("peak " + process.resourceUsage().maxRSS + "\\n"))`;
  const words = ["access", "unused", "--policies", folder, "--requests", "-", "--json", "-"];
  const child = spawn(process.execPath, ["--import", peak, cli, ...words], {
    env: { PATH: process.env["PATH"] ?? "", CI: "true" },
  });
  const text = { stdout: "", stderr: "" };
  child.stdout.on("data", (part: Buffer) => (text.stdout += part.toString()));
  child.stderr.on("data", (part: Buffer) => (text.stderr += part.toString()));
  const ended = new Promise((resolve) => child.on("close", resolve));
  Readable.from([...Array.from({ length: members }, () => member), last]).pipe(child.stdin);
  // A process that ended early does not take the rest.
  child.stdin.on("error", () => undefined);
  expect([await ended, text.stderr]).toEqual([0, expect.stringMatching(/^Requests: .*\npeak \d+\n$/s)]);
  const answer = JSON.parse(text.stdout) as { readonly requests: unknown };
  const count = members * lines.length + 1;
  expect(answer.requests).toMatchObject({
    read: count,
    used: count,
    skipped: {},
    to: "2026-11-20T10:00:00.000Z",
  });
  const [, peakKb] = /peak (\d+)/.exec(text.stderr) ?? [];
  // Node.js with the tool alone takes about 80 MB, and this about 120; where the processor is busy, garbage waits and doubles it.
  expect(Number(peakKb) / 1024).toBeLessThan(400);
});

test("a file of more than 4 GiB is read to its end: here a hole that takes no place on the disk", async () => {
  const file = join(writeTree({}), "log");
  writeFileSync(file, `${logLine({ object: "first" })}\n`);
  truncateSync(file, 2 ** 32 + 1_000_000);
  appendFileSync(file, `\n${logLine({ object: "last" })}\n`);
  const keys: string[] = [];
  const read = await readRequests(
    [file],
    {},
    () => Readable.from([]),
    ({ key }) => keys.push(key),
  );
  expect(keys).toEqual(["first", "last"]);
  expect(read).toMatchObject({ counts: { read: 3, used: 2, skipped: { "too long": 1 } }, diagnostics: [] });
});
