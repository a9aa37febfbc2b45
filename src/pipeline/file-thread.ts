// The program of a thread that checks bucket files: each message is a list of files, and its answer what they hold.
import { parentPort, workerData } from "node:worker_threads";
import type { SourceFile } from "../desired/load.ts";
import { openFileChecker, type ThreadData } from "./check-files.ts";

const check = openFileChecker(workerData as ThreadData);
parentPort?.on("message", (files: readonly SourceFile[]) => parentPort?.postMessage(check(files)));
