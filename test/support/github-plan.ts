import { actionsStep, type ActionsOptions } from "./actions.ts";
import type { Github } from "./github.ts";
import { accountFile, runCli, writeTree } from "./run-cli.ts";

const team = "202147604049350001";
export const grants = (bucket: string) =>
  `bucket: ${bucket}\npolicy: { Version: "1", Statement: [{ Effect: Allow, Principal: ["${team}"], Action: ["oss:GetObject"], Resource: ["acs:oss:*:*:${bucket}/*"] }] }\n`;
export const oneBucket = { "account.yaml": accountFile, "one.yaml": grants("one") };
export const unchangedTree = { "account.yaml": accountFile, "one.yaml": "bucket: one\npolicy: none\n" };

/** One plan of a tree over an empty sandbox, in a step of Actions. */
export async function planIn(
  github: Github,
  {
    tree = oneBucket as Record<string, string>,
    folder = writeTree(tree),
    words = [] as string[],
    ...options
  }: ActionsOptions & {
    tree?: Record<string, string>;
    folder?: string;
    words?: string[];
  } = {},
) {
  const step = actionsStep(github.url, { workspace: folder, ...options });
  const result = await runCli(["plan", "--sandbox", "--policies", folder, "--github", ...words], {
    env: step.env,
  });
  return { ...result, step, folder };
}

export const writes = (github: Github) =>
  github.calls.filter(({ method }) => method !== "GET").map(({ method }) => method);
