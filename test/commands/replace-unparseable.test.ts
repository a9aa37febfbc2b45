import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Sandbox } from "../../src/sandbox/server.ts";
import { accountFile, environmentOf, runCli, writeTree } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";

const region = "cn-hangzhou";
const uid = "202147604049351234";
const statement = (bucket: string, condition: string) =>
  `{"Effect":"Deny","Principal":["${uid}"],"Action":["oss:GetObject"],"Resource":["acs:oss:*:1746495857600001:${bucket}/*"],"Condition":{"Bool":{${condition}}}}`;
const twice = '"acs:SecureTransport":"true","acs:SecureTransport":"false"';
const odd = (bucket: string) => `{ "Version":"1", "Statement":[${statement(bucket, twice)}]}`;
const fileOf = (bucket: string) =>
  `bucket: ${bucket}\npolicy:\n  Version: "1"\n  Statement:\n    - ${statement(bucket, '"acs:SecureTransport":"false"')}\n`;

interface Scene {
  readonly sandbox: Sandbox;
  readonly journal: string;
  readonly run: (verb: string, ...words: readonly string[]) => ReturnType<typeof runCli>;
}

async function scene(policies: Readonly<Record<string, string>>, files = {}): Promise<Scene> {
  const buckets = Object.entries(policies).map(([name, policy]) => ({ name, region, policy }));
  const sandbox = await sandboxWith({ buckets });
  const names = Object.keys(policies).map((name) => [`${name}.yaml`, fileOf(name)] as const);
  const tree = writeTree({ "account.yaml": accountFile, ...Object.fromEntries(names), ...files });
  const journal = join(writeTree({}), "journal.jsonl");
  const run = (verb: string, ...words: readonly string[]) => {
    const keeps = verb === "apply" || verb === "restore";
    const common = ["--policies", tree, ...(keeps ? ["--journal", journal] : [])];
    return runCli([verb, ...words, ...common], { env: environmentOf(sandbox) });
  };
  return { sandbox, journal, run };
}

const option = (...names: readonly string[]) => names.flatMap((name) => ["--replace-unparseable", name]);

