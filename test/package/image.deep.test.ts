import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { basename, delimiter, join } from "node:path";
import { expect, test } from "vitest";
import { parseDockerfile, sourcesOf } from "../support/dockerfile.ts";
import { cleanEnvironment } from "../support/packed.ts";
import { newRepository } from "../support/repository.ts";
import { writeTree } from "../support/run-cli.ts";
import { executable, npmStandIn, root } from "../support/tool-repository.ts";

const instructions = parseDockerfile(readFileSync(join(root, "Dockerfile"), "utf8"));

/**
 * Follows the Dockerfile without Docker: a stage is a folder, the packages are those of this repository, and what apt
 * installs is there. Returns the folder of the last stage.
 */
function followDockerfile(): string {
  const stages = new Map<number, string>();
  let workdir = "/";
  for (const { name, text, stage } of instructions) {
    const folder = stages.get(stage) ?? writeTree({});
    stages.set(stage, folder);
    if (name === "FROM") workdir = "/";
    if (name === "WORKDIR") workdir = text;
    mkdirSync(join(folder, workdir), { recursive: true });
    if (name === "COPY") copy(text, stages.get(1) ?? "", join(folder, workdir), folder);
    if (name === "RUN" && !text.includes("apt-get")) run(text, join(folder, workdir));
  }
  return [...stages.values()].at(-1) ?? "";
}

function copy(text: string, built: string, workdir: string, folder: string): void {
  const from = text.startsWith("--from=build ") ? built : root;
  const to = text.split(/\s+/).at(-1) ?? "";
  const target = to.startsWith("/") ? join(folder, to) : join(workdir, to);
  for (const source of sourcesOf(text)) {
    const isFile = statSync(join(from, source)).isFile();
    cpSync(join(from, source), isFile ? join(target, basename(source)) : target, {
      recursive: true,
      preserveTimestamps: true,
    });
  }
}

function run(command: string, cwd: string): void {
  const path = [executable("npm", npmStandIn), process.env["PATH"]].join(delimiter);
  const env = { ...cleanEnvironment, PATH: path };
  const { status, stderr } = spawnSync("sh", ["-c", command], { cwd, env, encoding: "utf8" });
  expect(status, `${command}\n${stderr}`).toBe(0);
}

test("what the Dockerfile copies is enough to build the tool and to run it", () => {
  const image = followDockerfile();
  const entry = instructions.find(({ name }) => name === "ENTRYPOINT")?.text ?? "[]";
  const [program = "", script = ""] = JSON.parse(entry) as readonly string[];
  const repository = newRepository({
    "policies/account.yaml": 'account: "1746495857600001"\nregion: cn-hangzhou\n',
    "policies/a.yaml": "bucket: examplebucket\npolicy: none\n",
  });
  const tool = (...words: readonly string[]) =>
    spawnSync(program, [join(image, script), ...words], {
      cwd: repository.folder,
      env: cleanEnvironment,
      encoding: "utf8",
    });
  expect(tool("validate")).toMatchObject({
    status: 0,
    stdout: expect.stringContaining("Validate: 1 bucket"),
  });
  expect(tool("plan", "--sandbox", "--base", "HEAD")).toMatchObject({ status: 0 });
  expect(tool("demo")).toMatchObject({ status: 0 });
  expect(existsSync(join(image, "oss-policy/node_modules"))).toBe(false);
  expect(existsSync(join(image, "oss-policy/dist/compiled"))).toBe(true);
});
