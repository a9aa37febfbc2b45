import { setMaxListeners } from "node:events";
import { createServer } from "node:http";
import type { Interpretation } from "../access/request.ts";
import { openAccessLog } from "./access-log.ts";
import { faultsPath } from "./admin.ts";
import { openDirectory } from "./auth/identity.ts";
import { openSts } from "./auth/sts.ts";
import type { ServedPlaces } from "./explain.ts";
import { openFaults, type FaultRule } from "./faults/faults.ts";
import { handle, type LoggedRequest, type Running } from "./handle.ts";
import { defaultSeed, type Seed } from "./seed/seed.ts";
import { timeNow } from "./state/time.ts";
import { openWorld, type SandboxBucket, type World } from "./state/world.ts";

export type { LoggedRequest } from "./handle.ts";
// With the server, so that verbs take both from its bundle.
export { defaultSeed, parseSeed, sandboxKey } from "./seed/seed.ts";

export interface SandboxOptions {
  readonly seed?: Seed;
  /** Folder that keeps the buckets between runs; without it they are in memory. */
  readonly stateDir?: string;
  /** Port; 0, the default, is any free port. */
  readonly port?: number;
  /** Time at which signatures, sessions and policies are judged; that of the machine by default. */
  readonly nowMs?: () => number;
  /** Every decided answer says in `x-oss-policy-decision` what decided it. */
  readonly explain?: boolean;
  /** File to which each request adds a line of OSS's access log. */
  readonly logFile?: string;
  /** Positions on points that OSS does not document; a call that depends on another one answers 501. */
  readonly interpretation?: Partial<Interpretation>;
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
  /** Returns the region of a bucket; undefined if there is no such bucket. */
  regionOf(bucket: string): string | undefined;
  /** Stores a text directly and without validation; undefined deletes. Throws if there is no such bucket. */
  setPolicy(bucket: string, text: string | undefined): void;
  /** Makes buckets that do not exist, and puts policies that are written in files. */
  serve(buckets: readonly ServedBucket[]): void;
  addFault(rule: FaultRule): void;
  clearFaults(): void;
  /** Cuts every connection, even those that wait for an answer. */
  close(): Promise<void>;
}

/** Bucket whose policy is written in a file. */
export interface ServedBucket {
  readonly name: string;
  readonly region: string;
  readonly owner?: string;
  /** Undefined for a bucket that must have none. */
  readonly policy: string | undefined;
  /** `FILE:LINE` of each statement of the policy. */
  readonly statements: readonly string[];
}

/** Starts a sandbox on the loopback only. Rejects if the port is taken or a state file is corrupt. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { seed = defaultSeed, stateDir, port: requestedPort = 0 } = options;
  const directory = openDirectory(seed);
  const world = openWorld(seed.buckets, stateDir);
  const faults = openFaults(seed.faults, seed.seed);
  const requests: LoggedRequest[] = [];
  const served = new Map<string, ServedPlaces>();
  const accessLog = options.logFile === undefined ? undefined : await openAccessLog(options.logFile);
  const closing = new AbortController();
  // Each waiting call listens for the abort, and any number may wait.
  setMaxListeners(0, closing.signal);
  const running: Running = {
    directory,
    sts: openSts(directory),
    nowMs: options.nowMs ?? Date.now,
    world,
    faults,
    requests,
    closing: closing.signal,
    seededBlock: seed.blockPublicAccess ?? false,
    interpretation: { ...seed.interpretation, ...options.interpretation },
    explain: options.explain ?? false,
    places: { of: (bucket) => served.get(bucket) },
    accessLog,
  };
  const server = createServer((request, response) => {
    // Only a connection that breaks while it is read, or the closing of the sandbox, is caught here.
    handle(running, request, response).catch(() => response.destroy());
  });
  // Longer than clients keep an idle connection: otherwise it may be cut just as a call starts on it.
  server.keepAliveTimeout = 60_000;
  // Node leaves out the headers after the first 1,000 without a word, and their size is limited anyway.
  server.maxHeadersCount = 0;

  const port = await listen(server, requestedPort).catch((error: unknown) => {
    world.close();
    throw error;
  });
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    faultsUrl: `http://127.0.0.1:${port}${faultsPath}`,
    requests,
    policyOf: (bucket) => world.bucket(bucket)?.policy,
    regionOf: (bucket) => world.bucket(bucket)?.region,
    setPolicy: (bucket, text) => {
      setPolicy(world, bucket, text);
    },
    serve: (buckets) => {
      for (const bucket of buckets) serveBucket(world, served, bucket);
    },
    addFault: faults.add,
    clearFaults: () => {
      faults.set([]);
    },
    close: async () => {
      closing.abort();
      await closeServer(server);
      world.close();
      await accessLog?.close();
    },
  };
}

function serveBucket(world: World, served: Map<string, ServedPlaces>, bucket: ServedBucket): void {
  const { name, region, owner, policy, statements } = bucket;
  const before: SandboxBucket | undefined = world.bucket(name);
  const made = {
    name,
    region,
    createdAt: timeNow(),
    ...(owner === undefined ? {} : { owner }),
  };
  if (before?.policy !== policy || before === undefined) world.put({ ...(before ?? made), policy });
  served.delete(name);
  if (policy !== undefined) served.set(name, { policy, statements });
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
