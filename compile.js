// `node compile.js BUNDLE WORDS`: runs one command of dist/cli.js, and keeps what V8 compiled of the bundle for it.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import vm from "node:vm";

const [bundle, ...words] = process.argv.slice(2);
const source = resolve("dist", bundle);
const folder = resolve("dist/compiled", `${process.version}-${process.arch}`);
const target = join(folder, bundle);

let script;
const { Script } = vm;
vm.Script = function (text, options) {
  const made = new Script(text, options);
  if (options.filename === source) script = made;
  return made;
};

mkdirSync(folder, { recursive: true });
// No code is compiled code too: V8 refuses it, and compiles the source.
writeFileSync(target, "");
process.on("exit", (code) => {
  // V8 trusts what it reads back, so it must be on disk.
  if (code === 0) writeFileSync(target, script.createCachedData(), { flush: true });
  else rmSync(target);
});
process.argv = [process.execPath, resolve("dist/cli.js"), ...words];
await import("./dist/cli.js");
