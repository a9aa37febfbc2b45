import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const src = fileURLToPath(new URL("../src", import.meta.url));

interface Module {
  /** Below src, such as `plan/diff.ts`. */
  readonly path: string;
  /** `cli.ts`, or the folder at the top. */
  readonly room: string;
  readonly text: string;
  readonly imports: readonly string[];
  /** Imports that are there when the program runs. */
  readonly loads: readonly string[];
}

const modules: readonly Module[] = readdirSync(src, { recursive: true, encoding: "utf8" })
  .filter((path) => /(?<!\.d)\.ts$/.test(path))
  .map((path) => readModule(path))
  .sort((a, b) => (a.path < b.path ? -1 : 1));

function readModule(path: string): Module {
  const text = readFileSync(join(src, path), "utf8");
  const statements = [
    ...text.matchAll(/^(?:import|export)\s+(type\s)?[^;]*?from "([^"]+)"(?: with \{[^}]*\})?;/gms),
  ];
  const dynamic = [...text.matchAll(/\bimport\("([^"]+)"\)/g)].map(([, name = ""]) => name);
  const names = (found: RegExpMatchArray[]) => found.map(([, , name = ""]) => resolved(path, name));
  return {
    path,
    room: path.split("/")[0] ?? path,
    text,
    imports: [...names(statements), ...dynamic.map((name) => resolved(path, name))],
    loads: [
      ...names(statements.filter(([, isType]) => isType === undefined)),
      ...dynamic.map((name) => resolved(path, name)),
    ],
  };
}

function resolved(from: string, name: string): string {
  return name.startsWith(".") ? relative(src, resolve(src, dirname(from), name)) : name;
}

/** Which rooms the modules of a room may know; each may know itself, `diagnostic.ts` and `near-miss.ts`. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  "diagnostic.ts": [],
  "near-miss.ts": [],
  policy: [],
  desired: ["policy"],
  access: ["policy"],
  lint: ["policy", "desired"],
  // plan compares what is desired with what is live, so it knows the types of both.
  // What is proved of the desired policies: guardrails, expectations, who is locked out.
  proof: ["policy", "desired", "access"],
  plan: ["policy", "desired", "access", "proof"],
  git: ["desired"],
  oss: ["policy"],
  apply: ["policy", "plan", "oss"],
  report: ["policy", "access", "lint", "proof", "plan", "apply"],
  // It is given texts and knows nothing of what they say.
  github: [],
  // The wire and the signature are written twice on purpose: the sandbox never knows oss.
  sandbox: ["policy"],
  run: [
    "policy",
    "desired",
    "access",
    "lint",
    "proof",
    "plan",
    "git",
    "oss",
    "apply",
    "report",
    "github",
    "sandbox",
  ],
  commands: ["policy", "desired", "access", "lint", "proof", "plan", "apply", "report", "sandbox", "run"],
  "cli.ts": ["commands", "run"],
};

describe("who may import whom", () => {
  test("every room has its rule", () => {
    expect([...new Set(modules.map(({ room }) => room))].sort()).toEqual(Object.keys(mayImport).sort());
  });

  test.each(modules.map((module) => [module.path, module] as const))("%s", (_, { room, imports }) => {
    const allowed = new Set([room, "diagnostic.ts", "near-miss.ts", ...(mayImport[room] ?? [])]);
    const rooms = imports.filter((name) => /\.ts$/.test(name)).map((name) => name.split("/")[0] ?? name);
    expect(rooms.filter((name) => !allowed.has(name))).toEqual([]);
  });

  test("apply knows the port of oss and nothing behind it", () => {
    const known = modules.filter(({ room }) => room === "apply").flatMap(({ imports }) => imports);
    expect(known.filter((name) => name.startsWith("oss/") && name !== "oss/store.ts")).toEqual([]);
  });

  test("there is no cycle", () => {
    const byPath = new Map(modules.map((module) => [module.path, module]));
    const finished = new Set<string>();
    const visit = (path: string, trail: readonly string[]): readonly string[] => {
      if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
      if (finished.has(path)) return [];
      const found = (byPath.get(path)?.imports ?? [])
        .map((next) => visit(next, [...trail, path]))
        .find((c) => c.length > 0);
      finished.add(path);
      return found ?? [];
    };
    expect(modules.map(({ path }) => visit(path, [])).find((cycle) => cycle.length > 0)).toBeUndefined();
  });
});

describe("where effects live", () => {
  const offenders = (isOffence: (module: Module) => boolean, rooms: readonly string[]) =>
    modules
      .filter((module) => !rooms.some((room) => module.path.startsWith(room)) && isOffence(module))
      .map(({ path }) => path);

  test("files are touched at the edges only", () => {
    const touches = ({ loads }: Module) => loads.some((name) => /^node:fs/.test(name));
    expect(
      offenders(touches, ["desired/load.ts", "apply/journal.ts", "git/", "sandbox/", "commands/", "run/"]),
    ).toEqual([]);
  });

  test("the network belongs to oss, to the sandbox and to the one client of GitHub", () => {
    const touches = ({ loads, text }: Module) =>
      loads.some((name) => /^(node:(https?|net|tls|dgram|dns)|ali-oss)/.test(name)) ||
      /\b(fetch|WebSocket|EventSource)\s*\(/.test(text);
    expect(offenders(touches, ["oss/", "sandbox/", "github/api.ts"])).toEqual([]);
  });

  test("git is the one program that is run, in one place", () => {
    const runs = ({ loads }: Module) => loads.includes("node:child_process");
    expect(offenders(runs, ["git/git.ts"])).toEqual([]);
  });

  test("only cli.ts knows the process and its streams", () => {
    expect(
      offenders(
        ({ text }) => /\b(process|console)\./.test(text.replaceAll(/\/\*.*?\*\/|\/\/.*/gs, "")),
        ["cli.ts"],
      ),
    ).toEqual([]);
  });

  test("clock, timers and chance are passed in", () => {
    const tells =
      /\b(Date\.now|new Date\(\)|Math\.random|randomBytes|randomUUID|setTimeout|setInterval|performance\.)/;
    const free = ["cli.ts", "oss/", "sandbox/"];
    expect(offenders(({ text }) => tells.test(text), free)).toEqual([]);
  });

  test("the product never knows its tests", () => {
    expect(modules.flatMap(({ imports }) => imports).filter((name) => name.startsWith("../test"))).toEqual(
      [],
    );
  });
});
