// `npm run build`: dist/cli.js, which starts main.js, which parses the command line and loads one file for each verb. They
// are CommonJS: Node starts it faster than ES modules, and a verb that is one file is found and read once.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { build } from "esbuild";
import ts from "typescript";
import { thirdPartyNotices } from "./notices.js";

/** Where verbs are loaded from: their table, and the one that calls them. */
const loadingVerbs = ["src/commands/verbs.ts", "src/commands/index.ts"].map((file) => resolve(file));

/** Source file of each verb, by the name of its bundle. */
const verbs = {};

/** Programs of threads, by the name of their bundle. */
const threads = { "pipeline/file-thread": "src/pipeline/file-thread.ts" };

/** Leaves what the table of commands loads on demand to bundles of their own. */
const verbBundles = {
  name: "verb-bundles",
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ path, kind, importer }) => {
      if (kind !== "dynamic-import" || !loadingVerbs.includes(importer)) return undefined;
      const source = resolve(dirname(importer), path);
      const name = basename(path) === "index.ts" ? basename(dirname(source)) : basename(path, ".ts");
      verbs[name] = source;
      return { path: `./${name}.js`, external: true };
    });
  },
};

/** A verb that calls another one loads its bundle, which then has all that both use. */
const callsVerbs = {
  name: "calls-verbs",
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ path, importer, kind }) => {
      const source = resolve(dirname(importer), path);
      const name = Object.keys(verbs).find((verb) => verbs[verb] === source);
      return kind === "entry-point" || name === undefined
        ? undefined
        : { path: `./${name}.js`, external: true };
    });
  },
};

/** Leaves the client of OSS, the largest part of every verb that connects, to one bundle that they share. */
const sharedClient = {
  name: "shared-client",
  setup({ onResolve }) {
    onResolve({ filter: /^ali-oss$/ }, ({ kind }) =>
      kind === "entry-point" ? undefined : { path: "./ali-oss.js", external: true },
    );
  },
};

/** Leaves the YAML parser to one bundle: for verbs that may start a little later, so that the package is smaller. */
const sharedYaml = {
  name: "shared-yaml",
  setup({ onResolve }) {
    onResolve({ filter: /^yaml$/ }, ({ kind }) =>
      kind === "entry-point" ? undefined : { path: "./yaml.js", external: true },
    );
  },
};

/** Verbs that pipelines and hooks start often: each is one file, but for what few of their runs need. */
const quickVerbs = ["validate", "plan", "apply", "access"];
/** Bundles that load no other file from where they are. */
const whole = [...quickVerbs, ...Object.keys(threads)];

/** Leaves the sandbox, which many verbs can start, to one bundle. */
const sharedSandbox = {
  name: "shared-sandbox",
  setup({ onResolve }) {
    onResolve({ filter: /\/server\.ts$/ }, ({ path, importer, kind }) =>
      kind !== "dynamic-import" || resolve(dirname(importer), path) !== resolve(sandboxServer)
        ? undefined
        : { path: "./sandbox-server.js", external: true },
    );
  },
};

const sandboxServer = "src/sandbox/server.ts";

/** What programs import: `oss-policy/sandbox`. */
const library = { "sandbox-library": "src/library/sandbox.ts" };

/** Modules of Node that take long to load, and that many runs import but do not use: each is loaded at its first use. */
const loadedOnUse = {
  name: "loaded-on-use",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:(crypto|child_process)$/ }, ({ path, namespace }) =>
      namespace === "loaded-on-use" ? { path, external: true } : { path, namespace: "loaded-on-use" },
    );
    onLoad({ filter: /./, namespace: "loaded-on-use" }, async ({ path }) => {
      const names = Object.keys(await import(path)).filter((name) => name !== "default");
      const getters = names.map((name) => `get ${name}() { return require("${path}").${name}; }`);
      return { contents: `module.exports = { ${getters.join(", ")} };` };
    });
  },
};

/**
 * The YAML parser looks up a variable of the environment before each token, to trace it. In Node that is a quarter of the
 * parser's time, so in the bundles it finds no variables.
 */
const yamlWithoutTraces = {
  name: "yaml-without-traces",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(?:node:)?process$/ }, ({ path, importer }) =>
      /node_modules.yaml./.test(importer) ? { path, namespace: "yaml-without-traces" } : undefined,
    );
    onLoad({ filter: /./, namespace: "yaml-without-traces" }, () => ({
      contents: "module.exports = { env: {}, emitWarning: (warning) => process.emitWarning(warning) };",
    }));
  },
};

