import { isFailed, type Failed } from "../../result.ts";
import { accessDifference, type AccessDifference } from "../../access/difference.ts";
import type { Bucket } from "../../policy/bucket.ts";
import { parseResource } from "../../policy/resource.ts";
import { accessJson } from "../../report/json/access.ts";
import { hazardJson } from "../../report/json/plan.ts";
import { renderAccess } from "../../report/text/access.ts";
import { renderPlan } from "../../report/text/plan.ts";
import { verdictOf } from "../../report/verdict.ts";
import type { Run } from "../../run/run.ts";
import { noteExcluded, selectTree } from "../../run/selection.ts";
import type { Output } from "../../run/output.ts";
import { readBase } from "../../pipeline/base.ts";
import { planOfRevision } from "../../pipeline/revision-plan.ts";
import { treeAt, treeProblems } from "../../pipeline/revision.ts";
import { riskOf } from "../../plan/hazard.ts";
import { isWriting } from "../../plan/plan.ts";
import { policyInFile, type FilePolicy } from "./file.ts";
import { foundText, problem, type AccessReply } from "./reply.ts";

const selectionNames = ["bucket", "exclude", "account"] as const;

/** Compares two git revisions of the tree, or two policies in files. */
export function diffReply(words: readonly string[], run: Run): AccessReply | Promise<AccessReply> {
  const { options, out } = run;
  const narrowed = selectionNames.find((name) => options[name].length > 0);
  const [first = "", second, ...more] = words;
  if (options.live)
    return problem("diff compares what is written down", "plan compares the files with the live policies");
  if (second !== undefined && more.length === 0)
    return narrowed === undefined
      ? diffFiles(first, second, out)
      : problem(`--${narrowed} selects buckets of a tree, and two files are compared`, `drop --${narrowed}`);
  const [from = "", to = "", ...rest] = first.split("..");
  if (from === "" || to === "" || rest.length > 0 || more.length > 0)
    return problem(
      "diff takes two git revisions, or two files",
      "write `access diff main..HEAD` or `access diff OLD.json NEW.json`",
    );
  return diffRevisions([from, to], run);
}

/** Shows what merging the second revision into the first would change, as plan does, without a call to OSS. */
async function diffRevisions(
  [from, to]: readonly [string, string],
  { options, out, io }: Run,
): Promise<AccessReply> {
  const { policies } = options;
  const wanted = treeAt(to, policies, io.env);
  if (isFailed(wanted)) return wanted;
  // The folder may have been another one before.
  const base = readBase(from, { policies, desired: wanted.desired, sources: new Map() }, io.env);
  if (isFailed(base)) return base;
  const problems = treeProblems(from, policies, base);
  if (problems.length > 0) return { problems };
  const selected = selectTree(wanted.desired, options);
  if (isFailed(selected)) return selected;
  noteExcluded(selected, out);
  const plan = await planOfRevision(base, wanted, selected.buckets, io.today);
  const changes = plan.changes.filter(isWriting);
  const differing = changes.filter(({ access }) => access.verdict !== "equal");
  return {
    text: renderPlan(plan, out.style),
    found: foundIn(differing.map(({ access }) => access)),
    json: () => ({
      from: base.revision.commit,
      to: wanted.commit,
      verdict: { ...verdictOf(plan, { isErrored: false }) },
      buckets: differing.map(({ bucket, access, hazards }) => ({
        bucket,
        access: accessJson(access),
        risk: riskOf(hazards),
        hazards: hazards.map(hazardJson),
      })),
    }),
  };
}

function foundIn(differences: readonly AccessDifference[]): string | undefined {
  const count = (wanted: AccessDifference["verdict"]) =>
    differences.filter(({ verdict }) => verdict === wanted).length;
  return foundText([
    [count("different"), "has another access", "have another access"],
    [count("undecided"), "is undecided", "are undecided"],
  ]);
}

function diffFiles(first: string, second: string, out: Output): AccessReply {
  const [before, after] = [policyInFile(first), policyInFile(second)];
  const problems = [before, after].flatMap((read) => (isFailed(read) ? read.problems : []));
  if (isFailed(before) || isFailed(after)) return { problems };
  const bucket = comparedBucket([before, after]);
  if (isFailed(bucket)) return bucket;
  const difference = accessDifference(before.policy, after.policy, bucket);
  const same = ["    access: the same for every request (proved)"];
  const lines = difference.verdict === "equal" ? same : renderAccess(difference, out.style);
  const head = bucket.name === "" ? "no bucket is named" : bucket.name;
  return {
    found: foundIn([difference]),
    text: `${[head, ...lines].join("\n")}\n`,
    json: () => ({ buckets: [{ bucket: bucket.name, access: accessJson(difference) }] }),
  };
}

/**
 * The one bucket that the Resources name; where they name none, the one that a file names beside its policy. Without
 * the owner's UID in them, the owner is no user that they name. Two policies without a statement need no name.
 */
function comparedBucket(files: readonly FilePolicy[]): Bucket | Failed {
  const statements = files.flatMap(({ policy }) => (policy === "none" ? [] : policy.statements));
  const resources = statements
    .flatMap(({ resource }) => resource ?? [])
    .flatMap((word) => {
      const parsed = parseResource(word);
      return parsed === undefined || parsed.kind === "everything" ? [] : [parsed];
    });
  const isPlain = (text: string) => /^[a-z0-9-]+$/.test(text);
  const inResources = resources.map(({ name }) => name.split("/")[0] ?? "").filter(isPlain);
  const inFiles = files.flatMap(({ bucket }) => bucket ?? []);
  const names = [...new Set(inResources.length > 0 ? inResources : inFiles)];
  const owners = [...new Set(resources.map(({ owner }) => owner).filter((owner) => /^[0-9]+$/.test(owner)))];
  const help = "compare policies of one bucket, with its name written out";
  const [name, ...others] = names;
  const [owner = "0", ...foreign] = owners;
  if (others.length > 0) return problem(`the two files name several buckets: ${quoted(names)}`, help);
  if (foreign.length > 0) return problem(`the two files name several owners: ${quoted(owners)}`, help);
  if (name !== undefined) return { name, owner };
  if (statements.length === 0) return { name: "", owner };
  return problem("the Resources of the two policies name no bucket", help);
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}
