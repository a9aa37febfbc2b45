import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { describeWith } from "../support/describe-with.ts";
import { accountFile, runCli, writeTree } from "../support/run-cli.ts";

const cli = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
const page = fileURLToPath(new URL("../../docs/editors.md", import.meta.url));
const script = fileURLToPath(new URL("./neovim.lua", import.meta.url));

const web = `bucket: web
policy:
  Version: "1"
  Statement:
    - Effect: Allow
      Principal: ["202147604049350001"]
      Action: ["oss:GetObjct"]
      Resource: ["acs:oss:*:*:web/*"]
`;

describeWith("nvim", "Neovim", (nvim) => {
  test("with the set-up of docs/editors.md shows findings, and a correction makes them go away", async () => {
    const folder = writeTree({
      "policies/account.yaml": accountFile,
      "policies/web.yaml": web,
      "setup.lua": /^```lua\n([^]*?)^```/m.exec(readFileSync(page, "utf8"))?.[1] ?? "",
      "node_modules/.bin/oss-policy": `#!/bin/sh\nexec "${process.execPath}" "${cli}" "$@"\n`,
    });
    chmodSync(join(folder, "node_modules/.bin/oss-policy"), 0o755);
    const result = join(folder, "result.json");
    const { status, stderr } = spawnSync(nvim, ["--headless", "--clean", "-S", script], {
      cwd: folder,
      encoding: "utf8",
      timeout: 60_000,
      env: { ...process.env, OSS_POLICY_TEST: [join(folder, "setup.lua"), result].join("\n") },
    });
    expect(status, stderr).toBe(0);
    expect(JSON.parse(readFileSync(result, "utf8"))).toEqual({
      wrong: ["unknown-action"],
      title: "write `oss:GetObject`",
      line: '      Action: ["oss:GetObject"]',
      right: [],
      hover: expect.stringContaining("`oss:GetObject`: read, on the object level") as string,
    });
    expect((await runCli(["validate"], { folder })).code).toBe(0);
  });
});
