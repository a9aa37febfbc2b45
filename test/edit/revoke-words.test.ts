import { describe, expect, test } from "vitest";
import { alice, allows, bob, bucketFile, edited, owner } from "../support/edited.ts";

const objects = `"acs:oss:*:${owner}:logs/*"`;
const itself = `"acs:oss:*:${owner}:logs"`;
const reads = '"oss:GetObject"';

/** Revokes over one bucket file, `logs.yaml`. */
const revoked = (text: string, ...words: readonly string[]) =>
  edited({ "logs.yaml": text }, "revoke", ...words);

describe("a revoke says of the file what is true", () => {
  test("points at the statement that still allows, and not at the one in its place after the edit", async () => {
    const text = bucketFile(
      "logs",
      allows(`"${alice}"`, reads, objects),
      allows(`"${bob}"`, reads, objects),
      allows('"*"', reads, `"acs:oss:*:${owner}:logs/pub/*"`),
    );
    const { code, stdout, stderr } = await revoked(text, "alice");
    expect(code).toBe(1);
    expect(stdout + stderr).toContain("logs.yaml:13:7: ");
  });

  test("knows a Deny that stops everything else already", async () => {
    const everything = `${itself}, ${objects}`;
    const text = bucketFile(
      "logs",
      allows(`"${alice}"`, reads, objects),
      allows(`"${alice}"`, '"oss:*"', everything, "Deny"),
    );
    const { stdout } = await revoked(text, "alice");
    expect(stdout).toContain("A Deny refuses it everything in these buckets");
    expect(stdout).not.toContain("--deny");
    const open = await revoked(bucketFile("logs", allows(`"${alice}", "${bob}"`, reads, objects)), "alice");
    expect(open.stdout).toContain("--deny stops that, too");
  });
});