const options = {
  bundle: true,
  format: "cjs",
  platform: "node",
  target: "node20",
  external: ["proxy-agent"],
  outdir: "dist",
  metafile: true,
  logLevel: "warning",
  define: { "import.meta.dirname": "__dirname" },
  // `import()` becomes `require()`, which does not start the loader of ES modules.
  supported: { "dynamic-import": false },
};

/** Commands whose code is compiled ahead, each with the bundle that it is kept for. They need no network. */
const compiledAhead = [
  ["main.js", "validate"],
  ["validate.js", "validate"],
  ["plan.js", "plan", "--sandbox"],
  ["ali-oss.js", "plan", "--sandbox"],
  ["access.js", "access", "public"],
];

/** What they read. It is small: code that few runs need takes longer to read back than to compile. */
const example = {
  "account.yaml": 'account: "1746495857600001"\nregion: cn-hangzhou\n',
  "example.yaml": `bucket: example
policy:
  Version: "1"
  Statement:
    - Effect: Allow
      Principal: ["202147604049350001"]
      Action: ["oss:GetObject"]
      Resource: ["acs:oss:*:1746495857600001:example/*"]
`,
};

// Nothing is removed first, and each file is replaced as a whole: a run of the tool may load one meanwhile.
mkdirSync("dist", { recursive: true });
// The package itself is of ES modules.
replaceFile("dist/package.json", '{ "type": "commonjs" }\n');
// Benchmarks, which are built into a folder of it, are too.
mkdirSync("dist/bench", { recursive: true });
replaceFile("dist/bench/package.json", '{ "type": "module" }\n');
replaceFile("dist/cli.js", readFileSync("src/start.cjs", "utf8"), 0o755);
const main = await bundle({
  ...options,
  entryPoints: { main: "src/cli.ts" },
  plugins: [loadedOnUse, yamlWithoutTraces, verbBundles],
});
const others = { ...verbs, ...threads, ...library, "ali-oss": "ali-oss", "sandbox-server": sandboxServer };
const plugins = [loadedOnUse, yamlWithoutTraces, callsVerbs, sharedClient, sharedSandbox];
const [own, rest] = [true, false].map((isOwn) =>
  Object.fromEntries(Object.entries(others).filter(([name]) => whole.includes(name) === isOwn)),
);
const built = [
  await bundle({ ...options, entryPoints: own, plugins }),
  await bundle({ ...options, entryPoints: { ...rest, yaml: "yaml" }, plugins: [...plugins, sharedYaml] }),
];
replaceFile("dist/THIRD-PARTY-NOTICES.txt", thirdPartyNotices([main, ...built].flatMap(bundledFiles)));
compileAhead();
declareLibrary();

/** Writes the types of the library, which are all in its one file. */
function declareLibrary() {
  for (const [name, file] of Object.entries(library)) {
    const { outputText, diagnostics = [] } = ts.transpileDeclaration(readFileSync(file, "utf8"), {
      fileName: file,
      reportDiagnostics: true,
      compilerOptions: { isolatedDeclarations: true, declaration: true },
    });
    if (diagnostics.length > 0) throw new Error(`${file}: ${JSON.stringify(diagnostics[0]?.messageText)}`);
    replaceFile(`dist/${name}.d.ts`, outputText);
  }
}

/** The files of which something is in a bundle. */
function bundledFiles({ metafile }) {
  return Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.keys(inputs).filter((file) => inputs[file].bytesInOutput > 0),
  );
}

function compileAhead() {
  const folder = mkdtempSync(join(tmpdir(), "oss-policy-build-"));
  for (const [name, text] of Object.entries(example)) writeFileSync(join(folder, name), text);
  for (const words of compiledAhead) {
    const call = ["compile.js", ...words, "--policies", folder];
    const { status, stderr } = spawnSync(process.execPath, call, { encoding: "utf8" });
    if (status !== 0) process.stderr.write(`nothing was compiled ahead by \`${words.join(" ")}\`\n${stderr}`);
  }
  rmSync(folder, { recursive: true });
}

/** Builds bundles, and writes them. */
async function bundle(given) {
  const result = await build({ ...given, write: false });
  for (const { path, text } of result.outputFiles) replaceFile(path, inAscii(text));
  return result;
}

/** Returns a text of ASCII alone: it is read as it is, and takes half the memory. */
function inAscii(text) {
  const escaped = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return text.replace(/[^\0-\x7f]/g, escaped);
}

/** Writes a file beside its place, and moves it there. */
function replaceFile(path, text, mode = 0o644) {
  mkdirSync(dirname(path), { recursive: true });
  const half = `${path}.${process.pid}`;
  writeFileSync(half, text, { mode });
  renameSync(half, path);
}
