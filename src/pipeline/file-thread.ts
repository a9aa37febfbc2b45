// The program of a thread that checks bucket files: each message is a list of files, and its answer what they hold.
import { platform, setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import type { SourceFile } from "../desired/load.ts";
import { openFileChecker, type ThreadData } from "./check-files.ts";

const data = workerData as ThreadData;
if (data.yields) yieldToOthers();
const check = openFileChecker(data);
parentPort?.on("message", (files: readonly SourceFile[]) => parentPort?.postMessage(check(files)));

/** Lets the main thread go first. On Linux, 0 means this thread; elsewhere it means the whole process. */
function yieldToOthers(): void {
  if (platform() !== "linux") return;
  try {
    setPriority(0, 10);
  } catch {
    // A host may forbid it. Then the plan only takes a little longer.
  }
}
