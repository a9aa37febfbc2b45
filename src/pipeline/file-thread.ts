// The program of a thread that checks bucket files: each message is a list of files, and its answer what they hold.
import { platform, setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import type { SourceFile } from "../desired/load.ts";
import { openFileChecker, type ThreadData } from "./check-files.ts";

const data = workerData as ThreadData;
// Linux has priorities of threads, and 0 is the one that calls. Elsewhere it is the whole process.
if (data.yields && platform() === "linux") setPriority(0, 10);
const check = openFileChecker(data);
parentPort?.on("message", (files: readonly SourceFile[]) => parentPort?.postMessage(check(files)));
