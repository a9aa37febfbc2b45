// `npm run prepare`, which npm runs after it installed the packages of a checkout, and before it packs one: builds dist/.
// Where npm installs a git repository globally, as pre-commit does, it runs this without any package, though its
// documentation says otherwise (github.com/npm/cli/issues/8440); the packages are then installed here.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const { npm_config_global: isGlobal, ...env } = process.env;

if (isGlobal === "true" && !existsSync("node_modules/esbuild")) {
  const words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
  // npm is a script of the shell on Windows. What it says on stdout would be taken for what it packed.
  const { status } = spawnSync("npm", words, {
    env,
    shell: process.platform === "win32",
    stdio: ["ignore", 2, 2],
  });
  if (status !== 0) process.exit(status ?? 1);
}

await import("./build.js");
