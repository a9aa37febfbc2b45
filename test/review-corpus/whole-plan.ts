import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { newRepository, type Repository } from "../support/repository.ts";
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
  const { changes, verdict } = JSON.parse(readFileSync(json, "utf8")) as {
    changes: readonly JudgedBucket[];
    verdict: object;
  };
  const edited = new Set(pullRequest.edited.map(({ bucket }) => bucket));
  return {
    code,
    verdict,
    hazards: codesIn(changes.filter(({ bucket }) => edited.has(bucket))),
    offline: await offline(repository),
  };
}

/** What `access diff` says of the same revisions, without OSS. */
async function offline(repository: Repository) {
  repository.commit({});
  const json = join(writeTree({}), "diff.json");
  await runCli(["access", "diff", "HEAD~1..HEAD", "--json", json], { folder: repository.folder });
  const { buckets, verdict } = JSON.parse(readFileSync(json, "utf8")) as {
    buckets: readonly JudgedBucket[];
    verdict: object;
  };
  return { verdict, hazards: codesIn(buckets) };
}

interface JudgedBucket {
  readonly bucket: string;
  readonly hazards: readonly { readonly code: string; readonly severity: string }[];
}

/** Codes of the hazards above a note, by bucket. */
function codesIn(buckets: readonly JudgedBucket[]): ReadonlyMap<string, readonly string[]> {
  return new Map(
    buckets.map(({ bucket, hazards }) => [
      bucket,
      hazards.filter(({ severity }) => severity !== "note").map(({ code }) => code),
    ]),
  );
}
