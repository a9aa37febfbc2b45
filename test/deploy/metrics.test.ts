import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { root } from "../support/pages.ts";
import { accountFile, writeTree } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";
import { watching } from "../support/watching.ts";

const read = (path: string) => readFileSync(join(root, path), "utf8");

interface Scraped {
  /** Values of labels by series and label: `oss_policy_buckets`, `state`. */
  readonly series: ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;
  /** Names of the metrics, without those of the parts of a histogram. */
  readonly names: readonly string[];
}

/** What a running service exports. */
async function scraped(): Promise<Scraped> {
  const policies = writeTree({
    "account.yaml": accountFile,
    "alpha-one.yaml": "bucket: alpha-one\npolicy: none\n",
  });
  const sandbox = await sandboxWith({ buckets: [{ name: "alpha-one", region: "cn-hangzhou" }] });
  const service = await watching(sandbox, ["--policies", policies]);
  await service.until("reconcile");
  const { text } = await service.get("/metrics");
  const series = new Map<string, Map<string, Set<string>>>();
  for (const [, name = "", labels = ""] of text.matchAll(/^([a-z_]\w*)(?:\{(.*)\})? [-+.\deNaInf]+$/gm)) {
    const known = series.get(name) ?? new Map<string, Set<string>>();
    series.set(name, known);
    for (const [, label = "", value = ""] of labels.matchAll(/(\w+)="([^"]*)"/g))
      known.set(label, (known.get(label) ?? new Set()).add(value));
  }
  const names = [...text.matchAll(/^# TYPE (oss_policy_\w+) /gm)].map(([, name = ""]) => name);
  return { series, names };
}

interface Dashboard {
  readonly panels: readonly { readonly targets: readonly { expr: string; legendFormat: string }[] }[];
  readonly templating: { readonly list: readonly { readonly query: string }[] };
}

const dashboard = JSON.parse(read("deploy/grafana/dashboard.json")) as Dashboard;
const rules = parse(read("deploy/prometheus/rules.yaml")) as {
  readonly groups: readonly {
    readonly rules: readonly { alert: string; expr: string; annotations: object }[];
  }[];
};
const alerts = rules.groups.flatMap((group) => group.rules);

/** Expressions, each with the text in which it may show its labels. */
const expressions = [
  ...dashboard.panels.flatMap(({ targets }) =>
    targets.map(({ expr, legendFormat }) => [expr, legendFormat] as const),
  ),
  ...dashboard.templating.list.map(({ query }) => [query, ""] as const),
  ...alerts.map(({ expr, annotations }) => [expr, JSON.stringify(annotations)] as const),
].filter(([expr]) => expr !== "prometheus");

/** Labels that Prometheus adds to each target. */
const targetLabels = ["instance", "job"];

test("the dashboard and the alerts use series, labels and values that a running service exports", async () => {
  const { series } = await scraped();
  for (const [expr, shown] of expressions) {
    const names = [...expr.matchAll(/\b(?:oss_policy|process|nodejs)_\w+/g)].map(([name]) => name);
    expect(names.length, expr).toBeGreaterThan(0);
    for (const name of names) expect([...series.keys()], expr).toContain(name);
    const known = new Set([
      ...names.flatMap((name) => [...(series.get(name)?.keys() ?? [])]),
      ...targetLabels,
    ]);
    const grouped = [...expr.matchAll(/\b(?:by|on) \(([^)]*)\)/g)].flatMap(([, list = ""]) =>
      list.split(/, */),
    );
    const legends = [...shown.matchAll(/\{\{ ?(?:\$labels\.)?([a-z]\w*) ?\}\}/g)].map(
      ([, label = ""]) => label,
    );
    for (const label of [...grouped, ...legends]) expect([...known], expr).toContain(label);
    for (const [, name = "", matchers = ""] of expr.matchAll(/(\w+)\{([^}]*)\}/g))
      for (const [, label = "", values = ""] of matchers.matchAll(/(\w+)=~?"([^"]*)"/g)) {
        const exported = series.get(name)?.get(label);
        expect(exported, `${label} in ${expr}`).toBeDefined();
        if (values.startsWith("$")) continue;
        for (const value of values.split("|")) expect([...(exported ?? [])], expr).toContain(value);
      }
  }
});

test("docs/watch.md describes every metric with its labels, and every alert, and no other", async () => {
  const { series, names } = await scraped();
  const page = read("docs/watch.md");
  const rows = [...page.matchAll(/^\| `(oss_policy_\w+)(?:\{([^}]*)\})?` \|/gm)].map(
    ([, name = "", labels = ""]) => [name, labels.split(",").filter((label) => label !== "")] as const,
  );
  expect(rows.map(([name]) => name).sort()).toEqual([...names].sort());
  for (const [name, labels] of rows) {
    const exported = [...(series.get(name)?.keys() ?? [])];
    expect([...labels].sort(), name).toEqual(exported.sort());
  }
  const described = [...page.matchAll(/^\| `(OssPolicy\w+)` \|/gm)].map(([, name = ""]) => name);
  expect(described.sort()).toEqual(alerts.map(({ alert }) => alert).sort());
});

test("no series has the name of a bucket", async () => {
  const { series } = await scraped();
  const values = [...series.values()].flatMap((labels) =>
    [...labels.values()].flatMap((found) => [...found]),
  );
  expect(values.filter((value) => value.includes("alpha-one"))).toEqual([]);
});
