import type { SandboxKey } from "../../src/sandbox/seed/seed.ts";
import type { Sandbox } from "../../src/sandbox/server.ts";
import type { Scene } from "../support/github-runner.ts";
import { repository } from "../support/github-runner.ts";
import type { Repository } from "../support/repository.ts";
import type { PullRequest } from "../support/tool-repository.ts";
import type { Github } from "../support/github.ts";
import { accountFile } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";

export const planRole = "acs:ram::1746495857600001:role/oss-policy-plan";
export const applyRole = "acs:ram::1746495857600001:role/oss-policy-apply";

/** The repository variables that docs/github.md says to set. */
export const roleVariables = {
  OSS_POLICY_PLAN_ROLE_ARN: planRole,
  OSS_POLICY_APPLY_ROLE_ARN: applyRole,
  OSS_POLICY_OIDC_PROVIDER_ARN: "acs:ram::1746495857600001:oidc-provider/github-actions",
};

export const keys: Readonly<Record<string, SandboxKey>> = {
  [planRole]: { id: "STS.plan", secret: "plan", token: "plan-token" },
  [applyRole]: { id: "STS.apply", secret: "apply", token: "apply-token" },
};

/** A bucket file that lets these users read. */
export function bucketFile(bucket: string, ...readers: readonly string[]): string {
  return [
    `bucket: ${bucket}`,
    "policy:",
    '  Version: "1"',
    "  Statement:",
    "    - Effect: Allow",
    `      Principal: ${JSON.stringify(readers)}`,
    '      Action: ["oss:GetObject"]',
    `      Resource: ["acs:oss:*:1746495857600001:${bucket}/*"]`,
    "",
  ].join("\n");
}

/** What stands in OSS where such a file was applied. */
export function livePolicy(bucket: string, ...readers: readonly string[]): string {
  const Resource = [`acs:oss:*:1746495857600001:${bucket}/*`];
  const statement = { Effect: "Allow", Principal: readers, Action: ["oss:GetObject"], Resource };
  return JSON.stringify({ Version: "1", Statement: [statement] });
}

export const alice = "202147604049351001";
export const bob = "202147604049351002";

export const tree = {
  "policies/account.yaml": accountFile,
  "policies/reports.yaml": bucketFile("reports", alice),
  "policies/logs.yaml": bucketFile("logs", alice),
};

/** OSS with both buckets as the tree asks for them, and the temporary keys of both roles. */
export function ossOfTree(): Promise<Sandbox> {
  return sandboxWith({
    keys: Object.values(keys),
    buckets: ["reports", "logs"].map((name) => ({
      name,
      region: "cn-hangzhou",
      policy: livePolicy(name, alice),
    })),
  });
}

export interface PullRequestOptions {
  readonly github?: Github;
  readonly vars?: Readonly<Record<string, string>>;
  /** The repository that its branch is in. */
  readonly from?: string;
  readonly actor?: string;
  /** A file that the words of the pull request make, where a shell takes them for a command. */
  readonly marker?: string;
}

/** OSS and GitHub, as far as the steps reach them. */
function environmentOf(sandbox: Sandbox, github: Github | undefined): Readonly<Record<string, string>> {
  return { OSS_ENDPOINT: sandbox.url, ...(github === undefined ? {} : { GITHUB_API_URL: github.url }) };
}

/** A push to main of what `sha` holds, where `before` stood. */
export function pushScene(
  origin: Repository,
  { before, sha }: { readonly before: string; readonly sha: string },
  sandbox: Sandbox,
  vars: Readonly<Record<string, string>> = roleVariables,
): Scene {
  const payload = { ref: "refs/heads/main", before, after: sha, repository: { full_name: repository } };
  const event = { name: "push", payload };
  return {
    origin: origin.folder,
    event,
    ref: "refs/heads/main",
    sha,
    vars,
    keys,
    env: environmentOf(sandbox, undefined),
  };
}

export function scheduleScene(
  origin: Repository,
  sha: string,
  sandbox: Sandbox,
  { github, vars = roleVariables }: PullRequestOptions = {},
): Scene {
  const event = { name: "schedule", payload: { schedule: "17 5 * * *" } };
  return {
    origin: origin.folder,
    event,
    ref: "refs/heads/main",
    sha,
    vars,
    keys,
    env: environmentOf(sandbox, github),
  };
}

export function pullRequestScene(
  origin: Repository,
  { base, head, merge }: PullRequest,
  sandbox: Sandbox,
  { vars = roleVariables, from = repository, actor, github, marker = "was-run" }: PullRequestOptions = {},
): Scene {
  const evilBranch = `$(touch\${IFS}${marker})`;
  const payload = {
    action: "opened",
    number: 1,
    // Whoever opens it chooses these words.
    pull_request: {
      title: `"; ${evilBranch}; echo "`,
      base: { ref: "main", sha: base, repo: { full_name: repository } },
      head: { ref: evilBranch, sha: head, repo: { full_name: from } },
      number: 1,
    },
    repository: { full_name: repository, default_branch: "main" },
  };
  return {
    origin: origin.folder,
    event: { name: "pull_request", payload },
    ref: "refs/pull/1/merge",
    sha: merge,
    vars,
    keys,
    env: { ...environmentOf(sandbox, github), GITHUB_BASE_REF: "main", GITHUB_HEAD_REF: evilBranch },
    ...(actor === undefined ? {} : { actor }),
  };
}
