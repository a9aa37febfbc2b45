import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { htmlReport } from "../../src/report/html/index.ts";
import { everyTree, everyWorld } from "../support/every-change.ts";
import { parseHtml } from "../support/html.ts";
import { largePlan } from "../support/large-plan.ts";
import { runCli, writeTree } from "../support/run-cli.ts";

/** The style and the script are told by their hashes, which the policy of the page has. */
const told = (page: string, folder: string) =>
  page
    .replaceAll(folder, "policies")
    .replace(/<style>.*?<\/style>/s, "<style>...</style>")
    .replace(/<script>.*?<\/script>/s, "<script>...</script>")
    .replaceAll(/sha256-[\w+/=]+(?=&#39;)/g, "sha256-...");

describe("the plan as a page", () => {
  test("is one document on stdout, and the text goes to stderr", async () => {
    const { folder, env } = await everyWorld();
    const { stdout, stderr } = await runCli(["plan", "--policies", folder, "--html", "-"], { env });
    expect(stderr).toContain("Plan: 5 to create");
    await expect(told(stdout, folder)).toMatchFileSnapshot("golden/plan.html");
  });

  test("is written to a file by apply, with what became of each bucket", async () => {
    const { folder, env } = await everyWorld();
    const target = join(folder, "apply.html");
    const { stdout } = await runCli(["apply", "--policies", folder, "--html", target], { env });
    expect(stdout).toContain("Apply: ");
    await expect(told(readFileSync(target, "utf8"), folder)).toMatchFileSnapshot("golden/apply.html");
  });

  test("is written by restore", async () => {
    const { folder, env } = await everyWorld();
    const journal = join(folder, "journal.jsonl");
    await runCli(["apply", "--policies", folder, "--journal", journal], { env });
    const words = ["restore", "--policies", folder, "--journal", journal, "--yes", "--html", "-"];
    const { stdout } = await runCli(words, { env });
    const { elements } = parseHtml(stdout);
    expect(elements.find(({ name }) => name === "h1")?.text).toMatch(/^[A-Z][a-z]+: /);
    expect(elements.find(({ name }) => name === "footer")?.text).toContain(" applied");
  });

  test("says so where nothing could be planned", async () => {
    const folder = writeTree({
      "account.yaml": everyTree["account.yaml"],
      "x.yaml": "bukcet: x\npolicy: none\n",
    });
    const { code, stdout } = await runCli(["plan", "--policies", folder, "--html", "-"]);
    expect(code).toBe(1);
    await expect(told(stdout, folder)).toMatchFileSnapshot("golden/errored.html");
  });

  test("and as Markdown cannot be written to one place", async () => {
    const words = ["plan", "--sandbox", "--policies", writeTree(everyTree), "--markdown", "x", "--html", "x"];
    const { code, stderr } = await runCli(words);
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining("error: --markdown and --html both write to x: name two places"),
    ]);
  });
});

describe("a page of a plan with a base", () => {
  const page = htmlReport(largePlan(8), {
    version: "1.0.0",
    policies: "policies",
    scope: "policies",
    isErrored: false,
  });
  const { elements, errors, comments } = parseHtml(page);
  const texts = (wanted: string) =>
    elements.filter(({ name }) => name === wanted).map(({ text }) => text.trim());

  test("is valid, and has no comment", () => {
    expect([errors, comments]).toEqual([[], []]);
  });

  test("has the loosened guards first, and the worst change first", () => {
    expect(texts("h2")).toEqual([
      "Guards that are weaker or changed since the base, and new consents",
      "Overview",
      "Changes",
      "Access matrix",
      "Buckets whose file is gone, and whose policies stay live (a file with policy: none removes one)",
    ]);
    expect(texts("h3")[0]).toBe("update team-0006-data");
  });

  test("says in a cell of the matrix that plain http comes in, where nothing else changes", () => {
    expect(texts("td").map((text) => text.replaceAll(/\s+/g, " "))).toContain(
      "all objects over TLS →becomes all objects also over plain http wider",
    );
  });

  test("lets only its own style and script in", () => {
    const policy = elements.find(({ attributes }) => "http-equiv" in attributes)?.attributes["content"];
    const hash = (name: string) =>
      createHash("sha256")
        .update(elements.find((one) => one.name === name)?.text ?? "")
        .digest("base64");
    expect(policy).toBe(
      `default-src 'none'; style-src 'sha256-${hash("style")}'; script-src 'sha256-${hash("script")}'; base-uri 'none'; form-action 'none'`,
    );
    expect(texts("script").length + texts("style").length).toBe(2);
  });

  test("leads nowhere else", () => {
    const leading = elements.flatMap(({ attributes: { href, src, action } }) => href ?? src ?? action ?? []);
    const ids = elements.flatMap(({ attributes: { id } }) => id ?? []);
    expect(leading.filter((to) => !to.startsWith("#") || !ids.includes(to.slice(1)))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
    expect(
      elements.flatMap(({ attributes }) =>
        Object.keys(attributes).filter((name) => /^on|^style$/.test(name)),
      ),
    ).toEqual([]);
  });

  test("is the same each time", () => {
    expect(
      htmlReport(largePlan(8), {
        version: "1.0.0",
        policies: "policies",
        scope: "policies",
        isErrored: false,
      }),
    ).toBe(page);
  });
});
