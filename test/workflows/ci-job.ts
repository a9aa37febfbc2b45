import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Sandbox } from "../../src/sandbox/server.ts";
import { repositoryIn, type Repository } from "../support/repository.ts";
import { writeTree } from "../support/run-cli.ts";
import { executable, npmStandIn } from "../support/tool-repository.ts";
import { npmSettings } from "./recipes.ts";
import { keys } from "./scenes.ts";

/** How a job ended. */
export interface Ended {
  readonly code: number;
  readonly log: string;
}

/** What a job runs with. */
export interface Job {
  readonly checkout: string;
  readonly sandbox: Sandbox;
  /** The role whose key the job has. */
  readonly role: string;
  readonly variables: Readonly<Record<string, string>>;
  /** The registry that npm installs from; without one, a stand-in is npm. */
  readonly registry?: string | undefined;
}

/** Runs the script of a job as a CI system does: in bash, line after line until one fails. */
export function runScript(
  script: string,
  { checkout, sandbox, role, variables, registry }: Job,
): Promise<Ended> {
  const bin = registry === undefined ? [executable("npm", npmStandIn)] : [];
  const key = keys[role];
  const child = spawn("bash", ["-eo", "pipefail", "-c", script], {
    cwd: checkout,
    env: {
      PATH: [...bin, process.env["PATH"] ?? ""].join(delimiter),
      ...(registry === undefined ? { HOME: writeTree({}) } : npmSettings(registry)),
      CI: "true",
      OSS_ENDPOINT: sandbox.url,
      OSS_ACCESS_KEY_ID: key?.id ?? "",
      OSS_ACCESS_KEY_SECRET: key?.secret ?? "",
      OSS_SESSION_TOKEN: key?.token ?? "",
      ...variables,
    },
  });
  let log = "";
  child.stdout.on("data", (part: Buffer) => (log += part.toString()));
  child.stderr.on("data", (part: Buffer) => (log += part.toString()));
  return new Promise((resolve) => child.on("close", (code) => resolve({ code: code ?? 1, log })));
}

/** The folder that a runner keeps for a project: fetched, cleaned and set to a commit before each job. */
export function checkOut(folder: string, origin: Repository, sha: string): void {
  const { git } = repositoryIn(folder);
  if (!existsSync(join(folder, ".git"))) git("clone", "-q", "--no-checkout", `file://${origin.folder}`, ".");
  git("fetch", "-q", "origin", sha);
  git("checkout", "-qf", "--detach", sha);
  git("clean", "-qffdx");
}
