import { expect, test } from "vitest";
import { file, planned, policy, reads, tree, writes } from "../support/base-plans.ts";
import { newRepository } from "../support/repository.ts";

const lacks = "this revision lacks 1 commit of `main` on the policy files: the plan takes back what it did";

test("a branch that the base has left behind is warned of", async () => {
  const repository = newRepository(tree(file(reads)));
  repository.git("branch", "-M", "main");
  repository.git("checkout", "-qb", "feature");
  repository.git("checkout", "-q", "main");
  repository.write({ "policies/data.yaml": file(reads, writes) });
  repository.git("commit", "-qam", "a grant");
  repository.write({ "README.md": "of no policy" });
  repository.git("add", ".");
  repository.git("commit", "-qm", "a page");
  repository.git("checkout", "-q", "feature");
  const behind = await planned({ repository, live: policy(reads, writes), base: "main" });
  expect(behind.stderr).toContain(lacks);
  repository.git("merge", "-q", "main");
  const merged = await planned({ repository, live: policy(reads, writes), base: "main" });
  expect(merged.stderr).not.toContain("lacks");
});
