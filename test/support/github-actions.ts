import { cpSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { SandboxKey } from "../../src/sandbox/seed/seed.ts";
import type { Running } from "./github-runner.ts";
import { repositoryIn } from "./repository.ts";

/** The temporary key of each role, by ARN. Any other role cannot be taken. */
export type Keys = Readonly<Record<string, SandboxKey>>;

/** False where the step fails. */
type Effect = (inputs: Readonly<Record<string, string>>, running: Running) => boolean;

/** What a checkout of the whole history brings beside its commit. */
const everyRef = ["+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"];

/** What each action does that matters to the steps after it. */
export const effects: Readonly<Record<string, Effect>> = {
  "actions/setup-node": () => true,
  "actions/checkout": (inputs, { scene, workspace }) => {
    const folder = join(workspace, inputs["path"] ?? ".");
    const asked = inputs["ref"] ?? "";
    const depth = inputs["fetch-depth"] === "0" ? [] : ["--depth=1"];
    mkdirSync(folder, { recursive: true });
    const { git } = repositoryIn(folder);
    git("init", "-q");
    if (depth.length === 0) git("fetch", "-q", `file://${scene.origin}`, ...everyRef);
    git("fetch", "-q", ...depth, `file://${scene.origin}`, asked === "" ? scene.sha : asked);
    git("checkout", "-q", "FETCH_HEAD");
    return true;
  },
  "actions/upload-artifact": ({ name = "artifact", path = "" }, { workspace, artifacts }) => {
    const from = join(workspace, path.trim());
    if (existsSync(from)) cpSync(from, join(artifacts, name), { recursive: true });
    return true;
  },
  "actions/download-artifact": ({ name = "artifact", path = "." }, { workspace, artifacts }) => {
    if (!existsSync(join(artifacts, name))) return false;
    cpSync(join(artifacts, name), join(workspace, path), { recursive: true });
    return true;
  },
  // Exchanges the job's OIDC token for a key of the role, and exports it for all later steps.
  "aliyun/configure-aliyun-credentials-action": (inputs, running) => {
    const role = inputs["role-to-assume"] ?? "";
    if (
      running.job.permissions?.["id-token"] !== "write" ||
      role === "" ||
      inputs["oidc-provider-arn"] === ""
    )
      return false;
    const key = running.scene.keys?.[role];
    if (key === undefined) return false;
    running.roles.push(role);
    running.env = {
      ...running.env,
      ALIBABA_CLOUD_ACCESS_KEY_ID: key.id,
      ALIBABA_CLOUD_ACCESS_KEY_SECRET: key.secret,
      ALIBABA_CLOUD_SECURITY_TOKEN: key.token ?? "",
    };
    return true;
  },
  "github/codeql-action/upload-sarif": ({ sarif_file = "" }, running) => {
    const file = join(running.workspace, sarif_file);
    if (!existsSync(file)) return false;
    running.sarif = readFileSync(file, "utf8");
    return true;
  },
};
