import { existsSync, readdirSync } from "node:fs";
import { join, normalize, relative, resolve, sep } from "node:path";
import { filesSchema } from "../../desired/json-schema.ts";
import { renderAccountFile } from "../../desired/render.ts";
import { isAccountFile } from "../../desired/account-file.ts";
import { refusal } from "../../diagnostic.ts";
import { isFailed, type Failed } from "../../result.ts";
import type { Options } from "../../run/options.ts";
import type { FirstAccount } from "./answers.ts";
import { githubFiles } from "./github.ts";
import { gitlabFiles } from "./gitlab.ts";

/** A file to write, unless one of its name exists. */
export interface NewFile {
  readonly path: string;
  readonly text: string;
  /** Advice where a file of that name with another text is kept. */
  readonly hint?: string;
}

/** An example that grants nothing: the owner of a bucket does not need its policy. */
const exampleBucket = `# yaml-language-server: $schema=./schema.json
# An example. Write the name of your bucket, and in Principal the UIDs of those who may read it.
bucket: examplebucket
policy:
  Version: "1"
  Statement:
    - Effect: Allow
      Principal: ["\${account}"]
      Action: ["oss:ListObjects", "oss:GetObject"]
      Resource:
        - acs:oss:*:\${account}:\${bucket}
        - acs:oss:*:\${account}:\${bucket}/*
`;

/** Returns whether the folder has an account file, so that there is nothing to ask. */
export function hasAccount(policies: string): boolean {
  return yamlNames(policies).some(isAccountFile);
}

/** Files of a new tree, the account first; of a tree that has bucket files no example. */
export function treeFiles(policies: string, account: FirstAccount | undefined): readonly NewFile[] {
  const schema = `${JSON.stringify(filesSchema(), null, 2)}\n`;
  const at = (name: string) => join(policies, name);
  const kept = yamlNames(policies).find(isAccountFile) ?? "account.yaml";
  const text = account === undefined ? "" : renderAccountFile(account.account, account.region);
  return [
    { path: at(kept), text },
    ...(yamlNames(policies).every((name) => isAccountFile(name) || name === "examplebucket.yaml")
      ? [{ path: at("examplebucket.yaml"), text: exampleBucket }]
      : []),
    { path: at("schema.json"), text: schema, hint: "`oss-policy schema` prints the one of this version" },
  ];
}

function yamlNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => /\.ya?ml$/i.test(name));
  } catch {
    return [];
  }
}

/** Files of the requested pipelines. */
export function pipelineFiles({ policies, github, gitlab }: Options): readonly NewFile[] | Failed {
  if (!github && !gitlab) return [];
  const folder = shellWord(policies);
  if (isFailed(folder)) return folder;
  const files = { ...(github ? githubFiles(folder.word) : {}), ...(gitlab ? gitlabFiles(folder.word) : {}) };
  const hint = "to compare, run init in an empty folder";
  return Object.entries(files).map(([path, text]) => ({ path, text, hint }));
}

/** The folder as a word of the scripts, which run at the top of the repository. */
function shellWord(policies: string): { readonly word: string } | Failed {
  const refused = (message: string, help: string): Failed => ({
    problems: [refusal("init", message, help)],
  });
  const path = relative(resolve("."), resolve(policies));
  if (path === "" || path.split(sep).includes("..") || resolve(path) !== resolve(normalize(policies)))
    return refused(
      `\`${policies}\` is not a folder inside of this one, where the pipelines would look for it`,
      "run init at the top of the repository, with a folder in it",
    );
  const word = path.split(sep).join("/");
  if (/^[\w./-]+$/.test(word) && !word.startsWith("-")) return { word };
  if (/^[\p{L}\p{M}\p{N}_. /-]+$/u.test(word) && !word.startsWith("-")) return { word: `"${word}"` };
  return refused(
    `\`${policies}\` has characters that a script of a pipeline would not take as they are`,
    "name a folder of letters, digits, blanks, `.`, `_`, `-` and `/`",
  );
}

/** Returns whether this folder is the top of a repository, where pipelines are looked for. */
export function isRepository(): boolean {
  return existsSync(".git");
}
