import { describe, expect, test } from "vitest";
import { logOwner } from "../support/log-lines.ts";
import { file, get, old, propose, put, statement } from "./proposals.ts";

const on = (...keys: readonly string[]) =>
  file(statement({ Resource: JSON.stringify(keys.map((key) => `acs:oss:*:*:data/${key}/*`)) }));

describe("what a read of a symlink may have needed beside its own key", () => {
  const wide = on("links", "releases");
  const read = get({ object: "links/latest" });
  const link = { object: "links/latest", target: "/links/latest?symlink", requester: logOwner };
  const made = put({ ...link, operation: "PutObjectSymlink" });
  const shown = get({ ...link, operation: "GetObjectSymlink" });

  test.each([
    ["that was made", [made, read]],
    ["that was made after the read", [read, made]],
    ["that was read as one", [read, shown]],
    ["under another key, since no log has all of them", [read, shown.replaceAll("latest", "other")]],
    ["with its version", [read.replace("latest HTTP", "latest?versionId=1 HTTP"), made]],
    ["whose headers were read", [read.replace('"GET', '"HEAD').replace('"GetObject"', '"HeadObject"'), made]],
  ])("a bucket with a symlink %s keeps the other objects of whoever reads", async (_, lines) => {
    const { file: written, stdout } = await propose({ "data.yaml": wide }, lines);
    expect(written("data.yaml")).toBe(wide);
    expect(stdout).not.toContain("releases");
  });

  test("one who read no object, or only what follows no symlink, needs no target", async () => {
    const meta = get({
      object: "links/latest",
      target: "/links/latest?objectMeta",
      operation: "GetObjectMeta",
    });
    const { file: written } = await propose({ "data.yaml": wide }, [made, meta]);
    expect(written("data.yaml")).toBe(on("links"));
    const both = file(statement() + statement({ Principal: `["${old}"]` }));
    const { file: kept } = await propose({ "data.yaml": both }, [made, read]);
    expect(kept("data.yaml")).toBe(file(statement()));
  });

  test("without a symlink in the logs, the report says that they may lack one", async () => {
    const { file: written, stdout } = await propose({ "data.yaml": wide }, [read]);
    expect(written("data.yaml")).toBe(on("links"));
    expect(stdout).toContain("so may a read of a symlink that the logs do not show");
    expect(stdout).toContain("OSS may leave requests out, and none has the target of a symlink.");
  });
});
