import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, request, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { TlsAgent } from "../../src/oss/tls-agent.ts";
import { describeWith } from "../support/describe-with.ts";
import { certificateIn, makeCertificate, type Certificate } from "../support/certificate.ts";

type Version = "TLSv1.2" | "TLSv1.3";

const domain = "oss-cn-hangzhou.test";
const folder = mkdtempSync(join(tmpdir(), "oss-policy-tls-"));
const wildcard = certificateIn(folder, "wildcard");
const oneHost = certificateIn(folder, "one-host");

interface Tls {
  readonly server: Server;
  readonly agent: TlsAgent;
  /** Calls a bucket's host; returns whether its connection resumed a session, or the code of the error. */
  call(bucket: string): Promise<"full" | "resumed" | string>;
  /** Connections that are open at the server. */
  open(): number;
}

async function tlsServer(certificate: Certificate, version: Version = "TLSv1.3"): Promise<Tls> {
  let open = 0;
  const server = createServer({ ...read(certificate), maxVersion: version }, (_, response) =>
    response.end("ok"),
  );
  server.on("secureConnection", (socket) => {
    open += 1;
    socket.on("error", () => undefined).once("close", () => (open -= 1));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const agent = agentTrusting(wildcard, oneHost);
  onTestFinished(() => {
    agent.destroy();
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { server, agent, call: (bucket) => callOf(agent, port, bucket), open: () => open };
}

function read({ keyFile, certFile }: Certificate): { key: Buffer; cert: Buffer } {
  return { key: readFileSync(keyFile), cert: readFileSync(certFile) };
}

function agentTrusting(...certificates: readonly Certificate[]): TlsAgent {
  return new TlsAgent({
    ca: certificates.map(({ certFile }) => readFileSync(certFile)),
    lookup: (_host, options, done) => {
      if (options.all === true) done(null, [{ address: "127.0.0.1", family: 4 }]);
      else done(null, "127.0.0.1", 4);
    },
  });
}

async function callOf(agent: TlsAgent, port: number, bucket: string): Promise<string> {
  return new Promise((resolve) => {
    const call = request({ host: `${bucket}.${domain}`, port, agent }, (response) => {
      const isResumed = (response.socket as TLSSocket).isSessionReused();
      // The ticket of TLS 1.3 comes with the answer at the latest.
      response.resume().once("end", () => setImmediate(resolve, isResumed ? "resumed" : "full"));
    });
    call.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    call.end();
  });
}

describeWith("openssl", "TLS sessions", () => {
  beforeAll(() => {
    makeCertificate(wildcard, [`*.${domain}`]);
    makeCertificate(oneHost, [`one.${domain}`]);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each<Version>(["TLSv1.2", "TLSv1.3"])(
    "%s: a session is resumed for the next bucket",
    async (version) => {
      const { call } = await tlsServer(wildcard, version);
      expect(await call("one")).toBe("full");
      expect(await call("two")).toBe("resumed");
      expect(await call("three")).toBe("resumed");
    },
  );

  test.each<Version>(["TLSv1.2", "TLSv1.3"])(
    "%s: no session is resumed for a host that its certificate does not cover",
    async (version) => {
      const { call } = await tlsServer(oneHost, version);
      expect(await call("one")).toBe("full");
      expect(await call("two")).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
      expect(await call("two")).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
    },
  );

  test("a session is not kept from a certificate that is not trusted", async () => {
    const { server } = await tlsServer(wildcard);
    const { port } = server.address() as AddressInfo;
    const agent = agentTrusting(oneHost);
    onTestFinished(() => agent.destroy());
    for (const bucket of ["one", "two"]) {
      expect(await callOf(agent, port, bucket)).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");
    }
  });

  test("where the server refuses the ticket, the handshake is a complete one", async () => {
    const { server, call } = await tlsServer(wildcard);
    expect(await call("one")).toBe("full");
    server.setTicketKeys(Buffer.alloc(48, 1));
    expect(await call("two")).toBe("full");
    expect(await call("three")).toBe("resumed");
  });

  test("a certificate that is replaced on the way is checked for each host", async () => {
    const { server, call } = await tlsServer(wildcard);
    expect(await call("one")).toBe("full");
    server.setSecureContext(read(oneHost));
    server.setTicketKeys(Buffer.alloc(48, 2));
    expect(await call("two")).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
    server.setSecureContext(read(wildcard));
    server.setTicketKeys(Buffer.alloc(48, 3));
    expect(await call("two")).toBe("full");
    expect(await call("three")).toBe("resumed");
  });

  test("a connection is used again for its own host only, and few stay open", async () => {
    const { server, call, open } = await tlsServer(wildcard);
    const hosts: (string | undefined)[] = [];
    const named = new Map<unknown, Set<string>>();
    server.on("request", ({ socket, headers: { host = "" } }) => {
      hosts.push(host);
      named.set(socket, (named.get(socket) ?? new Set()).add(host));
    });
    const buckets = Array.from({ length: 150 }, (_, index) => `bucket-${index}`);
    for (const bucket of buckets) await call(bucket);
    await call(buckets.at(-1) ?? "");
    expect(hosts).toHaveLength(151);
    expect(named.size).toBe(150);
    expect([...named.values()].every(({ size }) => size === 1)).toBe(true);
    await expect.poll(open).toBeLessThanOrEqual(64);
  });
});
