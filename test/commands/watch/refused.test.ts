import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { accountFile, environmentOf, runCli, writeTree } from "../../support/run-cli.ts";
import { sandboxWith } from "../../support/store.ts";

const treeOf = () =>
  writeTree({ "account.yaml": accountFile, "alpha-one.yaml": "bucket: alpha-one\npolicy: none\n" });

test.each([
  ["--listen", "9464", "is not an address"],
  ["--listen", "127.0.0.1:99999", "is not an address"],
  ["--listen", "203.0.113.1:9464", "cannot listen at 203.0.113.1:9464 (EADDRNOTAVAIL)"],
  ["--log", "jsn", "did you mean `json`"],
  ["--interval", "1s", "must be from 10s to 24h"],
  ["--interval", "10", "must be from 10s to 24h"],
])("%s %s ends the service before it connects to anything", async (option, value, words) => {
  const sandbox = await sandboxWith({});
  const call = ["watch", "--policies", treeOf(), option, value];
  const { code, stderr } = await runCli(call, { env: environmentOf(sandbox) });
  expect([code, sandbox.requests.length]).toEqual([1, 0]);
  expect(stderr).toContain(words);
});

test("a port that is taken ends the service", async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void taken.close());
  const { port } = taken.address() as AddressInfo;
  const call = ["watch", "--policies", treeOf(), "--listen", `127.0.0.1:${port}`];
  const { code, stdout, stderr } = await runCli(call, {});
  expect(code).toBe(1);
  expect(stderr).toContain(`cannot listen at 127.0.0.1:${port} (EADDRINUSE) [listen]`);
  expect(stdout).toContain("Exit 1, error: the service did not start.");
});
