import { heavyPolicies } from "../support/heavy-policies.ts";
import { cli, measuredProcess, withFiles, type Row } from "./measure.ts";

const accept = [{ hazard: "grants-public-access", reason: "a benchmark" }];
/** Blocked plans and errors are answers, too. */
const codes = [0, 1, 3];

/** Policies of almost 16 KB that are heavy to analyse: the longest time of each command, and its highest peak. */
export async function heavySpeed(): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const all = Object.entries(heavyPolicies);
  const commands = [
    ["validate"],
    ["plan", "--sandbox"],
    ["plan", "--sandbox", "--html", "plan.html", "--markdown", "plan.md", "--json", "plan.json"],
    ["access", "matrix"],
    ["access", "who-can", "oss:GetObject", "web/x"],
  ];
  for (const words of commands) {
    let [slowest, largest] = [
      { name: "", ms: 0 },
      { name: "", peakMb: 0 },
    ];
    for (const [name, Statement] of all) {
      const files = {
        "policies/account.yaml": 'account: "1746495857600001"\nregion: cn-hangzhou\n',
        "policies/web.yaml": JSON.stringify({ bucket: "web", policy: { Version: "1", Statement }, accept }),
      };
      await withFiles(files, async (folder) => {
        const { ms, peakMb } = await measuredProcess([cli, ...words], {}, { cwd: folder, codes });
        if (ms > slowest.ms) slowest = { name, ms };
        if (peakMb > largest.peakMb) largest = { name, peakMb };
      });
    }
    rows.push({
      work: `the heaviest of ${all.length} policies of 16 KB, ${words.filter((one) => !one.includes(".")).join(" ")}`,
      yardstick: `${slowest.name}; ${largest.name}`,
      figure: `${(slowest.ms / 1_000).toFixed(2)} s, ${largest.peakMb.toFixed(0)} MB`,
      wanted: "2 s, 300 MB",
    });
  }
  return rows;
}
