import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import type { Interpretation } from "../access/request.ts";
import type { AccessLog } from "./access-log.ts";
import { answerAdmin, isAdminCall } from "./admin.ts";
import { authenticate, type Caller } from "./auth/authenticate.ts";
import type { Ruling } from "./auth/authorize.ts";
import type { Directory } from "./auth/identity.ts";
import type { Sts } from "./auth/sts.ts";
import { isStsCall } from "./auth/sts-call.ts";
import { remember } from "./last-requests.ts";
import { rulingText, type StatementPlaces } from "./explain.ts";
import type { Fault, Faults } from "./faults/faults.ts";
import { perform, type Performed } from "./operations/perform.ts";
import { postObject } from "./operations/post-object.ts";
import type { Operation } from "./operations/table.ts";
import { worldWithPast, type World } from "./state/world.ts";
import { faultReply, replyOf, send, type Reply } from "./wire/reply.ts";
import { readRequest, type SandboxRequest } from "./wire/request.ts";
import { refuse } from "./wire/wire-error.ts";

/** What every request of a running sandbox shares. */
export interface Running {
  readonly directory: Directory;
  readonly sts: Sts;
  /** Time of the sandbox. */
  readonly nowMs: () => number;
  readonly world: World;
  readonly faults: Faults;
  readonly requests: LoggedRequest[];
  readonly closing: AbortSignal;
  /** Block Public Access of the accounts that never switched it. */
  readonly seededBlock: boolean;
  /** Positions on points that OSS does not document; a decision that depends on another one is not made. */
  readonly interpretation: Partial<Interpretation>;
  /** Every answer says what decided it. */
  readonly explain: boolean;
  readonly places: StatementPlaces;
  readonly accessLog: AccessLog | undefined;
}

export interface LoggedRequest {
  readonly method: string;
  readonly operation: Operation;
  readonly bucket: string | undefined;
  /** `lost` if it took effect but no answer was sent. */
  readonly status: number | "reset" | "lost";
  /** What decided it, as one line; absent if it came to no decision. */
  readonly decision?: string;
}

/** Answer to a request, and what is known about it. */
interface Answered {
  readonly reply: Reply | "reset" | "lost";
  readonly caller?: Caller;
  readonly ruling?: Ruling;
}

/** Handles a request: reads it, applies the faults, answers and logs it. */
export async function handle(
  running: Running,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (isAdminCall(incoming)) {
    await send(response, await answerAdmin(incoming, running.faults));
    return;
  }
  if (isStsCall(incoming)) {
    await send(response, await running.sts.answer(incoming, running.nowMs()));
    return;
  }
  const startMs = Date.now();
  const request = await readRequest(incoming);
  const { method, operation, bucket } = request;
  const past = running.world.past(bucket ?? "");
  const fault = running.faults.next({ operation, bucket, past });
  const { delayMs, effect } = fault;
  if (delayMs > 0) await wait(delayMs, undefined, { signal: running.closing });

  const answered = await replyUnder(fault, running, request);
  const { ruling } = answered;
  const decision = ruling && rulingText(ruling, running.world.bucket(bucket ?? ""), running.places);
  const reply =
    running.explain && decision !== undefined ? explained(answered.reply, decision) : answered.reply;
  const status = typeof reply === "string" ? reply : reply.status;
  remember(running.requests, {
    method,
    operation,
    bucket,
    status,
    ...(decision === undefined ? {} : { decision }),
  });
  if (reply === "reset") incoming.socket.resetAndDestroy();
  if (typeof reply === "string") return;
  const sending = send(response, reply, effect?.kind === "truncate" ? effect.bytes : undefined);
  const sentBytes = await sending.finally(() => {
    discard(reply);
  });
  // What was not read of a refused body would keep the next call from being read.
  if (!incoming.complete) incoming.resume();
  const owner = running.world.bucket(bucket ?? "")?.owner ?? running.directory.first;
  const { caller } = answered;
  running.accessLog?.write({ request, reply, sentBytes, caller, owner, startMs, endMs: Date.now() });
}

function discard(reply: Answered["reply"]): void {
  if (typeof reply !== "string" && "discard" in reply.body) reply.body.discard();
}

function explained(reply: Answered["reply"], decision: string): Answered["reply"] {
  if (typeof reply === "string") return reply;
  // A header is ASCII, and the path of a file may not be.
  const ascii = decision.replace(/[^\x20-\x7e]+/g, encodeURIComponent);
  return { ...reply, headers: { ...reply.headers, "x-oss-policy-decision": ascii } };
}

/** Performs the operation unless the effect prevents it. */
async function replyUnder(
  { effect, stale }: Fault,
  running: Running,
  request: SandboxRequest,
): Promise<Answered> {
  const world =
    stale === undefined ? running.world : worldWithPast(running.world, request.bucket ?? "", stale);
  if (effect === undefined || effect.kind === "truncate") return answer(running, world, request);
  const isAfter = effect.kind === "lost-answer" || ("when" in effect && effect.when === "after");
  if (isAfter) discard((await answer(running, world, request)).reply);
  if (effect.kind === "lost-answer") return { reply: "lost" };
  return { reply: effect.kind === "reset" ? "reset" : faultReply(effect, request) };
}

/** Answers a request. A bug, or a folder that cannot be written, becomes an InternalError of OSS. */
async function answer(running: Running, world: World, request: SandboxRequest): Promise<Answered> {
  try {
    const { outcome, ...rest } = await performed(running, world, request);
    return { reply: replyOf(outcome, request), ...rest };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { reply: replyOf(refuse("InternalError", { message }), request) };
  }
}

async function performed(
  running: Running,
  world: World,
  request: SandboxRequest,
): Promise<Performed & Pick<Answered, "caller">> {
  const { directory, seededBlock, interpretation } = running;
  const { route, method, headers, body, stream, sourceIp } = request;
  const nowMs = running.nowMs();
  if ("refusal" in route) return { outcome: route };
  const call = {
    world,
    route,
    headers,
    body: "refusal" in body ? new Uint8Array() : body.bytes,
    stream,
    firstAccount: directory.first,
    sourceIp,
    seededBlock,
    nowMs,
    interpretation,
  };
  if (route.operation === "PostObject") return postObject({ ...call, directory });
  const caller = authenticate({ method, route, headers }, directory, nowMs);
  if ("refusal" in caller) return { outcome: caller };
  if ("refusal" in body) return { outcome: body, caller };
  return { ...(await perform({ ...call, caller })), caller };
}
