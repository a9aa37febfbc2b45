import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { actionsStep, pullRequestPayload, runnerCommands, stepOutputs } from "../support/actions.ts";
import { actionsBot, githubServer, token } from "../support/github.ts";
import { grants, oneBucket } from "../support/github-plan.ts";
import { isDeep } from "../support/runs.ts";
import { writeTree } from "../support/run-cli.ts";

const cli = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly log: string;
  readonly ms: number;
}

/** The real process with nothing but this environment, and both of its streams as the runner reads them. */
function inProcess(words: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> {
  const begun = performance.now();
  const child = spawn(process.execPath, [cli, ...words], {
    env: { PATH: process.env["PATH"] ?? "", ...env },
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (part: Buffer) => (log += part.toString()));
  return new Promise((resolve) =>
    child.on("close", (code) => resolve({ code, log, ms: performance.now() - begun })),
  );
}

test("the real process comments, edits, and ends when it is done", async () => {
  const github = await githubServer();
  const folder = writeTree(oneBucket);
  const step = actionsStep(github.url, { workspace: folder });
  const words = ["plan", "--sandbox", "--policies", folder, "--github"];
  const first = await inProcess(words, step.env);
  expect([first.code, github.comments.length]).toEqual([0, 1]);
  expect(first.ms).toBeLessThan(20_000);
  github.comments[0]!.body = `<!-- oss-policy: ${folder} -->\nold`;
  const second = await inProcess(words, step.env);
  expect(second.log).toContain("github: the comment on pull request 7: updated");
  expect(github.comments[0]?.body).toContain("1 to create");
  expect(first.log + second.log).not.toContain(token);
});

if (isDeep)
  test("a fork's run of a tree full of commands shows them all, and none is one", async () => {
    const github = await githubServer({ tokens: { [token]: { user: actionsBot, canWrite: false } } });
    const hostile = "::error::%0A::set-output name=changes::0 @everyone #1 [x](//y) `|` <img>";
    const planned = {
      ...oneBucket,
      "::error file=README.md ::x.yaml": grants("two").replace("two/*", `two/${hostile}/*`),
      "z.yaml": `${grants("four").replace(/"\d{9,}"/, '"*"')}accept: [{ hazard: grants-public-access, reason: ${JSON.stringify(hostile)} }]\n`,
    };
    const refused = {
      ...planned,
      "::warning y.yaml": `"::notice::x": ${JSON.stringify(hostile)}\nbucket: three\n`,
    };
    const runs = [
      ["plan", planned, ["--sandbox"]],
      ["plan", refused, ["--sandbox"]],
      ["validate", refused, []],
    ] as const;
    for (const [verb, tree, more] of runs) {
      const folder = writeTree(tree);
      const step = actionsStep(github.url, {
        workspace: folder,
        payload: pullRequestPayload(7, "mallory/policies"),
      });
      const { code, log } = await inProcess([verb, "--policies", folder, "--github", ...more], step.env);
      expect(code).toBe(tree === planned ? 0 : 1);
      const commands = runnerCommands(log);
      expect(commands.length).toBeGreaterThan(0);
      for (const { name, properties } of commands) {
        expect(["error", "warning", "notice"]).toContain(name);
        expect(properties["title"]).toMatch(/^oss-policy: [a-z-]+$/);
        expect(properties["file"]).not.toBe("README.md");
      }
      expect(stepOutputs(step.output())["exitcode"]).toBe(String(code));
      if (verb === "plan") expect(log).toContain("the token of a run for a fork only reads");
    }
    expect(github.comments).toEqual([]);
  });
