import { setMaxListeners } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { answerAdmin, faultsPath, isAdminCall } from "./admin.ts";
import { authenticate } from "./authenticate.ts";
import { openFaults, type Fault, type FaultRule, type Faults } from "./faults.ts";
import { perform } from "./operations.ts";
import { readRequest, type SandboxRequest } from "./request.ts";
import { faultReply, replyOf, send, type Reply } from "./reply.ts";
import type { Operation } from "./route.ts";
import { defaultSeed, type Seed } from "./seed.ts";
import { refuse } from "./wire-error.ts";
import { openWorld, worldWithPast, type World } from "./world.ts";

export interface SandboxOptions {
  readonly seed?: Seed;
  /** A folder that keeps the buckets from one run to the next; without it they are in memory. */
  readonly stateDir?: string;
  /** 0, the default: any that is free. */
  readonly port?: number;
}

export interface LoggedRequest {
  readonly method: string;
  readonly operation: Operation;
  readonly bucket: string | undefined;
  /** `lost`: it took effect, and no answer was sent. */
  readonly status: number | "reset" | "lost";
}

export interface Sandbox {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly port: number;
  /** Where fault rules are shown, replaced and cleared while the sandbox runs, by GET, PUT and DELETE. */
  readonly faultsUrl: string;
  /** In the order of the answers; it grows as long as the sandbox runs. */
  readonly requests: readonly LoggedRequest[];
  /** The text that is stored now; undefined where there is none, or no such bucket. */
  policyOf(bucket: string): string | undefined;
  /** Behind the client's back and without validation; undefined deletes. Throws where there is no such bucket. */
  setPolicy(bucket: string, text: string | undefined): void;
  addFault(rule: FaultRule): void;
  clearFaults(): void;
  /** Cuts every connection, also those that wait for an answer. */
  close(): Promise<void>;
}

/** Listens on the loopback only. Rejects if the port is taken or a state file is corrupt. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { seed = defaultSeed, stateDir, port: askedPort = 0 } = options;
  const world = openWorld(seed.buckets, stateDir);
  const faults = openFaults(seed.faults, seed.seed);
  const requests: LoggedRequest[] = [];
  const closing = new AbortController();
  // Each call that waits listens for the end, and any number may wait.
  setMaxListeners(0, closing.signal);
  const running: Running = { seed, world, faults, requests, closing: closing.signal };
  const server = createServer((request, response) => {
    // Only a connection that breaks while it is read, or the closing of the sandbox, ends up in the catch.
    handle(running, request, response).catch(() => response.destroy());
  });
  // Longer than clients keep an idle connection: otherwise one may be cut just as a call starts on it.
  server.keepAliveTimeout = 60_000;

  const port = await listen(server, askedPort);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    faultsUrl: `http://127.0.0.1:${port}${faultsPath}`,
    requests,
    policyOf: (bucket) => world.bucket(bucket)?.policy,
    setPolicy: (bucket, text) => {
      setPolicy(world, bucket, text);
    },
    addFault: faults.add,
    clearFaults: () => {
      faults.set([]);
    },
    close: () => {
      closing.abort();
      return closeServer(server);
    },
  };
}

interface Running {
  readonly seed: Seed;
  readonly world: World;
  readonly faults: Faults;
  readonly requests: LoggedRequest[];
  readonly closing: AbortSignal;
}

/** One request: read it, let the faults have their say, answer, write it down. */
async function handle(running: Running, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  if (isAdminCall(incoming)) {
    send(response, await answerAdmin(incoming, running.faults));
    return;
  }
  const request = await readRequest(incoming);
  const { method, operation, bucket } = request;
  const past = running.world.past(bucket ?? "");
  const fault = running.faults.next({ operation, bucket, past });
  const { delayMs, effect } = fault;
  if (delayMs > 0) await wait(delayMs, undefined, { signal: running.closing });

  const log = (status: LoggedRequest["status"]): void => {
    running.requests.push({ method, operation, bucket, status });
  };
  const reply = replyUnder(fault, running, request);
  log(typeof reply === "string" ? reply : reply.status);
  if (reply === "reset") incoming.socket.resetAndDestroy();
  if (typeof reply === "string") return;
  send(response, reply, effect?.kind === "truncate" ? effect.bytes : undefined);
}

/** Does the operation where the effect lets it; `reset` and `lost` stand for no answer. */
function replyUnder(
  { effect, stale }: Fault,
  { seed, world: present }: Running,
  request: SandboxRequest,
): Reply | "reset" | "lost" {
  const world = stale === undefined ? present : worldWithPast(present, request.bucket ?? "", stale);
  if (effect === undefined || effect.kind === "truncate") return answer(seed, world, request);
  const isAfter = effect.kind === "lost-answer" || ("when" in effect && effect.when === "after");
  if (isAfter) answer(seed, world, request);
  if (effect.kind === "lost-answer") return "lost";
  return effect.kind === "reset" ? "reset" : faultReply(effect, request);
}

/** The one place where a bug, or a folder that cannot be written, becomes OSS's answer for it. */
function answer(seed: Seed, world: World, request: SandboxRequest): Reply {
  try {
    return replyOf(outcomeOf(seed, world, request), request);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return replyOf(refuse("InternalError", { message }), request);
  }
}

function outcomeOf(seed: Seed, world: World, request: SandboxRequest): Parameters<typeof replyOf>[0] {
  const { route, method, headers, body } = request;
  if ("refusal" in route) return route;
  const caller = authenticate({ method, route, headers }, seed.keys, Date.now());
  if ("refusal" in caller) return caller;
  if ("refusal" in body) return body;
  return perform(world, {
    route,
    headers,
    body: body.bytes,
    caller,
    account: seed.account,
    accountBlock: seed.blockPublicAccess ?? false,
  });
}

function setPolicy(world: World, name: string, text: string | undefined): void {
  const bucket = world.bucket(name);
  if (bucket === undefined) throw new Error(`the sandbox has no bucket \`${name}\``);
  world.put({ ...bucket, policy: text });
}

type HttpServer = ReturnType<typeof createServer>;

function listen(server: HttpServer, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

function closeServer(server: HttpServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
