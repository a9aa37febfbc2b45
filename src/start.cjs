#!/usr/bin/env node
// Becomes dist/cli.js: loads the bundles beside it, with the code that V8 made of them when they were built. To compile
// takes longer than everything else that a short run does.
"use strict";
const { readFileSync, statSync } = require("node:fs");
const { join } = require("node:path");
const { Script } = require("node:vm");

const compiled = join(__dirname, "compiled", `${process.version}-${process.arch}`);

/** Loads a bundle. Where no compiled code fits it or this Node, the bundle is compiled as any other module. */
function load(name) {
  const filename = join(__dirname, name);
  const cachedData = compiledCode(name, filename);
  if (cachedData === undefined) return require(filename);
  const source = `(function (require, module, exports, __dirname) {${readFileSync(filename, "latin1")}\n})`;
  const script = new Script(source, { filename, cachedData });
  const module = { exports: {} };
  script.runInThisContext()(requireFrom, module, module.exports, __dirname);
  return module.exports;
}

function requireFrom(name) {
  return name.startsWith("./") ? load(name) : require(name);
}

/** V8 compares versions, flags and the length of the source, so a source that was edited since is told by its date. */
function compiledCode(name, filename) {
  try {
    const file = join(compiled, name);
    return statSync(filename).mtimeMs <= statSync(file).mtimeMs ? readFileSync(file) : undefined;
  } catch {
    return undefined;
  }
}

load("./main.js");
