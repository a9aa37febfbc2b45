import type { Readable } from "node:stream";
import { refusal, type Diagnostic } from "../diagnostic.ts";
import type { Failed } from "../result.ts";
import { batchDeletes } from "./batch-deletes.ts";
import { counting } from "./counting.ts";
import { fileRows } from "./file-row.ts";
import { splitLines } from "./lines.ts";
import { filesOf, readLog, type UnreadLog } from "./log-files.ts";
import { isNone, type LogRow } from "./log-row.ts";
import { decoded } from "./operation.ts";
import { utf8 } from "./object-key.ts";
import type { RequestCounts, SeenRequest } from "./seen-request.ts";
import { slsRows, type SlsRow } from "./sls-row.ts";
import { skipReason, understanding, type WantedRequests } from "./understand.ts";

/** Sums of the logs that were read, and the warnings about files that end too early. */
export interface ReadRequests {
  readonly counts: RequestCounts;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads the requests in access logs: files, all files of a folder, and stdin for `-`; log files of OSS and JSON lines of SLS,
 * also gzipped, told apart by what they hold. They are streamed, whatever their size, and `onRequest` gets them in their
 * order. Fails if a log cannot be read at all.
 */
export async function readRequests(
  paths: readonly string[],
  wanted: WantedRequests,
  stdin: () => Readable,
  onRequest: (request: SeenRequest) => void,
): Promise<ReadRequests | Failed> {
  const reader = requestReader(wanted, onRequest);
  const diagnostics: Diagnostic[] = [];
  const done = new Set<string>();
  for (const path of paths) {
    const files = filesOf(path);
    if ("problem" in files) return failed(files);
    for (const file of files.filter((name) => !done.has(name))) {
      done.add(file);
      const unread = await readLog(file, stdin, reader.push);
      reader.endFile();
      if (unread === undefined) continue;
      if (!unread.isCutOff) return failed(unread);
      diagnostics.push(cutOff(unread));
    }
  }
  return { counts: reader.end(), diagnostics };
}

function failed({ file, problem, help }: UnreadLog): Failed {
  const usual = "name a log file of OSS, a file of JSON lines of SLS, a folder of such files, or - for stdin";
  return { problems: [refusal("requests", `the log \`${file}\` ${problem}`, help ?? usual)] };
}

function cutOff({ file, problem }: UnreadLog): Diagnostic {
  const help = "get this file again: what it lost is not weighed";
  return { code: "unread-requests", severity: "warning", message: `the log \`${file}\` ${problem}`, help };
}

/** Reader of the bytes of logs. */
export interface RequestReader {
  readonly push: (part: Buffer) => void;
  /** Ends a file; a line does not go on in the next one. */
  readonly endFile: () => void;
  /** Ends the last file, and returns the sums. */
  readonly end: () => RequestCounts;
}

/** Starts a reader. Every line becomes a request, or is counted by the reason why it does not. */
export function requestReader(
  wanted: WantedRequests,
  onRequest: (request: SeenRequest) => void,
): RequestReader {
  const sums = counting();
  const use = (request: SeenRequest) => {
    sums.used(request.source, request.timeMs);
    onRequest(request);
  };
  const understand = understanding(wanted, sums);
  const [fileRow, slsRow] = [fileRows(), slsRows()];
  const deletes = batchDeletes(use, sums.skipped);

  const takeSls = (row: SlsRow) => {
    if (row.kind === "other topic") return sums.skipped("other topic");
    if (row.kind === "deleted key") return takeKey(row.row);
    const understood = understand(row.row);
    if (understood?.kind === "request") use(understood.request);
    else if (understood !== undefined) deletes.addDelete(row.row.requestId, understood.withKey);
  };
  const takeKey = (row: LogRow) => {
    const { requestId, object } = row;
    const reason = isNone(object) ? "broken line" : skipReason(row, wanted);
    if (reason !== undefined) return sums.skipped(reason);
    deletes.addKey(requestId, decoded(object) ?? object);
  };
  const takeFileLine = (text: string, start: number, end: number) => {
    const row = fileRow(text, start, end);
    if (row === undefined) return sums.skipped("broken line");
    const understood = understand(row);
    if (understood?.kind === "request") use(understood.request);
    else if (understood !== undefined) sums.skipped("no key of a batch delete");
  };
  const splitter = splitLines({
    onLine: (text, lineStart, lineEnd) => {
      const [start, end] = trimmed(text, lineStart, lineEnd);
      if (start >= end) return;
      if (text.charCodeAt(start) !== openBrace) return takeFileLine(text, start, end);
      const row = slsRow(utf8(text.slice(start, end)));
      if (row === undefined) sums.skipped("broken line");
      else takeSls(row);
    },
    onTooLong: () => sums.skipped("too long"),
  });
  return {
    push: splitter.push,
    endFile: splitter.end,
    end: () => {
      splitter.end();
      deletes.end();
      return sums.counts();
    },
  };
}

const openBrace = 0x7b;
/** First byte of the mark that some programs put before UTF-8. */
const mark = 0xef;

/** Returns the bounds of a line without blanks at its ends, and without the mark of UTF-8. */
function trimmed(text: string, lineStart: number, lineEnd: number): readonly [start: number, end: number] {
  let [start, end] = [lineStart, lineEnd];
  if (text.charCodeAt(start) === mark) start += 3;
  while (start < end && text.charCodeAt(start) <= 0x20) start += 1;
  while (end > start && text.charCodeAt(end - 1) <= 0x20) end -= 1;
  return [start, end];
}
