import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, test } from "vitest";
import { accountSchema, bucketSchema, setSchema } from "../src/desired/schema.ts";
import { allCodes } from "../src/codes/index.ts";
import { rules } from "../src/lint/rules/index.ts";
import { hazardCodes } from "../src/plan/hazard.ts";
import { accessLevels, actions, administrationTexts, isGrantable } from "../src/policy/actions.ts";
import {
  chinesePages,
  filesOf,
  markdownIn,
  pages,
  readPage,
  root,
  twinOf,
  wordsOf,
  type Page,
} from "./support/pages.ts";
import { runCli } from "./support/run-cli.ts";

/** Names in code that are no code of a finding and in no example of their page: words of OSS, GitHub and this repository. */
const otherNames: ReadonlySet<string> = new Set([
  "exit-code", // the output of the action
  "github-actions",
  "oss-policy-drift",
  "upload-sarif",
  "working-directory",
  "fast-check",
]);

/** Files that are named and are not in the repository. */
const otherFiles: ReadonlySet<string> = new Set([
  ".helix/languages.toml",
  ".zed/settings.json",
  ".oss-policy/",
]);

const { stdout: help } = await runCli(["help"]);
const verbs = [...help.matchAll(/^ {2}([a-z]+) (?:\[options\]|<|  )/gm)].map(([, verb = ""]) => verb);

const optionsOf = new Map(
  await Promise.all(
    verbs.map(async (verb) => {
      const { stdout } = await runCli(["help", verb]);
      const options = [...stdout.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, option = ""]) => option);
      return [verb, new Set(options)] as const;
    }),
  ),
);
const allOptions = new Set([...optionsOf.values()].flatMap((options) => [...options]));

const codes: ReadonlySet<string> = new Set(allCodes.map(({ code }) => code));

const shipped = ["src", ".github", "deploy"]
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((name) =>
      join(root, folder, name),
    ),
  )
  .filter((path) => /\.(ts|ya?ml|sh|json)$/.test(path))
  .map((path) => readFileSync(path, "utf8"))
  .join("\n");

