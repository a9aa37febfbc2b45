import { spawn } from "node:child_process";
import { readPage } from "../support/pages.ts";
import { cleanEnvironment } from "../support/packed.ts";
import { startRegistry } from "../support/registry.ts";
import { newRepository, type Repository } from "../support/repository.ts";
import { writeTree } from "../support/run-cli.ts";
import { toolRepository, type Files } from "../support/tool-repository.ts";

/** A kind of repository that docs/other-ci.md has recipes for. */
export interface RecipeKind {
  readonly title: string;
  /** Makes the scripts of a recipe those of this kind. */
  readonly adapt: (recipe: string) => string;
  readonly start: (files: Files) => Promise<Origin>;
}

/** A repository, and the registry that its jobs install from; without one, npm is replaced by a stand-in. */
export interface Origin {
  readonly repository: Repository;
  readonly registry: string | undefined;
}

const page = readPage("docs/other-ci.md");
const table =
  /^\| a repository of policies .*\n\|---\|---\|\n\| `(.*)` \| `(.*)` \|\n\| `(.*)` \| `(.*)` \|$/m;
const [, install = "", installAndBuild = "", inPackage = "", inFork = ""] = table.exec(page.text) ?? [];

export const recipeKinds: readonly RecipeKind[] = [
  { title: "a repository of policies", adapt: (recipe) => recipe, start: policyRepository },
  {
    title: "a fork or a copy of this repository",
    adapt: (recipe) => recipe.replaceAll(install, installAndBuild).replaceAll(inPackage, inFork),
    start: (files) => Promise.resolve({ repository: toolRepository(files), registry: undefined }),
  },
];

/** A repository with these files, and the tool as a development package. */
async function policyRepository(files: Files): Promise<Origin> {
  const registry = await startRegistry();
  const repository = newRepository({
    "package.json": '{ "private": true }',
    ".gitignore": "node_modules/\n",
  });
  const words = ["install", "--package-lock-only", "--save-dev", "oss-policy"];
  const env = { ...cleanEnvironment, ...npmSettings(registry) };
  const child = spawn("npm", words, { cwd: repository.folder, env, stdio: "ignore" });
  const code = await new Promise((resolve) => child.on("close", resolve));
  if (code !== 0) throw new Error(`npm ${words.join(" ")} ended with ${String(code)}`);
  repository.git("config", "uploadpack.allowAnySHA1InWant", "true");
  repository.commit(files);
  return { repository, registry };
}

/** The registry, an empty cache and no settings of a user. */
export function npmSettings(registry: string): Readonly<Record<string, string>> {
  return { HOME: writeTree({}), npm_config_registry: registry, npm_config_cache: writeTree({}) };
}

/** Everything of a merge request that would run if its own tool did; it makes the file `marker`. */
export function evilTool(marker: string): Readonly<Record<string, string>> {
  const program = `import { writeFileSync } from "node:fs"; writeFileSync(${JSON.stringify(marker)}, "");`;
  const scripts = ["preinstall", "install", "prepare", "build", "plan"].map((name) => [
    name,
    `touch ${marker}`,
  ]);
  return {
    "package.json": JSON.stringify({ type: "module", scripts: Object.fromEntries(scripts) }),
    ".npmrc": "registry=http://127.0.0.1:9/\nignore-scripts=false\n",
    "src/cli.ts": program,
    "dist/cli.js": program,
    "node_modules/oss-policy/package.json": '{ "name": "oss-policy", "version": "9.9.9", "type": "module" }',
    "node_modules/oss-policy/dist/cli.js": program,
  };
}
