import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { certificateIn, makeCertificate } from "../support/certificate.ts";
import { policyOf } from "./bucket-policy.ts";
import { cli, row, timedProcess, withFiles } from "./measure.ts";

const sizes = [100, 1_000];
const delayMs = 20;
const rounds = 5;
/** The concurrency that a plan grows to by default. */
const concurrency = 64;

const account = "1746495857600001";
const domain = "oss-cn-hangzhou.bench.test";
const built = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** A plan over the wire that OSS really has: TLS, and each bucket another host, so that each costs a handshake. */
export async function tlsSpeed() {
  for (const size of sizes) {
    const names = Array.from({ length: size }, (_, index) => `bench-${String(index).padStart(4, "0")}`);
    await withFiles(treeOf(names), (folder) => compare(folder, names));
  }
}

function treeOf(names: readonly string[]): Record<string, string> {
  const files = names.map((name): [string, string] => [
    `policies/${name}.yaml`,
    JSON.stringify({ bucket: name, policy: policyOf(name) }, null, 2),
  ]);
  return {
    "policies/account.yaml": `account: "${account}"\nregion: cn-hangzhou\n`,
    ...Object.fromEntries(files),
  };
}

async function compare(folder: string, names: readonly string[]): Promise<void> {
  const certificate = certificateIn(folder, "server");
  makeCertificate(certificate, [`*.${domain}`, domain]);
  const { keyFile, certFile } = certificate;
  const server = spawn(process.execPath, [
    built("tls-server.js"),
    keyFile,
    certFile,
    String(delayMs),
    ...names,
  ]);
  try {
    const port = await new Promise<string>((resolve, reject) => {
      server.stdout.once("data", (part: Buffer) => resolve(part.toString().replace(/\D/g, "")));
      server.on("close", () => reject(new Error("the server ended")));
    });
    const env = {
      OSS_ENDPOINT: `https://oss-{region}.bench.test:${port}`,
      OSS_ACCESS_KEY_ID: "bench-key-id",
      OSS_ACCESS_KEY_SECRET: "bench-key-secret",
      NODE_EXTRA_CA_CERTS: certFile,
      NODE_OPTIONS: `--import ${new URL("preload.js", import.meta.url).href}`,
    };
    const loop = () => measured([built("bare-loop.js"), String(concurrency), ...names], env);
    const plan = () => measured([cli, "plan", "--policies", join(folder, "policies")], env);
    await report(names.length, loop, async () => {
      const result = await plan();
      if (!result.text.includes(`${names.length} unchanged`)) throw new Error(result.text);
      return result;
    });
  } finally {
    server.kill();
  }
}

interface Measured {
  readonly ms: number;
  readonly cpuMs: number;
  readonly text: string;
}

async function measured(words: readonly string[], env: Readonly<Record<string, string>>): Promise<Measured> {
  const { ms, text } = await timedProcess(words, env);
  return { ms, text, cpuMs: Number(/^cpu (\d+) ms$/m.exec(text)?.[1]) };
}

async function report(size: number, loop: () => Promise<Measured>, plan: () => Promise<Measured>) {
  const [bare, whole]: [Measured[], Measured[]] = [[], []];
  for (let round = 0; round <= rounds; round += 1) {
    const pair = [await loop(), await plan()] as const;
    if (round === 0) continue;
    bare.push(pair[0]);
    whole.push(pair[1]);
  }
  console.log(
    `a plan of ${size} buckets over TLS, a host each, ${delayMs} ms a call, median of ${rounds} processes each, in turn`,
  );
  const [bareMs, bareCpuMs] = [median(bare, "ms"), median(bare, "cpuMs")];
  row("what the delays alone take", (size * delayMs) / concurrency);
  row(`a bare loop of the same requests, ${concurrency} at once`, bareMs);
  row("oss-policy plan at its default", median(whole, "ms"), bareMs);
  row("CPU of the loop", bareCpuMs);
  row("CPU of the plan", median(whole, "cpuMs"), bareCpuMs);
}

function median(list: readonly Measured[], figure: "ms" | "cpuMs"): number {
  const sorted = list.map((one) => one[figure]).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
