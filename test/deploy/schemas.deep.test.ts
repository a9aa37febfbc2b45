import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeWith } from "../support/describe-with.ts";
import { manifests } from "../support/manifests.ts";
import { root } from "../support/pages.ts";
import { writeTree } from "../support/run-cli.ts";

const ofOperator = manifests.filter(({ kind }) => kind === "PodMonitor");

describeWith("kubernetes-validate", "manifests and the JSON schemas of Kubernetes", (program) => {
  test.each(manifests.filter((one) => !ofOperator.includes(one)))("$file", ({ file }) => {
    const path = join(root, "deploy/kubernetes", file);
    const { status, stdout, stderr } = spawnSync(program, ["--strict", path], { encoding: "utf8" });
    expect(status, stdout + stderr).toBe(0);
  });
});

describeWith("pod-monitor", "the PodMonitor and the schema of its operator", (file) => {
  interface Model {
    validate(): void;
  }
  test.each(ofOperator)("$file", ({ value }) => {
    const { PodMonitor } = createRequire(import.meta.url)(file) as {
      PodMonitor: new (value: object) => Model;
    };
    expect(() => {
      new PodMonitor(value).validate();
    }).not.toThrow();
    const bent = JSON.parse(JSON.stringify(value).replace('"30s"', '"30x"')) as object;
    expect(() => {
      new PodMonitor(bent).validate();
    }).toThrow(/interval/);
  });
});

/** Series of an hour, by minute, and the alerts that fire at a time. */
interface AlertCase {
  readonly title: string;
  readonly series: Readonly<Record<string, string>>;
  /** In minutes. */
  readonly at: number;
  readonly fires: readonly string[];
}

const running = {
  'oss_policy_build_info{version="1"}': "1x90",
  oss_policy_last_success_timestamp_seconds: "0+60x90",
};
const account = 'account="1746495857600001"';

const alertCases: readonly AlertCase[] = [
  { title: "all in order", series: running, at: 60, fires: [] },
  { title: "not scraped", series: { up: "0x90" }, at: 20, fires: ["OssPolicyAbsent"] },
  {
    title: "no success for more than half an hour",
    series: { ...running, oss_policy_last_success_timestamp_seconds: "0+60x10 600x80" },
    at: 50,
    fires: ["OssPolicyNoSuccess"],
  },
  {
    title: "drift that the next reconcile still finds",
    series: { ...running, [`oss_policy_buckets{${account},state="drifted"}`]: "0x10 2x80" },
    at: 40,
    fires: ["OssPolicyDrift"],
  },
  {
    title: "drift that is over",
    series: { ...running, [`oss_policy_buckets{${account},state="drifted"}`]: "0x10 2x10 0x70" },
    at: 60,
    fires: [],
  },
  {
    title: "held and unreadable",
    series: {
      ...running,
      [`oss_policy_buckets{${account},state="held"}`]: "1x90",
      [`oss_policy_buckets{${account},state="unreadable"}`]: "1x90",
    },
    at: 40,
    fires: ["OssPolicyHeld", "OssPolicyUnreadable"],
  },
  {
    title: "one more public bucket, in a pod that was started again",
    series: {
      ...running,
      [`oss_policy_public_buckets{${account},instance="a"}`]: "1x40 _x50",
      [`oss_policy_public_buckets{${account},instance="b"}`]: "_x41 2x49",
    },
    at: 45,
    fires: ["OssPolicyPublicBucketAppeared"],
  },
  {
    title: "public buckets as always",
    series: { ...running, [`oss_policy_public_buckets{${account}}`]: "3x90" },
    at: 60,
    fires: [],
  },
  {
    title: "a failed write",
    series: { ...running, [`oss_policy_writes_total{${account},outcome="failed"}`]: "0x20 1x70" },
    at: 30,
    fires: ["OssPolicyWriteFailed"],
  },
];

describeWith("promtool", "alerts, as Prometheus evaluates them", (program) => {
  const rules = join(root, "deploy/prometheus/rules.yaml");
  const names = alertCases.flatMap(({ fires }) => fires);

  test("each is tried", () => {
    const { status, stdout } = spawnSync(program, ["check", "rules", rules], { encoding: "utf8" });
    expect(status, stdout).toBe(0);
    expect(stdout).toContain(`${new Set(names).size} rules found`);
  });

  test.each(alertCases)("$title", ({ series, at, fires }) => {
    const alertTest = (alertname: string) => ({
      eval_time: `${at}m`,
      alertname,
      exp_alerts: [],
    });
    const unitTest = {
      rule_files: [rules],
      evaluation_interval: "1m",
      tests: [
        {
          interval: "1m",
          input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
          alert_rule_test: [...new Set(names)].map(alertTest),
        },
      ],
    };
    const file = join(writeTree({}), "test.yaml");
    writeFileSync(file, JSON.stringify(unitTest));
    const { stdout, stderr } = spawnSync(program, ["test", "rules", file], { encoding: "utf8" });
    // No alert is expected, so promtool names those that fire.
    const found = [...(stdout + stderr).matchAll(/alertname: ?(\w+)/g)].map(([, name = ""]) => name);
    expect([...new Set(found)].sort(), stdout + stderr).toEqual([...fires].sort());
  });
});
