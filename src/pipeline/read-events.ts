import { createReadStream, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { pipeline, type Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { createGunzip } from "node:zlib";
import {
  collectEvents,
  type EventCollector,
  type EventTrail,
  type UnreadPart,
} from "../actiontrail/last-calls.ts";
import { splitRecords } from "../actiontrail/records.ts";
import { compareText, refusal, type Diagnostic } from "../diagnostic.ts";
import type { Failed } from "../result.ts";
import type { Io } from "../run/io.ts";
import { errorCode } from "../system-error.ts";

/** Given events, and the warning about those that cannot be read. */
export interface ReadEvents {
  readonly trail: EventTrail;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads the events in a file, in the files of a folder, or on stdin for `-`. They are streamed, whatever their size. */
export async function readEvents(path: string, io: Pick<Io, "openStreams">): Promise<ReadEvents | Failed> {
  const collector = collectEvents();
  const files = path === "-" ? [path] : filesOf(path);
  if ("problems" in files) return files;
  for (const file of files) {
    const failed = await readFile(file, collector, io);
    if (failed !== undefined) return failed;
  }
  const trail = collector.trail();
  if (trail.count === 0 && trail.unread > 0)
    return failure(`\`${path}\` holds no events of ActionTrail: ${placesOf(trail.problems)}`);
  return { trail, diagnostics: warningsOf(path, trail) };
}

const fileNames = /\.(jsonl?|gz)$/i;

function filesOf(path: string): readonly string[] | Failed {
  try {
    if (!statSync(path).isDirectory()) return [path];
    // Links to folders are not followed: two that lead up are endless.
    const files = readdirSync(path, { recursive: true, withFileTypes: true })
      .filter(({ name }) => fileNames.test(name))
      .map(({ parentPath, name }) => join(parentPath, name))
      .filter((file) => statSync(file).isFile());
    if (files.length > 0) return files.sort(compareText);
    return failure(`the folder \`${path}\` has no file whose name ends with .json, .jsonl or .gz`);
  } catch (error) {
    return failure(`the events in \`${path}\` cannot be read (${errorCode(error)})`);
  }
}

async function readFile(
  file: string,
  collector: EventCollector,
  io: Pick<Io, "openStreams">,
): Promise<Failed | undefined> {
  const splitter = splitRecords({
    onRecord: (text, line) => collector.add(text, file, line),
    onBroken: (line) => collector.addProblem({ file, line, problem: "is not JSON" }),
  });
  try {
    const decoder = new StringDecoder("utf8");
    for await (const part of unzipped(file === "-" ? io.openStreams().input : createReadStream(file)))
      splitter.push(decoder.write(part));
    splitter.push(decoder.end());
  } catch (error) {
    const code = errorCode(error);
    if (!code.startsWith("Z_")) return failure(`the events in \`${file}\` cannot be read (${code})`);
    collector.addProblem({ file, problem: `is not a complete gzip file (${code})` });
  }
  splitter.end();
  return undefined;
}

/** Unzips a stream that starts as gzip does, whatever its file is called. */
async function* unzipped(input: Readable): AsyncGenerator<Buffer> {
  const parts = input[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const head = await parts.next();
  if (head.done === true) return;
  const whole = withHead(head.value, parts);
  if (head.value[0] !== 0x1f || head.value[1] !== 0x8b) return yield* whole;
  // The reader of the result gets the error, too.
  yield* pipeline(whole, createGunzip(), () => undefined) as AsyncIterable<Buffer>;
}

async function* withHead(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield head;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

function failure(message: string): Failed {
  const help =
    "name a file of JSON lines, a file that ActionTrail delivered, a folder of such files, or - for stdin";
  return { problems: [refusal("events", message, help)] };
}

function warningsOf(path: string, { count, unread, problems }: EventTrail): readonly Diagnostic[] {
  const warning = (message: string, help: string): Diagnostic[] => [
    { code: "unread-events", severity: "warning", message, help },
  ];
  if (unread > 0) {
    const more = unread > problems.length ? `, and ${unread - problems.length} more` : "";
    return warning(
      `${unread === 1 ? "a part" : `${unread} parts`} of the events cannot be read: ${placesOf(problems)}${more}`,
      "get these events again: a change that they hold is not shown",
    );
  }
  return count > 0 ? [] : warning(`\`${path}\` holds no events`, "see how the events were selected");
}

function placesOf(problems: readonly UnreadPart[]): string {
  return problems
    .map(({ file, line, problem }) => `\`${line === undefined ? file : `${file}:${line}`}\` ${problem}`)
    .join(", ");
}
