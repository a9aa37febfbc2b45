import { Agent, type AgentOptions } from "node:https";
import type { Duplex } from "node:stream";
import {
  checkServerIdentity,
  connect,
  createSecureContext,
  type ConnectionOptions,
  type PeerCertificate,
  type SecureContext,
  type TLSSocket,
} from "node:tls";

/** Idle connections that are kept: every bucket is a host, and 10,000 must not hold 10,000 descriptors. */
const maxIdle = 64;

/** TLS session of an endpoint, with the certificate that was verified when it began. */
interface TlsSession {
  readonly ticket: Buffer;
  readonly certificate: PeerCertificate;
}

/** The undocumented method behind the option `session`, with which Node.js parses the certificate twice. */
type Resumable = TLSSocket & { setSession?(ticket: Buffer): void };

/**
 * Agent for OSS's virtual hosts, where every bucket costs a connection and a handshake. A connection is never
 * shared between hosts. The newest session of an endpoint is resumed for its other hosts, if the certificate of
 * that session is valid for them (RFC 8446, 4.6.1): Node.js checks no name when a session is resumed. If the
 * server does not resume, the handshake is a complete one with the usual checks.
 * Addresses are looked up for each host: OSS does not document that the buckets of an endpoint share them.
 */
export class TlsAgent extends Agent {
  readonly #sessions = new Map<string, TlsSession>();
  /** Idle connections, the oldest first. */
  readonly #idle = new Set<Duplex>();
  #context: SecureContext | undefined;

  constructor(options: AgentOptions = {}) {
    super({ ...options, keepAlive: true });
  }

  override createConnection(options: ConnectionOptions): TLSSocket {
    const { servername = "", host = "" } = options;
    const name = servername === "" ? host : servername;
    const endpoint = `${name.slice(name.indexOf(".") + 1)}:${options.port ?? ""}`;
    const session = this.#sessionFor(endpoint, name);
    // One context for all: it loads the root certificates.
    this.#context ??= createSecureContext(options);
    const socket: Resumable = connect({ ...options, secureContext: this.#context });
    if (session !== undefined) socket.setSession?.(session.ticket);
    this.#keepSessions(socket, endpoint, session);
    socket.once("close", () => this.#idle.delete(socket));
    return socket;
  }

  override keepSocketAlive(socket: Duplex): unknown {
    const [oldest] = this.#idle;
    if (oldest !== undefined && this.#idle.size >= maxIdle) {
      this.#idle.delete(oldest);
      oldest.destroy();
    }
    this.#idle.add(socket);
    const isKept: unknown = super.keepSocketAlive(socket);
    return isKept;
  }

  override reuseSocket(...call: Parameters<Agent["reuseSocket"]>): void {
    this.#idle.delete(call[0]);
    super.reuseSocket(...call);
  }

  #sessionFor(endpoint: string, name: string): TlsSession | undefined {
    const session = this.#sessions.get(endpoint);
    if (session === undefined) return undefined;
    return checkServerIdentity(name, session.certificate) === undefined ? session : undefined;
  }

  /** Keeps the newest ticket. One that arrives before the certificate is verified (TLS 1.2) waits until it is. */
  #keepSessions(socket: TLSSocket, endpoint: string, resumed: TlsSession | undefined): void {
    let certificate: PeerCertificate | undefined;
    let early: Buffer | undefined;
    const keep = (ticket: Buffer) => {
      if (!socket.authorized) return void (early = ticket);
      // Parsing a certificate takes longer than the rest of a resumed handshake.
      certificate ??=
        resumed !== undefined && socket.isSessionReused() ? resumed.certificate : socket.getPeerCertificate();
      this.#sessions.set(endpoint, { ticket, certificate });
    };
    socket.on("session", keep);
    socket.once("secureConnect", () => {
      if (early !== undefined) keep(early);
    });
  }
}
