import type { Readable } from "node:stream";
import { refusal, type Diagnostic } from "../diagnostic.ts";
import type { Failed } from "../result.ts";
import { batchDeletes } from "./batch-deletes.ts";
import { counting, type Counting } from "./counting.ts";
import { fileRows } from "./file-row.ts";
import { splitLines } from "./lines.ts";
import { filesOf, placeOf, readLog, type UnreadLog } from "./log-files.ts";
import { isNone, ownText, type LogRow } from "./log-row.ts";
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
  const foreign: string[] = [];
  const done = new Set<string>();
  for (const path of paths) {
    const files = filesOf(path);
    if ("problem" in files) return { problems: [unreadLog(files)] };
    for (const file of files) {
      const place = placeOf(file);
      if (done.has(place)) continue;
      done.add(place);
      const unread = await readLog(file, stdin, reader.push);
      const { lines, rows } = reader.endFile();
      if (lines > 0 && rows === 0) foreign.push(file);
      if (unread === undefined) continue;
      if (!unread.isCutOff) return { problems: [unreadLog(unread)] };
      diagnostics.push(cutOff(unread));
    }
  }
  if (foreign.length > 0) diagnostics.push(foreignLogs(foreign));
  return { counts: reader.end(), diagnostics };
}

/** Returns the finding about a log that cannot be read. */
export function unreadLog({ file, problem, help }: UnreadLog): Diagnostic {
  const usual = "name a log file of OSS, a file of JSON lines of SLS, a folder of such files, or - for stdin";
  return refusal("requests", `the log \`${file}\` ${problem}`, help ?? usual);
}

/** Names that a message has; the others are counted. */
const maxNamed = 3;

function foreignLogs(files: readonly string[]): Diagnostic {
  const names = files.slice(0, maxNamed).map((file) => `\`${file}\``);
  const rest = files.length - names.length;
  const named = `${names.join(", ")}${rest === 0 ? "" : ` and ${rest} more`}`;
  return {
    code: "unread-requests",
    severity: "warning",
    message: `no line of the ${files.length === 1 ? "log" : "logs"} ${named} is a line of OSS's log files or a row of SLS`,
    help: "log files are read as OSS wrote them, and rows of SLS as JSON lines, one row a line with all of its fields: no CSV, and no JSON array",
  };
}

function cutOff({ file, problem }: UnreadLog): Diagnostic {
  const help = "get this file again: what it lost is not weighed";
  return { code: "unread-requests", severity: "warning", message: `the log \`${file}\` ${problem}`, help };
}

/** Reader of the bytes of logs. */
export interface RequestReader {
  readonly push: (part: Buffer) => void;
  /** Ends a file, and returns the number of its lines, and of those that have the form of a log; a line does not go on in the next one. */
  readonly endFile: () => { readonly lines: number; readonly rows: number };
  /** Ends the last file, and returns the sums. */
  readonly end: () => RequestCounts;
}

/** Starts a reader. Every line becomes a request, or is counted by the reason why it does not. */
export function requestReader(
  wanted: WantedRequests,
  onRequest: (request: SeenRequest) => void,
): RequestReader {
  const sums = counting();
  const sink = rowSink(wanted, sums, onRequest);
  const [fileRow, slsRow] = [fileRows(), slsRows()];
  let [lines, rows] = [0, 0];

  const takeFileLine = (text: string, start: number, end: number): boolean => {
    const row = fileRow(text, start, end);
    if (row !== undefined) sink.takeFileRow(row);
    return row !== undefined;
  };
  const takeSlsLine = (text: string, start: number, end: number): boolean => {
    const row = slsRow(utf8(text.slice(start, end)));
    if (row !== undefined) sink.takeSls(row);
    return row !== undefined;
  };
  const splitter = splitLines({
    onLine: (text, lineStart, lineEnd) => {
      const [start, end] = trimmed(text, lineStart, lineEnd);
      if (start >= end) return;
      lines += 1;
      const isSls = text.charCodeAt(start) === openBrace;
      if (isSls ? takeSlsLine(text, start, end) : takeFileLine(text, start, end)) rows += 1;
      else sums.skipped("broken line");
    },
    onTooLong: () => {
      lines += 1;
      sums.skipped("too long");
    },
  });
  return {
    push: splitter.push,
    endFile: () => {
      splitter.end();
      const ended = { lines, rows };
      [lines, rows] = [0, 0];
      return ended;
    },
    end: () => {
      splitter.end();
      sink.end();
      return sums.counts();
    },
  };
}

interface RowSink {
  readonly takeFileRow: (row: LogRow) => void;
  readonly takeSls: (row: SlsRow) => void;
  readonly end: () => void;
}

/** Longest id of a request, by which rows are joined: OSS's have 24 characters. */
const maxId = 256;
/** Longest key as a log has it: OSS takes 1,023 bytes, of which each may be written with three characters. */
const maxObject = 4_096;

/** Makes a request of each row, or counts the reason why not. */
function rowSink(wanted: WantedRequests, sums: Counting, onRequest: (request: SeenRequest) => void): RowSink {
  const use = (request: SeenRequest) => {
    sums.used(request.source, request.timeMs);
    onRequest(request);
  };
  const understand = understanding(wanted, sums, (request) => {
    sums.copySource();
    onRequest(request);
  });
  const deletes = batchDeletes(use, sums.skipped);
  const takeKey = (row: LogRow) => {
    const { requestId, object } = row;
    const reason = isNone(object) ? "broken line" : skipReason(row, wanted);
    if (reason !== undefined) return sums.skipped(reason);
    if (requestId.length > maxId || object.length > maxObject) return sums.skipped("broken line");
    deletes.addKey(ownText(requestId), ownText(decoded(object) ?? object));
  };
  return {
    takeFileRow: (row) => {
      const understood = understand(row);
      if (understood?.kind === "request") use(understood.request);
      else if (understood !== undefined) use(understood.withKey(undefined));
    },
    takeSls: (row) => {
      if (row.kind === "other topic") return sums.skipped("other topic");
      if (row.kind === "deleted key") return takeKey(row.row);
      const understood = understand(row.row);
      if (understood?.kind === "request") use(understood.request);
      else if (understood !== undefined) {
        const { requestId } = row.row;
        if (requestId.length > maxId) use(understood.withKey(undefined));
        else deletes.addDelete(ownText(requestId), understood.withKey);
      }
    },
    end: deletes.end,
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
