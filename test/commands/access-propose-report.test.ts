import { execFileSync } from "node:child_process";
import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { accountFile, runCli, writeTree } from "../support/run-cli.ts";
import { etl, file, get, old, propose, statement } from "./proposals.ts";

describe("what the report says of a proposal", () => {
  const narrowable = file(statement({ Principal: `["${etl}", "${old}"]` }));

  test("a policy of which everything goes that was not seen is proposed as a whole", async () => {
    const { stdout, stays } = await propose({ "data.yaml": narrowable }, [get()]);
    expect(stdout).toContain(
      "Proposed in narrow.patch, proved to grant nothing new, and replayed with the requests that the logs have: data.",
    );
    expect(stays).toEqual([]);
    expect(stdout).not.toMatch(/in part|Not proposed|may have used any grant/);
  });

  test("lines that may have used any grant are counted", async () => {
    const lines = [
      get(),
      get({ method: "POST", target: "/raw/a?new", operation: "NewOperation" }),
      get({ method: "POST", target: "/raw/a?new", operation: "NewOperation" }),
      get({ requester: "hidden***" }),
      "no line of a log",
      get({ object: "x".repeat(70_000) }),
    ];
    const { stdout } = await propose({ "data.yaml": narrowable }, lines);
    expect(stdout).toContain(
      "do not count. Lines that may have used any grant: 2 with an unmapped operation, 1 of an unknown caller, 1 broken, 1 too long.",
    );
  });

  test("a bucket without a request is the reason why nothing is proposed", async () => {
    const { stderr } = await propose({ "data.yaml": narrowable }, [get({ bucket: "elsewhere" })]);
    expect(stderr).toContain("proved: `data`: the logs have no request of it in the window");
    const used = await propose({ "data.yaml": file(statement()) }, [get()]);
    expect(used.stderr).toContain("no narrower policy can be proposed and proved: requests used every grant");
  });

  test("a patch of an earlier run is left as it was if nothing is proposed", async () => {
    const folder = writeTree({
      "policies/account.yaml": accountFile,
      "policies/data.yaml": file(statement()),
      "old.patch": "old",
      log: get(),
    });
    const words = ["access", "unused", "--requests", "log", "--propose"];
    const { stderr } = await runCli([...words, "old.patch"], { folder });
    expect(stderr).toContain("used every grant; `old.patch` is left as it was");
    expect(readFileSync(join(folder, "old.patch"), "utf8")).toBe("old");
    for (const name of ["new.patch", "-"])
      expect((await runCli([...words, name], { folder })).stderr).not.toContain("is left as it was");
  });
});

describe("the folder of the policies", () => {
  const text = (principal: string) => file(statement({ Principal: principal }));
  const tree = () =>
    writeTree({
      "infra/policies/account.yaml": accountFile,
      "infra/policies/data.yaml": text(`["${etl}", "${old}"]`),
      "infra/log": get(),
      "outside/account.yaml": accountFile,
    });
  const words = ["access", "unused", "--requests", "log", "--propose", "patch", "--policies"];

  test.each([
    ["an absolute path", (top: string) => join(top, "infra/policies")],
    ["a path by the folder above", () => "../infra/policies"],
    ["a symbolic link to one of it", (top: string) => join(top, "link")],
  ])("below the working folder may be %s, and the patch applies", async (_, pathIn) => {
    const top = tree();
    const folder = join(top, "infra");
    symlinkSync(join(folder, "policies"), join(top, "link"));
    await runCli([...words, pathIn(top)], { folder });
    execFileSync("git", ["apply", "patch"], { cwd: folder });
    expect(readFileSync(join(folder, "policies/data.yaml"), "utf8")).toBe(text(`["${etl}"]`));
  });

  test.each([
    ["an absolute path", (top: string) => join(top, "outside")],
    ["a link in it", () => "link"],
  ])("outside of the working folder is refused, also as %s", async (_, pathIn) => {
    const top = tree();
    const folder = join(top, "infra");
    symlinkSync(join(top, "outside"), join(folder, "link"));
    const { stderr } = await runCli([...words, pathIn(top)], { folder });
    expect(stderr).toContain(
      `the folder \`${pathIn(top)}\` is not below this one, and git takes no patch of it`,
    );
  });
});
