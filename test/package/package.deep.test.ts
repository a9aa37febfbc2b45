import { spawnSync } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, normalize, relative } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { startClient } from "../support/language-client.ts";
import { cleanEnvironment, installTool, packedTool } from "../support/packed.ts";
import { readPage } from "../support/pages.ts";
import { writeTree } from "../support/run-cli.ts";
import { root } from "../support/tool-repository.ts";

/** A repository of policies, with the packed tool as its only package. */
function installed(): string {
  const folder = writeTree({ "package.json": '{ "private": true }' });
  installTool(folder, "--save-dev");
  cpSync(join(root, "policies"), join(folder, "policies"), { recursive: true });
  return folder;
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => statSync(join(folder, name)).isFile())
    .map((name) => name.replaceAll("\\", "/"))
    .sort();
}

test("installs from its tarball alone: no other package, no registry and no script", () => {
  const folder = installed();
  expect(readdirSync(join(folder, "node_modules")).sort()).toEqual([
    ".bin",
    ".package-lock.json",
    "oss-policy",
  ]);
  const lock = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8")) as {
    packages: Record<string, object>;
  };
  expect(lock.packages["node_modules/oss-policy"]).not.toHaveProperty("hasInstallScript");
  expect(lock.packages["node_modules/oss-policy"]).not.toHaveProperty("dependencies");
});

function npxIn(folder: string, ...words: readonly string[]) {
  return spawnSync("npx", ["oss-policy", ...words], { cwd: folder, env: cleanEnvironment, encoding: "utf8" });
}

test("npx runs every verb that needs no account", () => {
  const folder = installed();
  const runs: readonly (readonly [words: readonly string[], output: string])[] = [
    [["--version"], "0."],
    [["validate"], "Exit 0, success."],
    [["plan", "--sandbox"], "Plan: 4 to create"],
    [["explain", "public-policy"], "public-policy"],
    [["schema"], '"$schema"'],
    [["access", "public"], "Exit 0"],
    [["demo"], "The demo made 3 writes to a local server, and none to OSS."],
  ];
  for (const [words, output] of runs) {
    const { status, stdout, stderr } = npxIn(folder, ...words);
    expect([words, status, stdout], stderr).toEqual([words, 0, expect.stringContaining(output)]);
  }
});

test("its sandbox is a library for ES modules, CommonJS and TypeScript", () => {
  const folder = installed();
  const body = `const oss = await startSandbox({ policies: "policies" });
  const { access, decision } = await oss.as("sandbox").request("GET", "/web-assets/?policy");
  console.log(access, decision);
  await oss.close();`;
  const start = 'import { startSandbox } from "oss-policy/sandbox";\n';
  writeFileSync(join(folder, "a.mjs"), `${start}${body}\n`);
  writeFileSync(
    join(folder, "b.cjs"),
    `const { startSandbox } = require("oss-policy/sandbox");\nvoid (async () => {\n${body}\n})();\n`,
  );
  for (const file of ["a.mjs", "b.cjs"]) {
    const { stdout, stderr } = spawnSync(process.execPath, [file], {
      cwd: folder,
      env: cleanEnvironment,
      encoding: "utf8",
    });
    expect(stdout, stderr).toMatch(/^allowed allowed because no policy says otherwise/);
  }
  // The types know what an answer has, and what an option is.
  writeFileSync(
    join(folder, "c.mts"),
    `${start}const oss = await startSandbox({ sede: {} });\nvoid oss.nothing;\n`,
  );
  const tsc = spawnSync(
    process.execPath,
    [join(root, "node_modules/typescript/bin/tsc"), "--noEmit", "--strict", "--module", "nodenext", "c.mts"],
    { cwd: folder, env: cleanEnvironment, encoding: "utf8" },
  );
  const errors = tsc.stdout.split("\n").filter((line) => line.includes("error TS"));
  expect(errors).toEqual([
    expect.stringMatching(/'sede' does not exist/),
    expect.stringMatching(/'nothing' does not exist/),
  ]);
});

test("an empty folder comes to a green plan, is edited by intent, and mistakes are corrected", () => {
  const folder = writeTree({ "package.json": '{ "private": true }' });
  installTool(folder, "--save-dev");
  const reader = "202147604049350001";
  const runs: readonly (readonly [words: readonly string[], output: string])[] = [
    [["init", "--account", "1746495857600001", "--region", "cn-hangzhou", "--github"], "Exit 0, success."],
    [["validate"], "0 errors, 0 warnings"],
    [["plan", "--sandbox"], "Exit 0, success."],
    [["grant", reader, "oss:GetObject", "examplebucket/public/*"], "examplebucket (proved)"],
    [["access", "can", reader, "oss:GetObject", "examplebucket/public/a"], "yes: "],
    // The example is a grant to the account, which may cover its RAM users.
    [["revoke", reader], "all objects (undocumented)"],
    [["validate", "policies/examplebucket.yaml"], "Validate: 1 bucket, 0 errors"],
    [["completion", "bash"], "complete"],
    [["complete", "bash", "--", "explain", "level-"], "level-mismatch"],
    [["help", "grant"], "Usage: oss-policy grant"],
    [["explain"], "level-mismatch"],
  ];
  for (const [words, output] of runs) {
    const { status, stdout, stderr } = npxIn(folder, ...words);
    expect([words, status, stdout], stderr).toEqual([words, 0, expect.stringContaining(output)]);
  }
  const file = join(folder, "policies/examplebucket.yaml");
  const text = readFileSync(file, "utf8");
  writeFileSync(file, text.replace("bucket:", "buckt:"));
  expect(npxIn(folder, "validate").status).toBe(1);
  expect(npxIn(folder, "validate", "--fix").status).toBe(0);
  expect(readFileSync(file, "utf8")).toBe(text);
});

