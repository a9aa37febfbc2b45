// `npm run build`: dist/cli.js, which parses the command line, and beside it one file for each verb, which cli.js
// loads when the verb is called. They are CommonJS: Node starts it faster than ES modules, and a verb that is one
// file is found and read once.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { build } from "esbuild";

const commandTable = resolve("src/commands/index.ts");

/** Source file of each verb, by the name of its bundle. */
const verbs = {};

/** Programs of threads, by the name of their bundle. */
const threads = { "pipeline/file-thread": "src/pipeline/file-thread.ts" };

/** Leaves what the table of commands loads on demand to bundles of their own. */
const verbBundles = {
  name: "verb-bundles",
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ path, kind, importer }) => {
      if (kind !== "dynamic-import" || importer !== commandTable) return undefined;
      const source = resolve(dirname(importer), path);
      const name = basename(path) === "index.ts" ? basename(dirname(source)) : basename(path, ".ts");
      verbs[name] = source;
      return { path: `./${name}.js`, external: true };
    });
  },
};

/** commander starts programs only for verbs that are programs of their own, and there are none. */
const noPrograms = {
  name: "no-programs",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:child_process$/ }, ({ path }) => ({ path, namespace: "empty" }));
    onLoad({ filter: /./, namespace: "empty" }, () => ({ contents: "" }));
  },
};

const options = {
  bundle: true,
  format: "cjs",
  platform: "node",
  target: "node20",
  external: ["proxy-agent"],
  outdir: "dist",
  logLevel: "warning",
  define: { "import.meta.dirname": "__dirname" },
  // `import()` becomes `require()`, which does not start the loader of ES modules.
  supported: { "dynamic-import": false },
};

rmSync("dist", { recursive: true, force: true });
mkdirSync("dist");
// The package itself is of ES modules.
writeFileSync("dist/package.json", '{ "type": "commonjs" }\n');
await build({ ...options, entryPoints: ["src/cli.ts"], plugins: [verbBundles, noPrograms] });
await build({ ...options, entryPoints: { ...verbs, ...threads } });
