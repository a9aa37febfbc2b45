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

/** Modules at the top that every room may use: they know no room. */
const shared = ["diagnostic.ts", "memoize.ts", "near-miss.ts", "result.ts", "system-error.ts"];

/** Which rooms the modules of a room may import, beside their own and the shared ones. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  "diagnostic.ts": [],
  "memoize.ts": [],
  "near-miss.ts": [],
  "result.ts": [],
  "system-error.ts": [],
  // The policy language: everything rests on it, so it rests on nothing.
  policy: [],
  desired: ["policy"],
  // The meaning of policies does not depend on where they come from.
  access: ["policy"],
  // Rules judge files; they must work without the analysis, for editors.
  lint: ["policy", "desired"],
  // The text of a rule is the rule's own; the other codes are explained here.
  codes: ["lint"],
  // Proofs about the desired policies: guardrails, expectations, lockouts.
  proof: ["policy", "desired", "access"],
  // Corrections, and edits by intent: it writes the text, and leaves the meaning to the analysis.
  edit: ["policy", "desired", "access"],
  // The log of ActionTrail, as text and as data: it knows nothing but its own format.
  actiontrail: [],
  // Access logs, from bytes to requests as policies see them: it knows no policy, only the names of actions.
  requests: ["policy"],
  // A plan compares desired with live policies, and is data: it knows no cloud and no report.
  plan: ["policy", "desired", "access", "proof", "actiontrail", "requests"],
  // It lists the files of a revision as desired/load does those of a folder.
  git: ["desired"],
  oss: ["policy"],
  // It writes what a plan says through the port of oss, and decides nothing.
  apply: ["policy", "plan", "oss"],
  // It turns values into text: types of the rooms above, and the order and words of findings.
  report: ["policy", "access", "lint", "codes", "proof", "actiontrail", "plan", "apply"],
  // A client of GitHub's API that knows nothing of the texts that it posts.
  github: [],
  // The wire and the signature are written twice on purpose: the sandbox never imports oss.
  // It decides requests by the reference evaluator of policies.
  sandbox: ["policy", "access"],
  // A kit that asks OSS itself: cases as data, and the one place outside of pipeline that calls OSS.
  conformance: ["policy", "desired", "oss"],
  // One invocation: options, streams, exit codes, and the files that options name. It knows no cloud.
  run: ["policy", "desired", "apply", "report"],
  // From files to a plan and its reports: the one room that joins all the others.
  pipeline: [
    "policy",
    "desired",
    "access",
    "actiontrail",
    "requests",
    "lint",
    "proof",
    "plan",
    "git",
    "oss",
    "report",
    "github",
    "sandbox",
    "run",
  ],
  // The rooms above, for an editor: it reads files and git, and has no cloud.
  "language-server": ["policy", "desired", "access", "lint", "codes", "git", "edit", "report", "pipeline"],
  // What other programs import: the sandbox for their tests.
  library: ["pipeline", "sandbox"],
  commands: [
    "language-server",
    "policy",
    "desired",
    "access",
    "lint",
    "codes",
    "proof",
    "edit",
    "plan",
    "git",
    "apply",
    "report",
    "sandbox",
    "conformance",
    "run",
    "pipeline",
  ],
  "cli.ts": ["commands", "run"],
};

/** Rooms inside of `access`, from the bottom up; each may import those before it, and the modules beside them. */
const accessRooms = ["text", "engine", "describe"];

describe("who may import whom", () => {
  test("every room has its rule", () => {
    expect([...new Set(modules.map(({ room }) => room))].sort()).toEqual(Object.keys(mayImport).sort());
  });

  test.each(modules.map((module) => [module.path, module] as const))("%s", (_, { room, imports }) => {
    const allowed = new Set([room, ...shared, ...(mayImport[room] ?? [])]);
    const rooms = imports.filter((name) => /\.ts$/.test(name)).map((name) => name.split("/")[0] ?? name);
    expect(rooms.filter((name) => !allowed.has(name))).toEqual([]);
  });

  test.each(accessRooms.map((room, at) => [room, accessRooms.slice(at + 1)] as const))(
    "access/%s does not import the rooms above it",
    (room, above) => {
      const known = modules
        .filter(({ path }) => path.startsWith(`access/${room}/`))
        .flatMap(({ imports }) => imports);
      expect(known.filter((name) => above.some((other) => name.startsWith(`access/${other}/`)))).toEqual([]);
    },
  );

  test("every module is reachable from cli.ts, from the program of a thread, or from the library", () => {
    const byPath = new Map(modules.map((module) => [module.path, module]));
    const reached = new Set(["cli.ts", "pipeline/file-thread.ts", "library/sandbox.ts"]);
    for (const path of reached)
      for (const name of byPath.get(path)?.imports ?? []) if (byPath.has(name)) reached.add(name);
    expect(modules.map(({ path }) => path).filter((path) => !reached.has(path))).toEqual([]);
  });

  test("a type name is declared once", () => {
    const declared = modules.flatMap(({ path, text }) =>
      [...text.matchAll(/^(?:export )?(?:interface|type|class) ([A-Z]\w*)/gm)].map(([, name = ""]) => ({
        name,
        path,
      })),
    );
    const twice = declared.filter(({ name }, at) => declared.findIndex((one) => one.name === name) !== at);
    expect(twice.map(({ name, path }) => `${name} in ${path}`)).toEqual([]);
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
      offenders(touches, [
        "desired/load.ts",
        "apply/journal.ts",
        "conformance/journal.ts",
        "git/",
        "requests/log-files.ts",
        "sandbox/",
        "commands/",
        "run/",
        "pipeline/",
      ]),
    ).toEqual([]);
  });

  test("the network belongs to oss, to the sandbox, to the client of GitHub and to the metrics", () => {
    const touches = ({ loads, text }: Module) =>
      loads.some((name) => /^(node:(https?|net|tls|dgram|dns)|ali-oss)/.test(name)) ||
      /\b(fetch|WebSocket|EventSource)\s*\(/.test(text);
    expect(offenders(touches, ["oss/", "sandbox/", "github/api.ts", "commands/watch/endpoints.ts"])).toEqual(
      [],
    );
  });

  test("git is the one program that is run, in one place", () => {
    const runs = ({ loads }: Module) => loads.includes("node:child_process");
    expect(offenders(runs, ["git/git.ts"])).toEqual([]);
  });

  test("only cli.ts knows the process and its streams", () => {
    expect(
      offenders(
        ({ text }) => /(?<![.\w])(process|console)\./.test(text.replaceAll(/\/\*.*?\*\/|\/\/.*/gs, "")),
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
