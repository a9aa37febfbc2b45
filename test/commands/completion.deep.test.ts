import { spawnSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { findProgram } from "../support/programs.ts";
import { accountFile, writeTree } from "../support/run-cli.ts";

/** A folder with a tree, and the tool in `bin`. */
function world(): string {
  const folder = writeTree({
    "policies/account.yaml": accountFile,
    "policies/web.yaml": "bucket: web-assets\npolicy: none\n",
    "policies/logs.yaml": "bucket: audit-logs\npolicy: none\n",
    "rules/x.txt": "",
    "plan one.json": "{}",
    // A line that is entered shows its words.
    "bin/oss-policy": `#!/bin/sh
case $1 in complete | completion) exec ${process.execPath} ${resolve("dist/cli.js")} "$@" ;; esac
printf '<%s>' "$@"
echo
`,
  });
  chmodSync(join(folder, "bin/oss-policy"), 0o755);
  return folder;
}

function runIn(folder: string, program: string, words: readonly string[], input = ""): string {
  const env = { ...process.env, PATH: `${join(folder, "bin")}:${process.env["PATH"] ?? ""}`, HOME: folder };
  const { stdout } = spawnSync(program, words, {
    cwd: folder,
    env,
    input,
    encoding: "utf8",
    timeout: 50_000,
  });
  return stdout;
}

/** Keys typed at a prompt, with a tab after each part that is to be completed. */
const keys =
  "oss-policy plan --bucket we\t --exclude=a\t --accept=grants-pub\tau\t --policies r\t --jso\t pl\t";

const words =
  "<plan><--bucket><web-assets><--exclude=audit-logs><--accept=grants-public-access@audit-logs><--policies><rules/><--json><plan one.json>";

test("bash at a terminal completes each word, also behind = and @", () => {
  const folder = world();
  // `script` gives bash a terminal.
  const feed = `sleep 0.5; printf 'PS1=">"; eval "$(oss-policy completion bash)"\\n'; sleep 2; printf '%s\\n' "$KEYS"; printf 'exit\\n'`;
  const text = `(${feed}) | script -qec "bash --norc -i" /dev/null`;
  expect(runIn(folder, "env", [`KEYS=${keys}`, "bash", "-c", text])).toContain(words);
}, 60_000);

test.skipIf(findProgram("zsh") === undefined)(
  "zsh at a terminal completes each word",
  () => {
    const folder = world();
    const driver = `zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z 'PS1="> "; autoload -U compinit; compinit -D -u; source <(oss-policy completion zsh)'
sleep 2
zpty -w z $KEYS
while zpty -r z out; do print -rn -- "$out"; if [[ $out == *"<plan>"* ]]; then break; fi; done`;
    expect(runIn(folder, "env", [`KEYS=${keys}`, findProgram("zsh") ?? "", "-f", "-c", driver])).toContain(
      // A slash that zsh adds goes away before a space.
      words.replace("rules/", "rules"),
    );
  },
  60_000,
);

test.skipIf(findProgram("fish") === undefined)(
  "fish completes each word",
  () => {
    const folder = world();
    const lines = [
      "oss-policy val",
      "oss-policy plan --bucket we",
      "oss-policy plan --exclude=a",
      "oss-policy plan --accept grants-public-access@w",
      "oss-policy plan --policies r",
      "oss-policy plan --policies=r",
      "oss-policy plan --json=pl",
      "oss-policy access can owner oss:GetObjectA",
      "oss-policy plan --concurrency ",
    ];
    const calls = lines.map((line) => `echo "# ${line}"; complete -C "${line}"`);
    const printed = runIn(folder, findProgram("fish") ?? "", [
      "-N",
      "-c",
      ["oss-policy completion fish | source", ...calls].join("; "),
    ]);
    expect(printed).toBe(`# ${lines[0] ?? ""}
validate\tfind mistakes in the policy files, without a network
# ${lines[1] ?? ""}
web-assets
# ${lines[2] ?? ""}
--exclude=audit-logs
# ${lines[3] ?? ""}
grants-public-access@web-assets
# ${lines[4] ?? ""}
rules/
# ${lines[5] ?? ""}
--policies=rules/
# ${lines[6] ?? ""}
--json=plan one.json
# ${lines[7] ?? ""}
oss:GetObjectAcl
# ${lines[8] ?? ""}
`);
  },
  60_000,
);
