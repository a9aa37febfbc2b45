import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { deletes, file, planned, policy, reads, tree, writes } from "../support/base-plans.ts";
import { newRepository, type Repository } from "../support/repository.ts";
import { accountFile, runCli, writeTree } from "../support/run-cli.ts";
import { baseMutants } from "./base-mutants.ts";
import { killed, type Build } from "./killed.ts";

const guarded = `${accountFile}guardrails:
  - { name: nothing deleted, Principal: ["*"], Action: ["oss:Delete*"], Resource: ["*"] }
operators: [{ principal: "7" }]
limits: { change: { count: 0 } }
`;
const base = tree(file(reads), { "policies/account.yaml": guarded });
const path = process.env["PATH"] ?? "";
type Situation = Parameters<typeof planned>[0];

/** The exit code of a plan and those of the hazards that only a guard of the base can find. */
async function found({ product }: Build, situation: Situation): Promise<readonly unknown[]> {
  const { code, hazards, stderr, stdout } = await planned({
    live: policy(reads),
    ...situation,
    door: product.run,
  });
  if (/a bug of oss-policy|internal error/.test(stderr + stdout)) throw new Error(stderr + stdout);
  const guards = ["new-account", "locks-out-operator", "overwrites-foreign-statements", "guardrail-broken"];
  return [code, ...hazards.filter((one) => guards.includes(one))];
}

function edited(files: Readonly<Record<string, string | null>>): Repository {
  const repository = newRepository(base);
  repository.write(files);
  return repository;
}

const lockout = `bucket: data\npolicy: {"Version":"1","Statement":[{"Effect":"Deny","Principal":["7"],"Action":["oss:*"],"Resource":["acs:oss:*:1746495857600001:data"]}]}\n`;
const other = 'account: "1746495857600002"\nregion: cn-hangzhou\n';
const ofOther = file(deletes).replaceAll("1746495857600001", "1746495857600002");

/** A program named git that leaves a file, and its environment, where it ran. */
function gitThat(folder: string, more = ""): string {
  const ran = join(writeTree({}), "ran");
  writeFileSync(join(folder, "git"), `#!/bin/sh\nenv > ${ran}\nPATH=${path} exec git ${more} "$@"\n`);
  chmodSync(join(folder, "git"), 0o755);
  return ran;
}

/** A statement that only a merge itself brought, and that is live. */
function merged(): Repository {
  const repository = newRepository(tree(file(reads)));
  const { git } = repository;
  git("checkout", "-q", "-b", "side");
  repository.commit({ "side.txt": "x" });
  git("checkout", "-q", "main");
  repository.commit({ "main.txt": "x" });
  git("merge", "-q", "--no-ff", "--no-commit", "side");
  repository.commit({ "policies/data.yaml": file(reads, { who: "5" }) });
  repository.commit({ "policies/data.yaml": file(reads) });
  return repository;
}

const probes = {
  "guards that a revision removes": {
    right: [
      [3, "guardrail-broken"],
      [3, "locks-out-operator"],
    ],
    observe: async (build: Build) => [
      await found(build, {
        repository: edited({ "policies/account.yaml": accountFile, "policies/data.yaml": file(deletes) }),
      }),
      await found(build, {
        repository: edited({ "policies/account.yaml": accountFile, "policies/data.yaml": lockout }),
      }),
    ],
  },
  "a limit that a revision raises": {
    right: [3],
    observe: (build: Build) =>
      found(build, {
        repository: edited({ "policies/account.yaml": accountFile, "policies/data.yaml": file(writes) }),
      }),
  },
  "a bucket that goes to another account": {
    right: [1],
    observe: (build: Build) =>
      found(build, { repository: edited({ "policies/account.yaml": other, "policies/data.yaml": ofOther }) }),
  },
  "a new account": {
    right: [[3, "new-account"], [1]],
    observe: async (build: Build) => {
      const logs = { "policies/sub/account.yaml": other, "policies/sub/data.yaml": ofOther };
      const repository = newRepository(
        tree(file(reads).replaceAll("data", "logs"), { "policies/account.yaml": accountFile }),
      );
      repository.write(logs);
      const words = ["--account", "1746495857600002"];
      const unknown = [...words, "--accept", "new-account@1746495857600001"];
      const own = { repository, live: undefined, account: "1746495857600002" };
      return [await found(build, { ...own, words }), await found(build, { ...own, words: unknown })];
    },
  },
  "a statement that a merge brought": {
    right: [0],
    observe: (build: Build) =>
      found(build, { repository: merged(), base: "HEAD", live: policy(reads, { who: "5" }), words: [] }),
  },
  "a folder outside of the repository": {
    right: [1],
    observe: (build: Build) => {
      const elsewhere = newRepository({ ...base, "policies/account.yaml": accountFile });
      return found(build, { repository: newRepository(base), policies: join(elsewhere.folder, "policies") });
    },
  },
  "a name with two meanings": {
    right: [1],
    observe: (build: Build) => {
      const repository = newRepository(base);
      const short = repository.git("rev-parse", "--short", "HEAD");
      repository.commit({ "policies/account.yaml": accountFile });
      repository.git("update-ref", `refs/tags/${short}`, "HEAD");
      return found(build, { repository, base: short });
    },
  },
  "a replace ref": {
    right: [3, "guardrail-broken"],
    observe: (build: Build) => {
      const repository = newRepository(base);
      const strong = repository.git("rev-parse", "HEAD");
      const weak = repository.commit({ "policies/account.yaml": accountFile });
      repository.git("replace", strong, weak);
      repository.write({ "policies/data.yaml": file(deletes) });
      return found(build, { repository, base: strong });
    },
  },
  "a program named git in the tree": {
    right: false,
    observe: async (build: Build) => {
      const repository = newRepository(base);
      const ran = gitThat(repository.folder);
      await found(build, { repository, env: { PATH: `${repository.folder}${delimiter}${path}` } });
      return existsSync(ran);
    },
  },
  "what git is given": {
    right: [true, false, false, true, true],
    observe: async (build: Build) => {
      const folder = writeTree({});
      const ran = gitThat(folder);
      const env = {
        PATH: `${folder}${delimiter}${path}`,
        GIT_DIR: "/x",
        OSS_SESSION_TOKEN: "token-of-this-run",
      };
      await found(build, { repository: newRepository(base), env });
      const text = readFileSync(ran, "utf8");
      return [
        text.includes("GIT_NO_LAZY_FETCH=1"),
        text.includes("GIT_DIR="),
        text.includes("OSS_"),
        text.includes("GIT_CONFIG_GLOBAL=/dev/null"),
        text.includes("GIT_ALLOW_PROTOCOL=none"),
      ];
    },
  },
  "a folder that a file names": {
    right: [[1, true], false],
    observe: async ({ product }: Build) => {
      const { folder, commit } = newRepository(tree(file(reads)));
      commit({ "other/account.yaml": accountFile, "other/data.yaml": file(reads) });
      commit({ ".oss-policyrc.yaml": "policies: other\n" });
      const words = ["plan", "--sandbox", "--base", "HEAD^"];
      const refused = await runCli(words, { folder, door: product.run });
      const named = await runCli([...words, "--policies", "other"], { folder, door: product.run });
      return [[refused.code, refused.stderr.includes("[defaults]")], named.stderr.includes("[defaults]")];
    },
  },
};

killed(probes, baseMutants);
