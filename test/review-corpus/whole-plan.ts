import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { newRepository } from "../support/repository.ts";
import { environmentOf, runCli, writeTree } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";
import { filesOf, type PullRequest } from "./pull-request.ts";

/** Plans the files after a pull request, and some more, against those before, which OSS has. */
export async function plannedFrom(pullRequest: PullRequest, more: Readonly<Record<string, string>> = {}) {
  const { before, after } = filesOf(pullRequest);
  const repository = newRepository(before);
  repository.write({ ...after, ...more });
  const sandbox = await sandboxWith({
    buckets: [...pullRequest.edited, ...pullRequest.others].map(({ bucket, before: policy }) => ({
      name: bucket,
      region: "cn-hangzhou",
      ...(policy === "none" ? {} : { policy: JSON.stringify(policy) }),
    })),
  });
  const json = join(writeTree({}), "plan.json");
  const { code, stderr } = await runCli(["plan", "--base", "HEAD", "--json", json], {
    env: environmentOf(sandbox),
    folder: repository.folder,
  });
  expect(stderr).not.toContain("error");
  const { changes } = JSON.parse(readFileSync(json, "utf8")) as {
    changes: readonly { bucket: string; hazards: readonly { code: string; severity: string }[] }[];
  };
  const edited = new Set(pullRequest.edited.map(({ bucket }) => bucket));
  const hazards = new Map(
    changes
      .filter(({ bucket }) => edited.has(bucket))
      .map((one) => [
        one.bucket,
        one.hazards.filter(({ severity }) => severity !== "note").map(({ code }) => code),
      ]),
  );
  return { code, hazards };
}