/** Calls of the tool in code: the verb and what follows it on the line. */
function callsIn({ fences, spans }: Page): readonly (readonly [call: string, words: readonly string[]])[] {
  const lines = [...spans, ...fences.flatMap(({ text }) => text.split("\n"))];
  return lines.flatMap((line) =>
    [...line.matchAll(/(?:npx oss-policy|dist\/cli\.js|^npm run (?=[a-z]+ --)|^oss-policy) +([a-z].*)/g)].map(
      ([, rest = ""]) => [line, wordsOf(rest.replace(/ +#.*/, "").replace(/ \|\| .*/, ""))] as const,
    ),
  );
}

/** Pages that name words of the code beside codes: effects of fault rules, commands of git. */
const isFaultEffect = (name: string) => shipped.includes(`kind: z.literal("${name}")`);
const wordsOfTheCode: ReadonlyMap<string, (name: string) => boolean> = new Map([
  ["docs/sandbox.md", isFaultEffect],
  // Jobs of the pipelines that init writes.
  ["docs/start.md", (name: string) => shipped.includes(`\n${name}:\n`)],
  // An add-on of ACK, and a role of the manifests.
  ["docs/watch.md", (name: string) => shipped.includes(name)],
  ["docs/security.md", (name: string) => shipped.includes(`"${name}"`)],
]);

/** The path of a page in English. */
const englishOf = (page: Page) =>
  chinesePages.includes(page) ? (twinOf(page.path) ?? page.path) : page.path;

const scripts = ["package.json", "editors/vscode/package.json"].flatMap((file) =>
  Object.keys((JSON.parse(readFileSync(join(root, file), "utf8")) as { scripts: object }).scripts),
);

describe.each([...pages, ...chinesePages].map((page) => [page.path, page] as const))("%s", (_, page) => {
  const shown = page.fences.map(({ text }) => text).join("\n");

  test("names verbs and options that exist", () => {
    for (const [line, [verb = "", ...words]] of callsIn(page)) {
      if (line.startsWith("npm run") && !verbs.includes(verb)) continue;
      expect([...verbs, "help", "version"], line).toContain(verb);
      const options = words.filter((word) => word.startsWith("--") && word !== "--");
      for (const option of options) expect([...(optionsOf.get(verb) ?? [])], line).toContain(option);
      if (verb === "explain" && words.length > 0) expect([...codes, "CODE"], line).toContain(words[0]);
    }
    for (const span of page.spans)
      if (/^--[a-z]/.test(span)) expect([...allOptions], span).toContain(span.split(/[ =]/)[0]);
    for (const [, script = ""] of page.text.matchAll(/npm run ([a-z][\w:]*)/g))
      expect(scripts).toContain(script);
  });

  test("names codes that exist, and shows every other name in an example", () => {
    const names = page.spans.filter((span) => /^[a-z]+(-[a-z]+)+$/.test(span));
    const unknown = names.filter(
      (name) => !codes.has(name) && !otherNames.has(name) && !shown.includes(name),
    );
    const elsewhere = wordsOfTheCode.get(englishOf(page)) ?? (() => false);
    expect(unknown.filter((name) => !elsewhere(name))).toEqual([]);
  });

  test("names files that exist", () => {
    const files = filesOf(page);
    const exists = (path: string) => existsSync(join(root, path));
    const ofRepository = [...page.text.matchAll(/(?<![\w/.-])(?:src|test|docs|\.github|\.ci)\/[\w./-]*\w/g)];
    expect(ofRepository.map(([path]) => path).filter((path) => !exists(path))).toEqual([]);
    const others = page.spans.filter((span) =>
      /^\.?[\w-]+\/[\w./-]*$|^[\w.-]+\.(md|ts|json|ya?ml|sh)$/.test(span),
    );
    const isShown = (path: string) =>
      [...files.keys()].some((name) => name.endsWith(`/${path}`)) || shown.includes(path);
    const unknown = others.filter((path) => !exists(path) && !isShown(path) && !shipped.includes(path));
    expect(unknown.filter((path) => !otherFiles.has(path))).toEqual([]);
  });

  test("names environment variables that exist", () => {
    const variables = page.spans.filter((span) => /^(OSS|ALIBABA|GITHUB)_[A-Z_]+$/.test(span));
    expect(variables.filter((name) => !shipped.includes(name))).toEqual([]);
  });
});

const linking = [
  "README.md",
  "README.zh-CN.md",
  "CONTRIBUTING.md",
  "ARCHITECTURE.md",
  "SECURITY.md",
  "CHANGELOG.md",
];

test.each([...linking, ...markdownIn("docs")])("%s has no link that leads nowhere", (path) => {
  for (const link of readPage(path).links) {
    if (/^https?:/.test(link)) continue;
    const [file = "", anchor] = link.split("#");
    const target = file === "" ? path : normalize(join(dirname(path), file));
    expect(existsSync(join(root, target)), link).toBe(true);
    if (anchor !== undefined)
      expect(
        readPage(target).headings.map(({ slug }) => slug),
        link,
      ).toContain(anchor);
  }
});

describe("the size of a page", () => {
  test("the README is one that a newcomer finishes", () => {
    expect(Buffer.byteLength(readPage("README.md").text)).toBeLessThan(9_000);
  });

  const long = pages.filter(({ path, text }) => path !== "README.md" && text.split("\n").length > 80);

  test.each(long.map((page) => [page.path, page] as const))(
    "%s has a table of contents",
    (_, { headings, text }) => {
      const sections = headings.filter(({ level }) => level === "h2");
      const contents = sections.map(({ text: title, slug }) => `- [${title}](#${slug})\n`).join("");
      expect(text).toContain(`\n\n${contents}\n`);
    },
  );

  test("every page is listed in the README", () => {
    const links = readPage("README.md").links;
    expect(
      pages.map(({ path }) => path).filter((path) => path !== "README.md" && !links.includes(path)),
    ).toEqual([]);
  });
});

describe("tables that are made of the code", () => {
  const page = (path: string) => pages.find((one) => one.path === path) ?? readPage(path);
  const rowsOf = (path: string, section: string) =>
    page(path)
      .rows.filter((row) => row.section === section)
      .map(({ cells }) => cells);

  test("the rules", () => {
    const made = rules.map(({ code, severity, summary }) => [
      `\`${code}\``,
      severity,
      summary.replaceAll("|", "&#124;"),
    ]);
    expect(rowsOf("docs/rules.md", "Rules")).toEqual(made);
    expect(
      page("docs/zh-CN/rules.md")
        .rows.filter(({ cells }) => /^(error|warning|note)$/.test(cells[1] ?? ""))
        .map(({ cells }) => cells.slice(0, 2)),
    ).toEqual(made.map((row) => row.slice(0, 2)));
  });

  test("the hazards", () => {
    const named = rowsOf("docs/access.md", "Hazards").map(([code = ""]) => code.replaceAll("`", ""));
    expect([...named].sort()).toEqual([...hazardCodes].sort());
  });

  test.each([
    ["docs/access.md", "Access levels"],
    ["docs/zh-CN/access.md", "访问级别"],
  ])("%s: the access levels, and the administration actions of each reason", (path, section) => {
    const granted = Object.keys(administrationTexts).map((reason) =>
      actions.flatMap((action) =>
        isGrantable(action) && action.administers === reason ? [`\`${action.name}\``] : [],
      ),
    );
    const rows = rowsOf(path, section);
    const levels = rows.slice(0, accessLevels.length);
    expect(levels.map(([level]) => level)).toEqual(accessLevels.map((level) => `\`${level}\``));
    expect(rows.slice(accessLevels.length).map(([, names]) => names?.split(", "))).toEqual(granted);
  });

  test("the reasons why an action is administration", () => {
    const reasons = rowsOf("docs/access.md", "Access levels").slice(accessLevels.length);
    expect(reasons.map(([reason]) => reason)).toEqual(Object.values(administrationTexts));
  });

  test("the keys of the files", () => {
    const keys = rowsOf("docs/files.md", "Reference").flatMap(([cell = ""]) =>
      [...cell.matchAll(/`(\w+)`/g)].map(([, key = ""]) => key),
    );
    const made = [...Object.keys(bucketSchema.shape), ...Object.keys(accountSchema.shape)];
    expect([...keys].sort()).toEqual([...made].sort());
    expect(Object.keys(setSchema.shape)).toEqual(["Statement"]);
  });

  test("the verbs of each report", () => {
    for (const [cell = "", named = ""] of rowsOf("docs/reports.md", "Reports")) {
      const option = /`(--[a-z]+)/.exec(cell)?.[1] ?? "";
      const having = verbs.filter((verb) => optionsOf.get(verb)?.has(option) === true);
      expect([...named.matchAll(/`(\w+)`/g)].map(([, verb]) => verb).sort(), option).toEqual(having.sort());
    }
  });

  test("the actions that a key needs", () => {
    const { Statement } = JSON.parse(readFileSync(join(root, ".github/ram/apply.json"), "utf8")) as {
      Statement: readonly { readonly Action: readonly string[] }[];
    };
    const named = rowsOf("docs/credentials.md", "Permissions").flatMap(([cell = ""]) =>
      [...cell.matchAll(/`(oss:\w+)`/g)].map(([, action]) => action),
    );
    expect(named.sort()).toEqual(Statement.flatMap(({ Action }) => Action).sort());
  });
});

/** One word for one idea: what a guard does to a change is `blocks` in every page. */
test.each(pages.map((page) => [page.path, page] as const))(
  "%s keeps to the words of the project",
  (_, { prose }) => {
    const avoided = /\b(held back|holds? back|mend(s|ed)?|heed(s|ed)?|begun|nobody|somebody)\b/i;
    const summaries = new Set(rules.map(({ summary }) => summary));
    expect(prose.filter((words) => avoided.test(words) && !summaries.has(words))).toEqual([]);
  },
);
