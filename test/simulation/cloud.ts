import type { PolicyStore, WriteAnswer } from "../../src/oss/store.ts";
import { isObject, parseJson } from "../../src/policy/json.ts";
import { liveDigest, type BucketAddress, type Live, type LiveRead } from "../../src/policy/live.ts";

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
export function chanceOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Time that passes only as events are worked off, in an order that the seed fixes. */
export class Schedule {
  #now = 0;
  #events: { readonly at: number; readonly order: number; readonly run: () => void }[] = [];
  #order = 0;

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): void {
    this.#events.push({ at: this.#now + ms, order: this.#order, run });
    this.#order += 1;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, resolve);
    });
  }

  /** What was still to happen does not: the process is gone, and others have stopped. */
  clear(): void {
    this.#events = [];
  }

  /** Works off events until there is none, or until `isOver`. */
  async run(isOver: () => boolean): Promise<void> {
    for (;;) {
      // Everything that waits for nothing but promises goes first.
      await new Promise((resolve) => setImmediate(resolve));
      if (isOver()) return;
      this.#events.sort((a, b) => a.at - b.at || a.order - b.order);
      const next = this.#events.shift();
      if (next === undefined) return;
      this.#now = next.at;
      next.run();
    }
  }
}

/** A policy's text; none where there is no policy; missing where there is no bucket. */
export type Content = { readonly body: string } | "none" | "missing";

export interface Moment {
  readonly at: number;
  readonly content: Content;
  /** Whose write it was; undefined for what stood there at first. */
  readonly by: string | undefined;
}

export interface Call {
  readonly at: number;
  readonly by: string;
  readonly kind: "get" | "put" | "delete";
  readonly bucket: string;
  /** What a get told. */
  readonly told?: Live;
  /** What a write was answered. */
  readonly answer?: WriteAnswer["kind"];
}

/** How often what goes wrong; none of it once the faults have ended. */
export interface Weather {
  readonly refused: number;
  readonly lostBefore: number;
  readonly lostAfter: number;
  /** A write that is not answered, and takes effect only when nobody waits for it any more. */
  readonly late: number;
  readonly serverError: number;
  readonly throttled: number;
  /** A write that OSS says is done and that never takes effect. */
  readonly swallowed: number;
  readonly staleForMs: number;
  /** When the key in use runs out. */
  readonly expiresAt: number;
}

export const fairWeather: Weather = {
  refused: 0,
  lostBefore: 0,
  lostAfter: 0,
  late: 0,
  serverError: 0,
  throttled: 0,
  swallowed: 0,
  staleForMs: 0,
  expiresAt: Infinity,
};

/** Buckets in memory, with all that ever stood in them and every call that came. */
export class Cloud {
  readonly history = new Map<string, Moment[]>();
  readonly calls: Call[] = [];
  weather: Weather = fairWeather;
  readonly #schedule: Schedule;
  readonly #chance: () => number;

  constructor(schedule: Schedule, chance: () => number) {
    this.#schedule = schedule;
    this.#chance = chance;
  }

  content(bucket: string): Content {
    return this.history.get(bucket)?.at(-1)?.content ?? "missing";
  }

  put(bucket: string, content: Content, by: string | undefined): void {
    const moments = this.history.get(bucket) ?? [];
    moments.push({ at: this.#schedule.now(), content, by });
    this.history.set(bucket, moments);
  }

  /** The port as one run sees it. */
  store(by: string): PolicyStore {
    const problem = (message: string, status: number, code = "") => ({ message, status, code });
    return {
      list: () => Promise.resolve({ problem: problem("not simulated", 500) }),
      exposure: () => Promise.resolve({ state: "unknown", problem: problem("not simulated", 500) }),
      accountBlock: () => Promise.resolve({ state: "unknown", problem: problem("not simulated", 500) }),
      get: (address) => this.#get(by, address),
      put: (address, body) => this.#write(by, "put", address, { body }),
      delete: (address) => this.#write(by, "delete", address, "none"),
      close: () => undefined,
    };
  }

  async #get(by: string, { bucket, region }: BucketAddress): Promise<LiveRead> {
    await this.#schedule.sleep(1 + 40 * this.#chance());
    const live = this.#read(bucket);
    this.calls.push({ at: this.#schedule.now(), by, kind: "get", bucket, told: live });
    await this.#schedule.sleep(1 + 40 * this.#chance());
    return { live, region };
  }

  #read(bucket: string): Live {
    const { throttled, serverError, refused, staleForMs, expiresAt } = this.weather;
    if (this.#schedule.now() >= expiresAt) return { state: "unreadable", problem: expired };
    if (this.#chance() < throttled) return unreadable("throttled", 429);
    if (this.#chance() < serverError) return unreadable("server error", 500);
    if (this.#chance() < refused) return unreadable("refused", 403);
    const moments = this.history.get(bucket) ?? [];
    const since = this.#schedule.now() - staleForMs * this.#chance();
    const seen = moments.findLast(({ at }) => at <= since) ?? moments[0];
    return liveOf(seen?.content ?? "missing");
  }

  async #write(
    by: string,
    kind: "put" | "delete",
    { bucket }: BucketAddress,
    content: Content,
  ): Promise<WriteAnswer> {
    await this.#schedule.sleep(1 + 40 * this.#chance());
    const at = this.#schedule.now();
    const answer = this.#effect(by, bucket, content);
    this.calls.push({ at, by, kind, bucket, answer: answer.kind });
    await this.#schedule.sleep(1 + 40 * this.#chance());
    return answer;
  }

  #effect(by: string, bucket: string, content: Content): WriteAnswer {
    const weather = this.weather;
    const happens = (chance: number) => this.#chance() < chance;
    const problem = (message: string, status: number) => ({ message, status });
    const unanswered: WriteAnswer = {
      kind: "unknown",
      problem: happens(0.5) ? problem("no answer", 0) : problem("server error", 500),
    };
    if (this.#schedule.now() >= weather.expiresAt) return { kind: "refused", problem: expired };
    if (happens(weather.throttled)) return { kind: "throttled", problem: problem("throttled", 429) };
    if (happens(weather.refused) || this.content(bucket) === "missing")
      return { kind: "refused", problem: problem("refused", 403) };
    if (happens(weather.lostBefore)) return unanswered;
    if (happens(weather.swallowed)) return { kind: "done" };
    if (happens(weather.late)) {
      this.#schedule.after(3_000 * this.#chance(), () => {
        if (this.content(bucket) !== "missing") this.put(bucket, content, by);
      });
      return unanswered;
    }
    this.put(bucket, content, by);
    return happens(weather.lostAfter) ? unanswered : { kind: "done" };
  }
}

const expired = { message: "the token has expired", status: 403, code: "SecurityTokenExpired" };

function unreadable(message: string, status: number): Live {
  return { state: "unreadable", problem: { message, status } };
}

function liveOf(content: Content): Live {
  if (content === "none" || content === "missing") return { state: content };
  const parsed = parseJson(content.body);
  if ("problem" in parsed || !isObject(parsed.value)) throw new Error("the cloud holds policies");
  return { state: "policy", body: content.body };
}

export function digestOf(content: Content): string {
  return liveDigest(liveOf(content)) ?? "missing";
}
