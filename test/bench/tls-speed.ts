import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { certificateIn, makeCertificate } from "../support/certificate.ts";
import { policyOf } from "./bucket-policy.ts";
import { bucketName, bucketTree } from "./bucket-tree.ts";
import { cli, median, timedProcess, withFiles, type Row } from "./measure.ts";

const sizes = [100, 1_000];
const delayMs = 20;
const rounds = 5;
/** The concurrency that a plan grows to by default. */
const concurrency = 64;

const domain = "oss-cn-hangzhou.bench.test";
const built = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** A plan over the wire that OSS really has: TLS, and each bucket another host, so that each costs a handshake. */
export async function tlsSpeed(): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const size of sizes) {
    const names = Array.from({ length: size }, (_, index) => bucketName(index));
    rows.push(...(await withFiles(bucketTree(names, policyOf), (folder) => compare(folder, names))));
  }
  return rows;
}

async function compare(folder: string, names: readonly string[]): Promise<readonly Row[]> {
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
    return await compared(names.length, loop, async () => {
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

async function compared(
  size: number,
  loop: () => Promise<Measured>,
  plan: () => Promise<Measured>,
): Promise<readonly Row[]> {
  const [bare, whole]: [Measured[], Measured[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    bare.push(await loop());
    whole.push(await plan());
  }
  const medianOf = (list: readonly Measured[], figure: "ms" | "cpuMs") =>
    median(list.map((one) => one[figure])) / 1_000;
  const [bareS, bareCpuS] = [medianOf(bare, "ms"), medianOf(bare, "cpuMs")];
  const [planS, planCpuS] = [medianOf(whole, "ms"), medianOf(whole, "cpuMs")];
  return [
    {
      work: `plan, ${size.toLocaleString("en")} buckets, TLS to virtual hosts, default concurrency`,
      yardstick: `bare TLS loop, C = ${concurrency}, ${bareS.toFixed(2)} s`,
      figure: `${(planS / bareS).toFixed(2)} times`,
      wanted: "at most 1.15",
    },
    {
      work: "  its CPU",
      yardstick: `the loop's, ${bareCpuS.toFixed(2)} s`,
      figure: `${planCpuS.toFixed(2)} s`,
      wanted: "",
    },
  ];
}
