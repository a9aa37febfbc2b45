import { run } from "./commands/index.ts";
import type { Io } from "./run/io.ts";
import { bugText } from "./system-error.ts";

const sameSignalMs = 500;

/** The real process: the only place that knows of it, and the only writer to its streams. */
const io: Io = {
  env: process.env,
  stdout: writer(() => process.stdout),
  stderr: writer(() => process.stderr),
  // Node makes each stream when it is asked for, which takes longer than to print the help.
  isTerminal: {
    get stdin() {
      return process.stdin.isTTY;
    },
    get stdout() {
      return process.stdout.isTTY;
    },
    get stderr() {
      return process.stderr.isTTY;
    },
  },
  readInput: async (maxBytes) => {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) return undefined;
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  },
  openStreams: () => ({ input: process.stdin, output: process.stdout }),
  ask: async (question) => {
    const { createInterface } = await import("node:readline/promises");
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    const closed = new AbortController();
    terminal.once("close", () => closed.abort());
    terminal.once("SIGINT", () => terminal.close());
    try {
      return await terminal.question(question, { signal: closed.signal });
    } catch {
      // Ctrl-C and Ctrl-D.
      process.stderr.write("\n");
      return undefined;
    } finally {
      terminal.close();
    }
  },
  clock: {
    now: () => performance.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  },
  random: () => Math.random(),
  today: new Date(Date.now()).toISOString().slice(0, 10),
  wallTime: () => new Date(Date.now()),
  // The first signal only requests the end. After it the next one has its usual effect, which ends the process; but not
  // at once, since one Ctrl-C can come twice: from the terminal, and handed on by npm.
  untilStopped: () =>
    new Promise((resolve) => {
      process.off("SIGINT", interrupt);
      process.off("SIGTERM", interrupt);
      const letThrough = () => {
        process.off("SIGINT", stop);
        process.off("SIGTERM", stop);
      };
      const stop = () => {
        setTimeout(letThrough, sameSignalMs).unref();
        resolve();
      };
      process.on("SIGINT", stop);
      process.on("SIGTERM", stop);
    }),
  onHangup: (listener) => {
    process.on("SIGHUP", listener);
  },
};

process.on("SIGINT", interrupt);
process.on("SIGTERM", interrupt);

/** Before the first write there is nothing to finish: the run ends with the code of its signal. */
function interrupt(signal: NodeJS.Signals): void {
  process.stderr.write("interrupted: no policy was written\n");
  process.exit(signal === "SIGINT" ? 130 : 143);
}

// Node would print the message of the error, and every field of it.
process.on("uncaughtException", (error) => {
  process.stderr.write(`internal error, please report it: ${bugText(error)}\n`);
  process.exit(1);
});

let lostOutput = false;

/**
 * A reader that went away (a pager, `head`) stops no run: started work is finished. Any other loss of what we say, such
 * as a full disk, is an error.
 */
function writer(open: () => NodeJS.WriteStream): (text: string) => void {
  let opened: NodeJS.WriteStream | undefined;
  return (text) => {
    opened ??= open().on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") return;
      if (opened === process.stdout)
        io.stderr(`error: the output cannot be written (${String(error.code)})\n`);
      lostOutput = true;
    });
    opened.write(text);
  };
}

void run(process.argv.slice(2), io).then((code) => (process.exitCode = code));
process.once("beforeExit", () => {
  if (lostOutput) process.exitCode = 1;
});
