import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/**
 * Programs and files that tests need and that `npm ci` does not bring. At home a missing one skips its tests,
 * with one line on stderr (missing-programs.ts). OSS_POLICY_REQUIRE_PROGRAMS names, separated by spaces, those
 * without which the tests fail: .ci/run names each that it installed.
 */
interface Optional {
  /** A path in this variable is used as it is. */
  readonly variable: string;
  readonly find: () => string | undefined;
  /** The consequence where it is missing. */
  readonly loss: string;
}

const browsers = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

const programs = {
  chromium: {
    variable: "OSS_POLICY_CHROMIUM",
    find: () => browsers.find((file) => existsSync(file)),
    loss: "no report is opened in a browser",
  },
  cvc5: {
    variable: "OSS_POLICY_CVC5",
    find: () => runnable("cvc5", "--version"),
    loss: "no verdict is compared with another solver",
  },
  fish: {
    variable: "OSS_POLICY_FISH",
    find: () => runnable("fish", "--version"),
    loss: "nothing is completed in fish",
  },
  nvim: {
    variable: "OSS_POLICY_NVIM",
    find: () => runnable("nvim", "--version"),
    loss: "no real editor talks to the language server",
  },
  openssl: {
    variable: "OSS_POLICY_OPENSSL",
    find: () => runnable("openssl", "version"),
    loss: "no TLS session is resumed",
  },
  "oss-go": {
    // A build of test/clients/go.
    variable: "OSS_POLICY_OSS_GO",
    find: () => undefined,
    loss: "no client of the Go SDK calls the sandbox",
  },
  "oss-python": {
    variable: "OSS_POLICY_OSS_PYTHON",
    find: () => runnable("python3", "-c", "import oss2, alibabacloud_oss_v2"),
    loss: "no client of the Python SDKs calls the sandbox",
  },
  "pre-commit": {
    variable: "OSS_POLICY_PRE_COMMIT",
    find: () => runnable("pre-commit", "--version"),
    loss: "no hook is installed and run by pre-commit",
  },
  pyyaml: {
    variable: "OSS_POLICY_PYTHON",
    find: () => runnable("python3", "-c", "import yaml"),
    loss: "no bucket file is read by another YAML parser",
  },
  "kubernetes-validate": {
    variable: "OSS_POLICY_KUBERNETES_VALIDATE",
    find: () => runnable("kubernetes-validate", "--version"),
    loss: "no manifest is checked with the JSON schemas of Kubernetes",
  },
  "pod-monitor": {
    variable: "OSS_POLICY_POD_MONITOR",
    find: () => undefined,
    loss: "the PodMonitor is not checked with the schema of its operator",
  },
  promtool: {
    variable: "OSS_POLICY_PROMTOOL",
    find: () => runnable("promtool", "--version"),
    loss: "no alert is tried by Prometheus",
  },
  zsh: {
    variable: "OSS_POLICY_ZSH",
    find: () => runnable("zsh", "--version"),
    loss: "nothing is completed in zsh",
  },
  "sarif-schema": {
    variable: "OSS_POLICY_SARIF_SCHEMA",
    find: () => undefined,
    loss: "no SARIF is checked with its official schema",
  },
} satisfies Readonly<Record<string, Optional>>;

export type Program = keyof typeof programs;

function runnable(program: string, ...words: readonly string[]): string | undefined {
  return spawnSync(program, words, { timeout: 10_000 }).status === 0 ? program : undefined;
}

/** Returns its path, or the name under which it is found. */
export function findProgram(name: Program): string | undefined {
  const { variable, find } = programs[name];
  const named = process.env[variable] ?? "";
  return named === "" ? find() : named;
}

/** Returns one line for each program that is missing and not required. */
export function missingPrograms(): readonly string[] {
  const required = requiredPrograms();
  return (Object.keys(programs) as Program[])
    .filter((name) => !required.includes(name) && findProgram(name) === undefined)
    .map((name) => `SKIPPED: ${name} is not installed, so ${programs[name].loss}`);
}

/** The programs without which the tests fail. */
export function requiredPrograms(): readonly string[] {
  const names = (process.env["OSS_POLICY_REQUIRE_PROGRAMS"] ?? "").split(/\s+/).filter((name) => name !== "");
  const unknown = names.filter((name) => !(name in programs));
  if (unknown.length > 0)
    throw new Error(`OSS_POLICY_REQUIRE_PROGRAMS: unknown program ${unknown.join(", ")}`);
  return names;
}