test("the language server of the package serves an editor", async () => {
  const folder = installed();
  const client = await startClient(folder, join(folder, "node_modules/oss-policy/dist/cli.js"));
  onTestFinished(client.stop);
  const found = await client.open("policies/new.yaml", "bukcet: new-one\npolicy: none\n");
  expect(found.map(({ code }) => code)).toEqual(["unknown-key"]);
});

describe("the files of the package", () => {
  const tool = (folder: string) => join(folder, "node_modules/oss-policy");

  test("have no link that leads out of them or nowhere", () => {
    const folder = tool(installed());
    const pages = filesBelow(folder).filter((name) => name.endsWith(".md"));
    expect(pages).toEqual(expect.arrayContaining(["README.md", "README.zh-CN.md", "docs/zh-CN/files.md"]));
    let followed = 0;
    for (const page of pages)
      for (const link of readPage(relative(root, join(folder, page))).links) {
        if (/^(https?:|#)/.test(link)) continue;
        const target = normalize(join(dirname(page), link.replace(/#.*/, "")));
        expect([page, link, target.startsWith(".."), existsSync(join(folder, target))]).toEqual([
          page,
          link,
          false,
          true,
        ]);
        followed += 1;
      }
    expect(followed).toBeGreaterThan(100);
  });

  test("are few and small, and none is for one machine or for tests alone", () => {
    const folder = tool(installed());
    const files = filesBelow(folder);
    const size = files.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    expect(statSync(packedTool()).size).toBeLessThan(5_250_000);
    expect(size).toBeLessThan(21_000_000);
    expect(files.length).toBeLessThan(110);
    expect(
      files.filter((name) => /^(test|src\/(?!plan\/plan\.schema)|dist\/(compiled|bench))/.test(name)),
    ).toEqual([]);
  });

  test("ask for nothing that is not there", () => {
    const folder = join(tool(installed()), "dist");
    const names = filesBelow(folder)
      .filter((name) => name.endsWith(".js"))
      .flatMap((name) => {
        const text = readFileSync(join(folder, name), "utf8").replaceAll(/^\s*(\/\/|\*|throw ).*$/gm, "");
        return [...text.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, found = ""]) => found);
      });
    const missing = [...new Set(names)].filter((name) =>
      name.startsWith(".")
        ? !existsSync(join(folder, name))
        : !name.startsWith("node:") && !builtinModules.includes(name),
    );
    expect(missing.sort()).toEqual([...optional].sort());
  });
});

/** What bundled packages load if it is there: colours of their own log, other engines, and proxies, which no call sets. */
const optional = ["graceful-fs", "proxy-agent", "ringo/engine", "supports-color"];

describe("the code of others", () => {
  const notices = readFileSync(join(root, "dist/THIRD-PARTY-NOTICES.txt"), "utf8");
  const entries = notices
    .split(/^-{80}\n/m)
    .slice(1)
    .map((entry) => {
      const [, name = "", licence = "", text = ""] = /^(\S+) \S+ \((.*)\)\n\n([\s\S]*)$/.exec(entry) ?? [];
      return { name, licence, text };
    });

  test("is listed with its licence, package by package", () => {
    const dist = join(root, "dist");
    const bundles = readdirSync(dist).filter((name) => name.endsWith(".js"));
    const bundled = bundles.flatMap((name) =>
      [
        ...readFileSync(join(dist, name), "utf8").matchAll(
          /^\s*\/\/ .*node_modules\/((?:@[^/]+\/)?[^/]+)\//gm,
        ),
      ].map(([, found = ""]) => found),
    );
    expect(bundled).toContain("ali-oss");
    expect([...new Set(bundled)].sort()).toEqual([...new Set(entries.map(({ name }) => name))].sort());
    for (const { name, text } of entries) expect(text.trim(), name).not.toBe("");
  });

  test("may be passed on: no licence asks for more than its notice", () => {
    expect([...new Set(entries.map(({ licence }) => licence))].sort()).toEqual([
      "Apache-2.0",
      "BSD-3-Clause",
      "BlueOak-1.0.0",
      "ISC",
      "MIT",
      "MIT OR Apache2",
    ]);
  });
});
