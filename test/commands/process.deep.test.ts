import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The real process in a real shell: what only happens there. */
function shell(command: string): Promise<Ended> {
  const env = { PATH: process.env["PATH"] ?? "", CI: "true" };
  const child = spawn("bash", ["-c", command.replaceAll("oss-policy", "node dist/cli.js")], {
    cwd: root,
    env,
  });
  const text = { stdout: "", stderr: "" };
  child.stdout.on("data", (part: Buffer) => (text.stdout += part.toString()));
  child.stderr.on("data", (part: Buffer) => (text.stderr += part.toString()));
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, ...text })));
}

/** The real process at a terminal of its own (`script` is in Debian's base), with one answer to its question. */
function atTerminal(command: string, answer: string): Promise<Ended> {
  const env = { PATH: process.env["PATH"] ?? "", TERM: "dumb" };
  const child = spawn("script", ["-qec", command, "/dev/null"], { cwd: root, env });
  let stdout = "";
  let isAnswered = false;
  child.stdout.on("data", (part: Buffer) => {
    stdout += part.toString();
    if (isAnswered || !stdout.includes("Only `yes` writes:")) return;
    isAnswered = true;
    child.stdin.write(answer);
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, stdout, stderr: "" })));
}

describe("an error that nothing expects", () => {
  const secret = "s3QwErTyUiOpAsDfGhJkLzXc";
  const bug = (how: string) =>
    `data:text/javascript,${encodeURIComponent(`setTimeout(() => { const error = new TypeError("headers " + process.env.OSS_ACCESS_KEY_SECRET); error.headers = { token: process.env.OSS_ACCESS_KEY_SECRET }; ${how} }, 300);`)}`;

  test.each([
    ["is thrown", "throw error;"],
    ["is a rejection", "void Promise.reject(error);"],
  ])("that %s ends the run with its kind and its place, and no message, report or dump", async (_, how) => {
    const folder = mkdtempSync(join(tmpdir(), "oss-policy-bug-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const words = ["--import", bug(how), "--report-uncaught-exception", join(root, "dist/cli.js")];
    const env = {
      PATH: process.env["PATH"] ?? "",
      OSS_ACCESS_KEY_ID: "LTAIx",
      OSS_ACCESS_KEY_SECRET: secret,
    };
    const child = spawn(process.execPath, [...words, "sandbox", "--port", "0"], { cwd: folder, env });
    let text = "";
    child.stdout.on("data", (part: Buffer) => (text += part.toString()));
    child.stderr.on("data", (part: Buffer) => (text += part.toString()));
    const code = await new Promise((resolve) => child.on("close", resolve));
    expect([code, text]).toEqual([
      1,
      expect.stringContaining("internal error, please report it: TypeError\n    at "),
    ]);
    expect(text).not.toContain(secret);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("the real process", () => {
  test.each(["apply --yes", "plan"])("%s writes its report to stdout and ends well", async (verb) => {
    const { code, stdout, stderr } = await shell(`oss-policy ${verb} --sandbox --json -`);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toHaveProperty("formatVersion", "2.2");
    expect(stderr).toContain("Exit 0, success.");
  });

  test("a reader that goes away changes nothing: all is written, and the exit code stays", async () => {
    const { stdout } = await shell(
      `(oss-policy apply --yes --sandbox; echo "code $?" >&3) 3>&1 2> >(head -c 1 >/dev/null) | tail -1`,
    );
    expect(stdout).toContain("code 0");
  });

  test("stdout that is full is an error, in one line", async () => {
    const { code, stderr } = await shell("oss-policy plan --sandbox > /dev/full");
    expect(code).toBe(1);
    expect(stderr).toContain("error: the output cannot be written (ENOSPC)");
    expect(stderr).not.toContain("    at ");
  });

  const answers: readonly (readonly [name: string, answer: string])[] = [
    ["Ctrl-C", "\u0003"],
    ["Ctrl-D", "\u0004"],
    ["no", "no\n"],
  ];

  test.each(answers)(
    "at the question, %s is not yes: nothing is written, and it is no success",
    async (_, answer) => {
      const { code, stdout } = await atTerminal("node dist/cli.js apply --sandbox", answer);
      expect(stdout).toContain("the plan was not confirmed, so nothing was written");
      expect(stdout).not.toMatch(/applied|    at /);
      expect(code).toBe(1);
    },
  );

  test("SIGINT ends the sandbox in order", async () => {
    const { code, stdout } = await shell("timeout -s INT 2 node dist/cli.js sandbox --port 0; echo code $?");
    expect(stdout).toContain("Exit 0, success.");
    expect(code).toBe(0);
  });
});
