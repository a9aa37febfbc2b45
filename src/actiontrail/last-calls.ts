import { parseEvents, type PolicyCall, type RecordedEvent } from "./event.ts";

/** Given events, as far as a plan needs them: the last policy calls of each bucket. */
export interface EventTrail {
  readonly count: number;
  /** Times of the first and the last event of any kind; undefined without events. */
  readonly from: string | undefined;
  readonly until: string | undefined;
  /** Parts that are no events, all of them, and the first few. */
  readonly unread: number;
  readonly problems: readonly UnreadPart[];
  /** Policy calls of the last second in which a bucket had any, by `trailKey`. */
  readonly lastCalls: ReadonlyMap<string, readonly PolicyCall[]>;
}

export interface UnreadPart {
  readonly file: string;
  /** Absent for a problem with the whole file. */
  readonly line?: number;
  readonly problem: string;
}

/** Collector of events, in any order and with duplicates. What it holds grows with the buckets, not with the events. */
export interface EventCollector {
  readonly add: (record: string, file: string, line: number) => void;
  readonly addProblem: (part: UnreadPart) => void;
  readonly trail: () => EventTrail;
}

const maxProblems = 3;

interface LastCalls {
  readonly ms: number;
  /** Calls by their identity: a trail may deliver an event twice. */
  readonly calls: Map<string, PolicyCall>;
}

export function collectEvents(): EventCollector {
  const last = new Map<string, LastCalls>();
  const problems: UnreadPart[] = [];
  let [count, unread] = [0, 0];
  let first: RecordedEvent | undefined;
  let latest: RecordedEvent | undefined;

  const addProblem = (part: UnreadPart) => {
    unread += 1;
    if (problems.length < maxProblems) problems.push(part);
  };
  const add = (record: string, file: string, line: number) => {
    for (const event of parseEvents(record)) {
      if ("problem" in event) {
        addProblem({ file, line, problem: event.problem });
        continue;
      }
      count += 1;
      if (first === undefined || event.ms < first.ms) first = event;
      if (latest === undefined || event.ms > latest.ms) latest = event;
      if (event.policyCall === undefined) continue;
      const { buckets, region, ...call } = event.policyCall;
      for (const bucket of buckets) keepLast(last, trailKey(bucket, region), event.ms, call);
    }
  };
  const trail = () => ({
    count,
    from: first?.at,
    until: latest?.at,
    unread,
    problems,
    lastCalls: new Map([...last].map(([key, { calls }]) => [key, [...calls.values()]])),
  });
  return { add, addProblem, trail };
}

/** Returns the key of a bucket. Its region is part of it: a bucket of that name in another region was an earlier one. */
export function trailKey(bucket: string, region: string): string {
  return `${region}/${bucket}`;
}

function keepLast(last: Map<string, LastCalls>, key: string, ms: number, call: PolicyCall): void {
  const kept = last.get(key);
  const identity = identityOf(call);
  if (kept === undefined || kept.ms < ms) last.set(key, { ms, calls: new Map([[identity, call]]) });
  else if (kept.ms === ms && !kept.calls.has(identity)) kept.calls.set(identity, call);
}

function identityOf(call: PolicyCall): string {
  return call.eventId === "" ? JSON.stringify(call) : call.eventId;
}
