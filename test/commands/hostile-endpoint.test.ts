import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { accountFile, environmentOf, runCli, writeTree } from "../support/run-cli.ts";
import { answering, hostileOss } from "../support/hostile-oss.ts";
import { sandboxWith } from "../support/store.ts";

const token = "TOKENMARKERofthistest";
const keys = { OSS_ACCESS_KEY_ID: "KEYIDMARKERofthistest", OSS_ACCESS_KEY_SECRET: "SECRETMARKERofthistest" };
const marks = /MARKER|[\da-f]{40}|Signature=/;

const tree = () =>
  writeTree({ "account.yaml": `${accountFile}scope: all\n`, "a.yaml": "bucket: alpha-one\npolicy: none\n" });

describe("a server that sends back what it got puts no secret into a report", () => {
  test.each(["plan", "apply", "import", "access"])("of %s", async (verb) => {
    const oss = await hostileOss((request, response) => {
      const all = Object.entries(request.headers).map(([name, value]) => `${name}: ${String(value)}`);
      const text = `${all.join("\n")} ${Buffer.from(all.join()).toString("base64")} ${encodeURIComponent(all.join())}`;
      const body = `<Error><Code>AccessDenied</Code><Message>${text.replaceAll("<", "&lt;")}</Message></Error>`;
      answering(403, body)(request, response);
    });
    const out = writeTree({});
    const reports = ["json", "markdown", "html", "sarif"].map((name) => join(out, name));
    const named = reports.flatMap((file) => [`--${file.split("/").at(-1) ?? ""}`, file]);
    const words =
      {
        plan: ["plan", ...named],
        apply: ["apply", "--yes", ...named],
        import: ["import"],
        access: ["access", "matrix", "--live"],
      }[verb] ?? [];
    const { stdout, stderr } = await runCli([...words, "--policies", tree(), "--endpoint", oss.url], {
      env: { ...keys, OSS_SESSION_TOKEN: token },
    });
    expect(`${stdout}${stderr}`).toContain("[removed]");
    expect(`${stdout}${stderr}`).not.toMatch(marks);
    if (verb === "plan" || verb === "apply")
      for (const file of reports)
        expect(readFileSync(file, "utf8").replaceAll(/sha256[:-][\w+/=]+|"digest": .*/g, "")).not.toMatch(
          /MARKER|Signature=/,
        );
  });
});

describe("a password in the endpoint is an error that does not show it", () => {
  test.each([
    "https://user:PASSWORDMARKER@127.0.0.1:1",
    "https://PASSWORDMARKER@127.0.0.1",
    "https://:PASSWORDMARKER@example.com",
    "http://user:PASSWORDMARKER@127.0.0.1:9000",
    "user:PASSWORDMARKER@127.0.0.1",
    "https//user:PASSWORDMARKER@example.com",
    "ftp://user:PASSWORDMARKER@example.com",
    "https://user%3APASSWORDMARKER%40example.com",
    "https://example.com/?token=PASSWORDMARKER",
    "https://example.com/#PASSWORDMARKER",
    "https://user:PASSWORDMARKER@oss-{region}.example.com",
    "https://user:PASS WORDMARKER@example.com",
  ])("%s", async (endpoint) => {
    const json = join(writeTree({}), "p.json");
    for (const env of [{ OSS_ENDPOINT: endpoint }, { OSS_ENDPOINT: endpoint, ...keys }]) {
      const { code, stdout, stderr } = await runCli(["plan", "--policies", tree(), "--json", json], { env });
      expect(code).toBe(1);
      expect(stderr).toContain("[endpoint]");
      expect(`${stdout}${stderr}${readFileSync(json, "utf8")}`).not.toMatch(/WORDMARKER/);
    }
    const given = await runCli(["plan", "--policies", tree(), "--endpoint", endpoint], { env: keys });
    expect(`${given.stdout}${given.stderr}`).not.toMatch(/WORDMARKER/);
  });
});

describe("the same cause for many buckets is one message", () => {
  const names = Array.from({ length: 30 }, (_, index) => `bucket-${String(index).padStart(2, "0")}`);
  const many = () =>
    writeTree({
      "account.yaml": accountFile,
      ...Object.fromEntries(names.map((name) => [`${name}.yaml`, `bucket: ${name}\npolicy: none\n`])),
    });

  test.each(["plan", "apply"])("a wrong secret, in %s", async (verb) => {
    const sandbox = await sandboxWith({ buckets: names.map((name) => ({ name, region: "cn-hangzhou" })) });
    const env = { ...environmentOf(sandbox), OSS_ACCESS_KEY_SECRET: "wrong" };
    const { code, stdout } = await runCli([verb, "--policies", many()], { env });
    expect(code).toBe(1);
    expect(stdout).toContain(
      "! cannot read 30 buckets: bucket-00, bucket-01, bucket-02, bucket-03, bucket-04 and 25 more",
    );
    expect(stdout.match(/SignatureDoesNotMatch/g)).toHaveLength(verb === "plan" ? 1 : 2);
    expect(stdout).toContain("help: the secret does not belong to the access key id");
  });

  test("where nothing listens, the host and the port are named once", async () => {
    const sandbox = await sandboxWith({});
    await sandbox.close();
    const { stdout } = await runCli(["plan", "--policies", many()], { env: environmentOf(sandbox) });
    expect(stdout.split(`cannot connect to 127.0.0.1:${sandbox.port} (ECONNREFUSED)`)).toHaveLength(2);
  });
});

describe("Retry-After", () => {
  const waiting = (seconds: string) => hostileOss(answering(503, "", { "retry-after": seconds }));

  test("beyond what a run waits ends the call at once, with the reason", async () => {
    const oss = await waiting("999999");
    const { code, stdout } = await runCli(["plan", "--policies", tree(), "--endpoint", oss.url], {
      env: keys,
    });
    expect([code, stdout]).toEqual([
      1,
      expect.stringContaining("OSS asks to wait 999999 s, but a run waits at most 60 s in all"),
    ]);
    expect(oss.requests.length).toBeLessThan(4);
  });

  test("a wait is reported while it lasts", async () => {
    const oss = await waiting("2");
    const { stderr } = await runCli(["plan", "--policies", tree(), "--endpoint", oss.url], { env: keys });
    expect(stderr).toContain("OSS asks to wait 2 s: waiting\n");
    const quiet = await runCli(["plan", "--quiet", "--policies", tree(), "--endpoint", oss.url], {
      env: keys,
    });
    expect(quiet.stderr).not.toContain("waiting");
  });
});
