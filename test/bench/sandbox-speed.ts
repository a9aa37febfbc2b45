import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { signed, type SignedCall } from "../support/sandbox.ts";
import { cli, withFiles, type Row } from "./measure.ts";

const bucket = "bench-objects";
const connections = 16;
const rounds = 5_000;
/** Each flushes its bytes and its record to the disk. */
const durableRounds = 500;

/** Requests a second on small objects, and the memory of the server while a large one streams. */
export async function sandboxSpeed(): Promise<readonly Row[]> {
  const [sandbox, bare] = [await serve([cli, "sandbox", "--port", "0"]), await serve(["-e", bareServer])];
  try {
    await once(sandbox.port, { method: "PUT", bucket });
    const keys = Array.from({ length: rounds }, (_, index) => `small/${index}`);
    const body = "x".repeat(1_024);
    const puts = keys.map((key) => text({ method: "PUT", bucket, key, body }));
    const gets = keys.map((key) => text({ bucket, key }));
    await perSecond(sandbox.port, puts);
    await perSecond(bare.port, puts);
    const put = [await perSecond(sandbox.port, puts), await perSecond(bare.port, puts)] as const;
    const get = [await perSecond(sandbox.port, gets), await perSecond(bare.port, gets)] as const;
    return [
      speedRow("put", put),
      speedRow("get", get),
      await durableRow(puts.slice(0, durableRounds), put[1]),
      ...(await streamRows(sandbox)),
    ];
  } finally {
    for (const { process } of [sandbox, bare]) process.kill();
  }
}

/** Puts into a folder, each of which is on the disk before its answer. */
function durableRow(puts: readonly Buffer[], bare: number): Promise<Row> {
  return withFiles({}, async (folder) => {
    const { process, port } = await serve([cli, "sandbox", "--port", "0", "--state", join(folder, "state")]);
    try {
      await once(port, { method: "PUT", bucket });
      return { ...speedRow("put (--state)", [await perSecond(port, puts), bare]), wanted: "" };
    } finally {
      process.kill();
    }
  });
}

/** A server of Node alone, which reads the body and does nothing with it. */
const bareServer = `
const server = require("node:http").createServer((incoming, response) => {
  incoming.on("data", () => {}).on("end", () => response.end("x".repeat(1024)));
});
server.listen(0, "127.0.0.1", () => console.log("http://127.0.0.1:" + server.address().port));
`;

interface Served {
  readonly process: ChildProcess;
  readonly port: number;
}

function serve(words: readonly string[]): Promise<Served> {
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
    child.stdout.on("data", (chunk: Buffer) => {
      const port = /127\.0\.0\.1:(\d+)/.exec(chunk.toString())?.[1];
      if (port !== undefined) resolve({ process: child, port: Number(port) });
    });
  });
}

function speedRow(name: string, [ours, bare]: readonly [number, number]): Row {
  const yardstick = `node:http alone: ${bare.toFixed(0)} a second`;
  const work = `sandbox: ${name} objects of 1 KB, ${connections} connections`;
  return { work, yardstick, figure: `${ours.toFixed(0)} a second`, wanted: "2000" };
}

/** Request as bytes: a client that signs and parses would be slower than the server. */
function text(call: SignedCall): Buffer {
  const { method = "GET", path = "/", headers = {}, body = "" } = signed(call);
  const lines = Object.entries({ ...headers, "content-length": String(body.length) });
  const head = [`${method} ${path} HTTP/1.1`, ...lines.map(([name, value]) => `${name}: ${value}`)];
  return Buffer.from(`${head.join("\r\n")}\r\n\r\n${String(body)}`);
}

async function once(port: number, call: SignedCall): Promise<void> {
  await perSecond(port, [text(call)], 1);
}

async function perSecond(port: number, requests: readonly Buffer[], width = connections): Promise<number> {
  const start = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    const socket = connect(port, "127.0.0.1");
    while (next < requests.length) await exchange(socket, requests[next++] ?? Buffer.alloc(0));
    socket.destroy();
  };
  await Promise.all(Array.from({ length: width }, worker));
  return (requests.length * 1_000) / (performance.now() - start);
}

function exchange(socket: Socket, bytes: Buffer): Promise<void> {
  socket.write(bytes);
  let received = "";
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      received += chunk.toString("latin1");
      const end = received.indexOf("\r\n\r\n");
      if (end === -1) return;
      if (!received.startsWith("HTTP/1.1 200")) reject(new Error(received.slice(0, 400)));
      const length = Number(
        /content-length: (\d+)/i.exec(received)?.[1] ?? (received.endsWith("0\r\n\r\n") ? 0 : NaN),
      );
      if (received.length < end + 4 + length) return;
      socket.off("data", read);
      resolve();
    };
    socket.on("data", read);
  });
}

const gibibyte = 1024 ** 3;

/** The peak of the memory is known on Linux only. */
async function streamRows({ port, process: { pid = 0 } }: Served): Promise<readonly Row[]> {
  const before = peakMb(pid);
  const up = await timed(() => upload(port, gibibyte));
  const afterUpload = peakMb(pid);
  const down = await timed(() => download(port, gibibyte));
  const afterDownload = peakMb(pid);
  const row = (work: string, seconds: number, peak: number): Row => ({
    work: `sandbox: 1 GiB ${work}`,
    yardstick: `${before.toFixed(0)} MB at rest`,
    figure: `${peak.toFixed(0)} MB, ${seconds.toFixed(1)} s`,
    wanted: "flat",
  });
  return [row("up", up, afterUpload), row("down", down, afterDownload)];
}

/** Returns the peak of the resident memory since the last call, or at all. */
function peakMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
  return Number(/VmHWM:\s*(\d+) kB/.exec(status)?.[1]) / 1_024;
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1_000;
}

const chunk = Buffer.alloc(1024 ** 2, "0123456789abcdef");

function upload(port: number, size: number): Promise<void> {
  const { path = "/", headers = {} } = signed({ method: "PUT", bucket, key: "large" });
  return new Promise((resolve, reject) => {
    const call = {
      host: "127.0.0.1",
      port,
      method: "PUT",
      path,
      headers: { ...headers, "content-length": size },
    };
    const outgoing = request(call, (response) => {
      response.resume().on("end", () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`upload: ${response.statusCode}`));
      });
    });
    outgoing.on("error", reject);
    let sent = 0;
    const more = (): void => {
      while (sent < size) {
        sent += chunk.length;
        if (!outgoing.write(chunk)) return void outgoing.once("drain", more);
      }
      outgoing.end();
    };
    more();
  });
}

function download(port: number, size: number): Promise<void> {
  const { path = "/", headers = {} } = signed({ bucket, key: "large" });
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: "127.0.0.1", port, path, headers }, (response) => {
      let received = 0;
      response.on("data", (part: Buffer) => (received += part.length));
      response.on("end", () => {
        if (received === size) resolve();
        else reject(new Error(`download: ${response.statusCode}, ${received} bytes`));
      });
    });
    outgoing.on("error", reject).end();
  });
}
