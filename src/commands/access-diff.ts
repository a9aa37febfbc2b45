import { readFileSync } from "node:fs";
import { accessDifference } from "../access/difference.ts";
import type { Bucket } from "../access/request.ts";
import { childOf, jsonOf } from "../desired/node.ts";
import { parseYaml } from "../desired/yaml.ts";
import { hasErrors } from "../diagnostic.ts";
import { isObject } from "../policy/json.ts";
import { canonicalPolicy, type Policy } from "../policy/policy.ts";
import { parseResource } from "../policy/resource.ts";
import { addressOf, desiredPolicy } from "../proof/places.ts";
import { accessJson } from "../report/access-json.ts";
import { renderAccess } from "../report/access-text.ts";
import type { Io } from "../run/io.ts";
import type { Options } from "../run/options.ts";
import type { Output } from "../run/output.ts";
import { treeAt } from "../run/revision.ts";
import { problem, type Problems, type Reply } from "./access-reply.ts";

/** What differs between two git revisions of the tree, or between two policies in files. */
export function askDiff(words: readonly string[], options: Options, out: Output, io: Io): Reply {
  const [first = "", second, ...more] = words;
  if (options.live)
    return problem("diff compares what is written down", "plan compares the files with the live policies");
  if (second !== undefined && more.length === 0) return diffFiles(first, second, out);
  const [from = "", to = "", ...rest] = first.split("..");
  if (from === "" || to === "" || rest.length > 0 || more.length > 0)
    return problem(
      "diff takes two git revisions, or two files",
      "write `access diff main..HEAD` or `access diff OLD.json NEW.json`",
    );
  return diffRevisions([from, to], options, out, io);
}

function diffRevisions(
  [from, to]: readonly [string, string],
  { policies }: Options,
  out: Output,
  io: Io,
): Reply {
  const [old, wanted] = [treeAt(from, policies, io.env), treeAt(to, policies, io.env)];
  if ("problems" in old) return old;
  if ("problems" in wanted) return wanted;
  const [olds, wanteds] = [old.desired.buckets, wanted.desired.buckets];
  const names = [...new Set([...olds, ...wanteds].map(({ bucket }) => bucket))].sort();
  const changes = names.flatMap((name) => {
    const [before, after] = [olds, wanteds].map((buckets) => buckets.find(({ bucket }) => bucket === name));
    const bucket = after ?? before;
    if (bucket === undefined) return [];
    const [was, is] = [before, after].map((one) => (one === undefined ? "none" : desiredPolicy(one)));
    const difference = accessDifference(was ?? "none", is ?? "none", addressOf(bucket));
    const isGone = after === undefined ? " (its file is gone, and its live policy stays)" : "";
    return difference.verdict === "equal" ? [] : [{ name, isGone, difference }];
  });
  const lines = changes.flatMap(({ name, isGone, difference }) => [
    `${name}${isGone}`,
    ...renderAccess(difference, out.style),
  ]);
  const text =
    changes.length === 0 ? "The access is the same in every bucket (proved).\n" : `${lines.join("\n")}\n`;
  return {
    text,
    json: {
      from: old.commit,
      to: wanted.commit,
      buckets: changes.map(({ name, difference }) => ({ bucket: name, access: accessJson(difference) })),
    },
  };
}

function diffFiles(first: string, second: string, out: Output): Reply {
  const [before, after] = [policyIn(first), policyIn(second)];
  if ("problems" in before) return before;
  if ("problems" in after) return after;
  const bucket = bucketOf([before.policy, after.policy]);
  if (bucket === undefined)
    return problem(
      "the Resources of the two policies name several buckets, or none",
      "compare policies of one bucket, with its name written out",
    );
  const difference = accessDifference(before.policy, after.policy, bucket);
  const same = ["    access: the same for every request (proved)"];
  const lines = difference.verdict === "equal" ? same : renderAccess(difference, out.style);
  return {
    text: `${[bucket.name, ...lines].join("\n")}\n`,
    json: { buckets: [{ bucket: bucket.name, access: accessJson(difference) }] },
  };
}

/** A policy as OSS has it, in JSON or YAML, or the one in a bucket's file. */
function policyIn(file: string): { readonly policy: Policy } | Problems {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    return problem(`\`${file}\` cannot be read (${code})`, "name a policy in JSON or YAML");
  }
  const { node, diagnostics } = parseYaml(text, file);
  if (hasErrors(diagnostics) || node === undefined) return { problems: diagnostics };
  const document = jsonOf(childOf(node, "policy") ?? node);
  if (!isObject(document) || !("Statement" in document))
    return problem(`\`${file}\` is no policy: it has no Statement`, "name a policy as OSS has it");
  if (/(?<!\$)\$\{/.test(JSON.stringify(document)))
    return problem(
      `\`${file}\` has variables, which mean something only in their tree`,
      "compare two revisions: `access diff REV..REV`",
    );
  return { policy: canonicalPolicy(document) };
}

/** The one bucket that the Resources name. Without the owner's UID in them, the owner is nobody that they name. */
function bucketOf(policies: readonly Policy[]): Bucket | undefined {
  const words = policies.flatMap(({ statements }) => statements.flatMap(({ resource }) => resource ?? []));
  const resources = words.flatMap((word) => {
    const parsed = parseResource(word);
    return parsed === undefined || parsed.kind === "everything" ? [] : [parsed];
  });
  const isPlain = (text: string) => /^[a-z0-9-]+$/.test(text);
  const names = new Set(resources.map(({ name }) => name.split("/")[0] ?? "").filter(isPlain));
  const owners = new Set(resources.map(({ owner }) => owner).filter((owner) => /^[0-9]+$/.test(owner)));
  const [name, ...others] = names;
  const [owner = "0", ...foreign] = owners;
  return name === undefined || others.length > 0 || foreign.length > 0 ? undefined : { name, owner };
}