describe("a live policy that does not parse", () => {
  test("is shown with both values and as it stands, with a way out, and is left alone", async () => {
    const { sandbox, run } = await scene({ web: odd("web") });
    for (const verb of ["plan", "apply"]) {
      const { code, stdout } = await run(verb);
      expect(code).toBe(1);
      expect(stdout).toContain('the name `acs:SecureTransport` occurs twice, with "true" and with "false"');
      expect(stdout).toContain(`the live text is \`${odd("web")}\``);
      expect(stdout).toContain("`apply --replace-unparseable web`");
    }
    expect(sandbox.policyOf("web")).toBe(odd("web"));
  });

  test("is replaced where its bucket is named, and kept in the journal to the byte", async () => {
    const { sandbox, journal, run } = await scene({ web: odd("web") });
    const planned = await run("plan", ...option("web"));
    expect(planned.code).toBe(0);
    expect(planned.stdout).toContain("~ update web");
    expect(planned.stdout).toMatch(/accepted access-undecided: .*\(for this run and the live text sha256:/);
    expect(sandbox.policyOf("web")).toBe(odd("web"));
    const applied = await run("apply", ...option("web"));
    expect(applied.stderr).toContain("is kept in");
    expect(applied.stderr).not.toContain("puts it back");
    expect([applied.code, applied.stdout]).toEqual([0, expect.stringContaining("Apply: 1 applied.")]);
    expect(sandbox.policyOf("web")).not.toBe(odd("web"));
    const [, before] = readFileSync(journal, "utf8").split("\n");
    expect(JSON.parse(before ?? "")).toMatchObject({ entry: "before", bucket: "web", body: odd("web") });
    expect((await run("plan")).stdout).toContain("1 unchanged");
  });

  test("restore says why it does not put it back, and puts back the others", async () => {
    const good = `{"Version":"1","Statement":[${statement("other", '"acs:SecureTransport":"true"')}]}`;
    const { sandbox, run } = await scene({ web: odd("web"), other: good });
    const applied = await run("apply", ...option("web"));
    expect(applied.code).toBe(0);
    expect(applied.stderr).toMatch(
      /`restore --journal \S+` puts it back; restore does not write what does not parse: the old text of `web` is the `body` of its line there/,
    );
    const whole = await run("restore");
    expect([whole.code, whole.stderr]).toEqual([1, expect.stringContaining("does not parse as a policy")]);
    expect(whole.stderr).toMatch(/its bytes are the text `body` of line \d/);
    expect((await run("restore", "--bucket", "other")).code).toBe(0);
    expect(sandbox.policyOf("other")).toBe(good);
  });

  test("is replaced by no policy where the file asks for none", async () => {
    const { sandbox, run } = await scene({ web: odd("web") }, { "web.yaml": "bucket: web\npolicy: none\n" });
    expect((await run("apply", ...option("web"))).code).toBe(0);
    expect(sandbox.policyOf("web")).toBeUndefined();
  });

  test("is left alone where it is another text than the one that was planned", async () => {
    const { sandbox, run } = await scene({ web: odd("web") });
    const plan = join(writeTree({}), "plan.json");
    expect((await run("plan", "--json", plan, ...option("web"))).code).toBe(0);
    const changed = odd("web").replace('"1"', '"1" ');
    sandbox.setPolicy("web", changed);
    const { code, stdout } = await run("apply", "--plan", plan, ...option("web"));
    expect([code, stdout]).toEqual([4, expect.stringContaining("changed since the plan was saved")]);
    expect(sandbox.policyOf("web")).toBe(changed);
    expect(JSON.parse(readFileSync(plan, "utf8"))).toMatchObject({ changes: [{ replaces: odd("web") }] });
  });

  test("what the new policy gives is judged as if nothing was given before", async () => {
    const open = `bucket: web\npolicy: {Version: "1", Statement: [{Effect: Allow, Principal: ["*"], Action: ["oss:GetObject"], Resource: ["acs:oss:*:*:web/*"]}]}\n`;
    const { sandbox, run } = await scene({ web: odd("web") }, { "web.yaml": open });
    const { code, stdout } = await run("apply", ...option("web"));
    expect([code, stdout]).toEqual([3, expect.stringContaining("grants-public-access")]);
    expect(sandbox.policyOf("web")).toBe(odd("web"));
  });
});

describe("the other verbs say what to do about it", () => {
  test("access asks about the files for one bucket, and leaves it out of several", async () => {
    const { run } = await scene({ web: odd("web"), other: odd("other") });
    const words = ["anonymous", "oss:GetObject", "web/a", "--live"];
    const one = await run("access", "can", ...words);
    expect(one.stderr).toContain("help: ask about the policy of the file, without --live");
    expect(one.stderr).not.toContain("--bucket");
    expect((await run("access", "public", "--live")).stderr).toContain("leave the bucket out with --exclude");
  });

  test("import names the ways out", async () => {
    const { run } = await scene({ web: odd("web") }, { "web.yaml": "bucket: other\npolicy: none\n" });
    const { code, stderr } = await run("import");
    expect([code, stderr]).toEqual([1, expect.stringContaining("`apply --replace-unparseable web`")]);
  });
});

describe("the option is for one bucket that needs it", () => {
  test("it takes no pattern, and no name that no file has", async () => {
    const { sandbox, run } = await scene({ web: odd("web"), "web-2": odd("web-2") });
    for (const name of ["*", "web*", "web-?", "other", "WEB"]) {
      const { code, stderr } = await run("apply", ...option(name));
      expect([code, stderr]).toEqual([1, expect.stringContaining("names no bucket of the tree")]);
    }
    expect(sandbox.requests).toEqual([]);
  });

  test("the others stay unreadable", async () => {
    const { sandbox, run } = await scene({ web: odd("web"), "web-2": odd("web-2") });
    expect((await run("apply", ...option("web"))).code).toBe(1);
    expect(sandbox.policyOf("web-2")).toBe(odd("web-2"));
    expect(sandbox.policyOf("web")).not.toBe(odd("web"));
  });

  test.each<[string, string]>([
    ["a policy that can be read", '{"Version":"1","Statement":[]}'],
    ["a page", "<html>log in</html>"],
    ["an object that is no policy", '{"a":1,"a":2}'],
  ])("%s makes it idle, with a warning", async (_, body) => {
    const { run } = await scene({ web: body });
    const { stderr } = await run("plan", ...option("web"));
    expect(stderr).toContain("warning: `--replace-unparseable web` has no effect");
  });

  test("no other failure to read is replaced", async () => {
    const { sandbox, run } = await scene({ web: odd("web") });
    sandbox.addFault({
      operation: "GetBucketPolicy",
      effect: { kind: "status", status: 403, code: "AccessDenied" },
    });
    expect((await run("apply", ...option("web"))).code).toBe(1);
    expect(sandbox.requests.filter(({ method }) => method === "PUT")).toEqual([]);
  });
});
