import { readFileSync } from "node:fs";
import { join } from "node:path";
import { alice, allows, bob, bucketFile, namedAccount, owner } from "../support/edited.ts";
import { runCli, writeTree } from "../support/run-cli.ts";
import { editMutants } from "./edit-mutants.ts";
import { killed, type Build } from "./killed.ts";

const objects = `"acs:oss:*:${owner}:logs/*"`;
const reads = '"oss:GetObject"';

/** The exit code of a command over files, and those that it changed, with their texts. */
async function changed(
  { product }: Build,
  files: Readonly<Record<string, string>>,
  ...words: readonly string[]
): Promise<readonly unknown[]> {
  const all = { "account.yaml": namedAccount, ...files };
  const folder = writeTree(all);
  const { code } = await runCli([...words, "--policies", "."], { folder, door: product.run });
  const texts = Object.entries(all).map(([name, before]) => [
    name,
    before,
    readFileSync(join(folder, name), "utf8"),
  ]);
  return [
    code,
    ...texts.filter(([, before, after]) => before !== after).map(([name, , after]) => [name, after]),
  ];
}

const file = (...statements: readonly string[]) => ({ "logs.yaml": bucketFile("logs", ...statements) });
const changedTo = (...statements: readonly string[]) => [0, ["logs.yaml", bucketFile("logs", ...statements)]];
const refused = [1];

const guarded = `${namedAccount}guardrails:\n  - name: no deletes\n    Principal: ["*"]\n    Action: ["oss:Delete*"]\n    Resource: ["*"]\n`;
const set = `Statement:\n${allows(`"${alice}", "${bob}"`, reads, '"acs:oss:*:${account}:${bucket}/*"')}`;
const everyone = `    # oss-policy-ignore public-policy: a website\n${allows('"*"', reads, objects)}`;

const probes = {
  "a part of a statement that no list can express": {
    right: refused,
    observe: (build: Build) =>
      changed(
        build,
        file(allows(`"${alice}"`, reads, objects)),
        "revoke",
        "alice",
        "--with",
        "acs:SecureTransport=false",
      ),
  },
  "a principal that is covered by everyone": {
    right: refused,
    observe: (build: Build) =>
      changed(build, file(everyone, allows(`"${alice}"`, '"oss:PutObject"', objects)), "revoke", "alice"),
  },
  "a grant": {
    right: changedTo(allows(`"${bob}", "\${alice}"`, reads, objects)),
    observe: (build: Build) =>
      changed(build, file(allows(`"${bob}"`, reads, objects)), "grant", "alice", "oss:GetObject", "logs"),
  },
  "a principal that is allowed and denied": {
    right: changedTo(allows(`"${alice}"`, '"oss:PutObject"', objects, "Deny")),
    observe: (build: Build) =>
      changed(
        build,
        file(allows(`"${alice}"`, reads, objects), allows(`"${alice}"`, '"oss:PutObject"', objects, "Deny")),
        "revoke",
        "alice",
      ),
  },
  "a statement of the principal alone": {
    right: changedTo(allows(`"${bob}"`, reads, objects)),
    observe: (build: Build) =>
      changed(
        build,
        file(allows(`"${alice}"`, '"oss:PutObject"', objects), allows(`"${bob}"`, reads, objects)),
        "revoke",
        "alice",
      ),
  },
  "a statement set of two buckets": {
    right: refused,
    observe: (build: Build) =>
      changed(
        build,
        {
          "_sets/readers.yaml": set,
          "a.yaml": "bucket: aaa\nuse: [readers]\n",
          "b.yaml": "bucket: bbb\nuse: [readers]\n",
        },
        "revoke",
        "alice",
        "aaa",
      ),
  },
  "a grant that a guardrail forbids": {
    right: refused,
    observe: (build: Build) =>
      changed(
        build,
        { ...file(allows(`"${bob}"`, reads, objects)), "account.yaml": guarded },
        "grant",
        "alice",
        "oss:DeleteObject",
        "logs",
      ),
  },
  "a grant that a Deny overrides": {
    right: refused,
    observe: (build: Build) =>
      changed(
        build,
        file(allows(`"${alice}"`, '"oss:*"', objects, "Deny")),
        "grant",
        "alice",
        "oss:GetObject",
        "logs",
      ),
  },
  "a dry run": {
    right: [0],
    observe: (build: Build) =>
      changed(build, file(allows(`"${alice}", "${bob}"`, reads, objects)), "revoke", "alice", "--dry-run"),
  },
};

killed(probes, editMutants);
