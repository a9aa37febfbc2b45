import { setMaxListeners } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { answerAdmin, faultsPath, isAdminCall } from "./admin.ts";
import { authenticate } from "./auth/authenticate.ts";
import { openFaults, type Fault, type FaultRule, type Faults } from "./faults/faults.ts";
import { openDirectory, type Directory } from "./auth/identity.ts";
import { perform } from "./operations/perform.ts";
import { readRequest, type SandboxRequest } from "./wire/request.ts";
import { faultReply, replyOf, send, type Reply } from "./wire/reply.ts";
import type { Operation } from "./wire/route.ts";
import { defaultSeed, type Seed } from "./seed/seed.ts";
import { refuse } from "./wire/wire-error.ts";
import { openWorld, worldWithPast, type World } from "./state/world.ts";

export interface SandboxOptions {
  readonly seed?: Seed;
  /** Folder that keeps the buckets between runs; without it they are in memory. */
  readonly stateDir?: string;
  /** Port; 0, the default, is any free port. */
  readonly port?: number;
}

export interface LoggedRequest {
  readonly method: string;
  readonly operation: Operation;
  readonly bucket: string | undefined;
  /** `lost` if it took effect but no answer was sent. */
  readonly status: number | "reset" | "lost";
}

export interface Sandbox {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly port: number;
  /** URL that shows, replaces and clears fault rules by GET, PUT and DELETE while the sandbox runs. */
  readonly faultsUrl: string;
  /** Requests in the order of the answers; the list grows while the sandbox runs. */
  readonly requests: readonly LoggedRequest[];
  /** Returns the stored text; undefined if there is none, or no such bucket. */
  policyOf(bucket: string): string | undefined;
  /** Stores a text directly and without validation; undefined deletes. Throws if there is no such bucket. */
  setPolicy(bucket: string, text: string | undefined): void;
  addFault(rule: FaultRule): void;
  clearFaults(): void;
  /** Cuts every connection, even those that wait for an answer. */
  close(): Promise<void>;
}

/** Starts a sandbox on the loopback only. Rejects if the port is taken or a state file is corrupt. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { seed = defaultSeed, stateDir, port: requestedPort = 0 } = options;
  const world = openWorld(seed.buckets, stateDir);
  const faults = openFaults(seed.faults, seed.seed);
  const requests: LoggedRequest[] = [];
  const closing = new AbortController();
  // Each waiting call listens for the abort, and any number may wait.
  setMaxListeners(0, closing.signal);
  const running: Running = {
    seed,
    directory: openDirectory(seed),
    world,
    faults,
    requests,
    closing: closing.signal,
  };
  const server = createServer((request, response) => {
    // Only a connection that breaks while it is read, or the closing of the sandbox, is caught here.
    handle(running, request, response).catch(() => response.destroy());
  });
  // Longer than clients keep an idle connection: otherwise it may be cut just as a call starts on it.
  server.keepAliveTimeout = 60_000;

  const port = await listen(server, requestedPort);
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
  readonly directory: Directory;
  readonly world: World;
  readonly faults: Faults;
  readonly requests: LoggedRequest[];
  readonly closing: AbortSignal;
}

/** Handles a request: reads it, applies the faults, answers and logs it. */
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

/** Performs the operation unless the effect prevents it. `reset` and `lost` mean no answer. */
function replyUnder(
  { effect, stale }: Fault,
  { world: present, ...who }: Running,
  request: SandboxRequest,
): Reply | "reset" | "lost" {
  const world = stale === undefined ? present : worldWithPast(present, request.bucket ?? "", stale);
  if (effect === undefined || effect.kind === "truncate") return answer(who, world, request);
  const isAfter = effect.kind === "lost-answer" || ("when" in effect && effect.when === "after");
  if (isAfter) answer(who, world, request);
  if (effect.kind === "lost-answer") return "lost";
  return effect.kind === "reset" ? "reset" : faultReply(effect, request);
}

/** Answers a request. A bug, or a folder that cannot be written, becomes an InternalError of OSS. */
function answer(who: Who, world: World, request: SandboxRequest): Reply {
  try {
    return replyOf(outcomeOf(who, world, request), request);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return replyOf(refuse("InternalError", { message }), request);
  }
}

type Who = Pick<Running, "seed" | "directory">;

function outcomeOf(
  { seed, directory }: Who,
  world: World,
  request: SandboxRequest,
): Parameters<typeof replyOf>[0] {
  const { route, method, headers, body } = request;
  if ("refusal" in route) return route;
  const caller = authenticate({ method, route, headers }, directory, Date.now());
  if ("refusal" in caller) return caller;
  if ("refusal" in body) return body;
  return perform(world, {
    route,
    headers,
    body: body.bytes,
    caller,
    firstAccount: directory.first,
    sourceIp: request.sourceIp,
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
