import { setTimeout as sleep } from "node:timers/promises";
import { startClient } from "../support/language-client.ts";
import { bucketName } from "./bucket-tree.ts";
import { cli, withFiles, type Row } from "./measure.ts";
import { bucketFile } from "./validate-speed.ts";

const count = 1_000;
const keystrokes = 200;

/** From a keystroke to its findings, in a tree of 1,000 files: at once after opening it, and once it is parsed. */
export async function languageServerSpeed(): Promise<readonly Row[]> {
  const name = bucketName(500);
  const text = bucketFile(500);
  const file = `policies/${name}.yaml`;
  return withFiles(tree(), async (folder) => {
    const client = await startClient(folder, cli);
    const opened = await timed(() => client.open(file, text));
    const type = async (times: number) => {
      const figures: number[] = [];
      for (let at = 1; at <= times; at += 1) {
        const typed = text.replace("oss:GetObject", `oss:GetObject${"t".repeat(at % 4)}`);
        figures.push(await timed(() => client.change(file, typed)));
      }
      return figures.sort((a, b) => a - b);
    };
    const early = await type(keystrokes / 4);
    await sleep(5_000);
    const late = await type(keystrokes);
    client.stop();
    return [
      {
        work: `lsp, findings of a keystroke in a tree of ${count.toLocaleString("en")} files`,
        yardstick: "",
        figure: `${percentiles(late)}; while the tree is still parsed ${percentiles(early)}; opened in ${opened.toFixed(0)} ms`,
        wanted: "under 100 ms",
      },
    ];
  });
}

function tree(): Readonly<Record<string, string>> {
  const account = 'account: "1746495857600001"\nregion: cn-hangzhou\n';
  const files = Array.from({ length: count }, (_, index) => [
    `policies/${bucketName(index)}.yaml`,
    bucketFile(index),
  ]);
  return { "policies/account.yaml": account, ...Object.fromEntries(files) };
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await act();
  return performance.now() - start;
}

function percentiles(sorted: readonly number[]): string {
  const at = (share: number) => (sorted[Math.ceil(sorted.length * share) - 1] ?? 0).toFixed(1);
  return `p50 ${at(0.5)}, p99 ${at(0.99)} ms`;
}
