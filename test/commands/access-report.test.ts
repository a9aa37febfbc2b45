import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseHtml } from "../support/html.ts";
import { runCli, writeTree } from "../support/run-cli.ts";

const owner = "1746495857600001";
const alice = "202147604049351234";
const role = (name: string) => `arn:sts::${owner}:assumed-role/${name}/*`;
const statement = (effect: string, bucket: string, principal: string, on: string, more = "") =>
  `    - { Effect: ${effect}, Principal: ["${principal}"], Action: ["oss:GetObject"], Resource: ["acs:oss:*:*:${bucket}${on}"]${more} }\n`;
const allow = (bucket: string, principal: string, on: string) => statement("Allow", bucket, principal, on);
const tls = (bucket: string) =>
  statement("Deny", bucket, "*", "/*", ', Condition: { Bool: { "acs:SecureTransport": ["false"] } }');
const file = (bucket: string, ...statements: readonly string[]) =>
  `bucket: ${bucket}\npolicy:\n  Version: "1"\n  Statement:\n${statements.join("")}`;

const tree = {
  "account.yaml": `account: "${owner}"\nregion: cn-hangzhou\nidentities:\n  alice: "${alice}"\noperators:\n  - principal: "55"\n`,
  "closed.yaml": file("closed", allow("closed", alice, "/logs/*"), tls("closed")),
  "http.yaml": file("http", allow("http", "55", "/*"), allow("http", "66", "/*")),
  "none.yaml": "bucket: none\npolicy: none\n",
  "roles.yaml": file("roles", allow("roles", role("c*"), "/*"), tls("roles")),
  "build.yaml": file("build", allow("build", role("ci"), "/in/*"), tls("build")),
  "web.yaml": file("web", allow("web", "*", "/img/*"), tls("web")),
};

interface ReportJson {
  readonly buckets: readonly {
    readonly bucket: string;
    readonly public: string;
    readonly plainHttp: string;
    readonly principals: readonly { readonly principal: string }[];
  }[];
  readonly principals: readonly {
    readonly principal: string;
    readonly name: string | null;
    readonly known: boolean;
    readonly buckets: readonly {
      readonly bucket: string;
      readonly cells: { readonly read: { readonly text: string } };
    }[];
  }[];
}

async function reportOf(options: readonly string[] = []) {
  const folder = writeTree(tree);
  const words = ["access", "report", "--policies", folder, "--json", join(folder, "report.json"), ...options];
  const { code, stdout } = await runCli(words);
  const json = JSON.parse(readFileSync(join(folder, "report.json"), "utf8")) as ReportJson;
  return { folder, code, stdout, json };
}

describe("access report", () => {
  test("has a role at a pattern that differs in letter case alone, since OSS does not document it", async () => {
    const folder = writeTree({
      "account.yaml": tree["account.yaml"],
      "one.yaml": file("one", allow("one", role("Ci-*"), "/*")),
      "two.yaml": file("two", allow("two", role("ci-build"), "/*"), allow("two", role("*-test"), "/*")),
      "three.yaml": file("three", allow("three", role("*-build"), "/*")),
    });
    const path = join(folder, "report.json");
    await runCli(["access", "report", "--policies", folder, "--json", path]);
    const { principals } = JSON.parse(readFileSync(path, "utf8")) as ReportJson;
    const rowsOf = (name: string) =>
      principals.find(({ principal }) => principal === role(name))?.buckets.map(({ bucket }) => bucket);
    expect(rowsOf("ci-build")).toEqual(["one", "three", "two"]);
    expect(rowsOf("*-build")).toEqual(["one", "three", "two"]);
    expect(rowsOf("*-test")).toEqual(["one", "two"]);
  });

  test("has public buckets first, and who allows plain http, as it is proved", async () => {
    const { code, json } = await reportOf();
    expect(code).toBe(0);
    expect(json.buckets.map((bucket) => [bucket.bucket, bucket.public, bucket.plainHttp])).toEqual([
      ["web", "yes", "no"],
      ["build", "no", "no"],
      ["closed", "no", "no"],
      ["http", "no", "yes"],
      ["none", "no", "no"],
      ["roles", "no", "no"],
    ]);
  });

  test("has unknown principals first, and all buckets of each principal", async () => {
    const { json } = await reportOf();
    expect(json.principals.map(({ principal, name, known }) => [principal, name, known])).toEqual([
      ["66", null, false],
      [role("c*"), null, false],
      [role("ci"), null, false],
      [alice, "alice", true],
      ["55", null, true],
    ]);
    const extents = (wanted: string) =>
      json.principals
        .find(({ principal }) => principal === wanted)
        ?.buckets.map(({ bucket, cells }) => `${bucket}: ${cells.read.text}`);
    expect(extents(alice)).toEqual(["closed: logs/*"]);
    // A pattern of another bucket allows this role, too.
    expect(extents(role("ci"))).toEqual(["build: in/*", "roles: all objects"]);
    expect(extents(role("c*"))).toEqual(["build: in/* (some sessions)", "roles: all objects"]);
  });

  test("says in short what to look at", async () => {
    const { stdout } = await reportOf();
    expect(stdout).toBe(
      "6 buckets, whose policies name 5 principals.\n" +
        "  public: 1 (web)\n" +
        `  principals that no account file knows: 3 (66, ${role("c*")}, ${role("ci")})\n` +
        "  allow requests over plain http: 1 (http)\n" +
        "Exit 0, success.\n",
    );
  });

  test("is a page and a table, too", async () => {
    const folder = writeTree({});
    const [html, csv] = [join(folder, "report.html"), join(folder, "report.csv")];
    await reportOf(["--html", html, "--csv", csv]);
    const titles = parseHtml(readFileSync(html, "utf8")).elements.filter(({ name }) => name === "h2");
    expect(titles.map(({ text }) => text)).toEqual([
      "Public buckets",
      "Principals that no account file knows",
      "Buckets that allow requests over plain http",
      "By bucket",
      "By principal",
    ]);
    expect(readFileSync(csv, "utf8")).toContain(
      `${owner},closed,no,no,${alice},alice,yes,logs/*,none,none,none,none\r\n`,
    );
  });

  test("of the live policies is about those", async () => {
    const folder = writeTree(tree);
    const words = ["access", "report", "--policies", folder, "--live", "--sandbox", "--bucket", "web"];
    expect((await runCli(words)).stdout).toContain("1 bucket, whose policies name 0 principals.\n");
  });

  test("is the same each time", async () => {
    const [first, second] = [await reportOf(["--csv", "-"]), await reportOf(["--csv", "-"])];
    expect(first.stdout).toBe(second.stdout);
  });

  test.each([
    ["words", ["report", "web"], "report takes no words"],
    ["a page of another question", ["matrix", "--html", "x.html"], "use --html with `report`"],
    ["a table of another question", ["public", "--csv", "x.csv"], "use --csv with `report`"],
  ])("refuses %s", async (_, words, expected) => {
    const folder = writeTree(tree);
    const { code, stderr } = await runCli(["access", ...words, "--policies", folder], { folder });
    expect([code, stderr]).toEqual([1, expect.stringContaining(expected)]);
    expect(existsSync(join(folder, "x.html")) || existsSync(join(folder, "x.csv"))).toBe(false);
  });

  test("refuses two files that are one", async () => {
    const { code, stderr } = await runCli(["access", "report", "--csv", "x", "--html", "x"]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("--html and --csv both write to x")]);
  });
});
