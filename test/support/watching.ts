import { setTimeout as wait } from "node:timers/promises";
import { expect, onTestFinished } from "vitest";
import type { Sandbox } from "../../src/sandbox/server.ts";
import { environmentOf, runCli, writeTree, type CliResult } from "./run-cli.ts";
import { rawCall, type RawAnswer } from "./sandbox.ts";

/** One line of `--log json`. */
export interface LoggedEvent {
  readonly time: string;
  readonly level: string;
  readonly event: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

/** `watch` in this process. */
export interface Watching {
  events(): readonly LoggedEvent[];
  /** Events of this name, once there are so many. */
  until(event: string, count?: number): Promise<readonly LoggedEvent[]>;
  hangup(): void;
  stop(): Promise<CliResult>;
  get(path: string): Promise<RawAnswer>;
  /** The value of a series, named as it is in the answer of /metrics. */
  metric(series: string): Promise<number | undefined>;
}

export interface WatchingOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly wallTime?: () => Date;
  /** Milliseconds of the service's clock that pass in each one that it sleeps here. */
  readonly speed?: number;
}

/** Starts `watch` with metrics and a clock on which waits are short. It is stopped at the end of the test. */
export async function watching(
  sandbox: Sandbox | undefined,
  words: readonly string[],
  { env = sandbox === undefined ? {} : environmentOf(sandbox), wallTime, speed = 500 }: WatchingOptions = {},
): Promise<Watching> {
  const state: { stdout: string; now: number; hangup: () => void } = {
    stdout: "",
    now: 0,
    hangup: () => undefined,
  };
  let requestStop: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => {
    requestStop = resolve;
  });
  const call = ["watch", "--log", "json", "--listen", "127.0.0.1:0", ...words];
  const ended = runCli(call, {
    env,
    stopped,
    folder: writeTree({}),
    ...(wallTime === undefined ? {} : { wallTime }),
    clock: {
      now: () => state.now,
      sleep: async (ms) => {
        await wait(ms / speed);
        state.now += ms;
      },
    },
    onHangup: (listener) => {
      state.hangup = listener;
    },
    onOutput: (stdout) => {
      state.stdout = stdout;
    },
  });
  const stop = () => {
    requestStop();
    return ended;
  };
  onTestFinished(async () => {
    await stop();
  });
  const events = () =>
    state.stdout
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as LoggedEvent);
  const until: Watching["until"] = async (event, count = 1) => {
    const found = () => events().filter((one) => one.event === event);
    await expect
      .poll(found, { timeout: 20_000, interval: 5 })
      .toSatisfy((all: unknown[]) => all.length >= count);
    return found();
  };
  const [start] = await until("start");
  const port = Number(/:(\d+)$/.exec(String(start?.["listen"]))?.[1]);
  const get = (path: string) => rawCall(port, { path });
  const metric = async (series: string) => {
    const line = (await get("/metrics")).text.split("\n").find((one) => one.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.slice(series.length + 1));
  };
  return { events, until, hangup: () => state.hangup(), stop, get, metric };
}
