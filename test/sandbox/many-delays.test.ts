import { expect, test } from "vitest";
import { sandboxWith, storeOver } from "../support/store.ts";

test("many calls that wait at once warn of nothing, and the sandbox ends with them", async () => {
  const warnings: string[] = [];
  const note = (warning: Error) => void warnings.push(warning.message);
  process.on("warning", note);
  const sandbox = await sandboxWith({
    buckets: [{ name: "bucket-1", region: "cn-hangzhou" }],
    faults: [{ effect: { kind: "delay", delayMs: 60_000 } }],
  });
  const store = storeOver(sandbox.url);
  const reads = Array.from({ length: 40 }, () => store.get({ bucket: "bucket-1", region: "cn-hangzhou" }));
  await new Promise((resolve) => setTimeout(resolve, 300));
  const from = performance.now();
  await sandbox.close();
  expect(performance.now() - from).toBeLessThan(2_000);
  expect((await Promise.all(reads)).every(({ live }) => live.state === "unreadable")).toBe(true);
  process.off("warning", note);
  expect(warnings).toEqual([]);
});
