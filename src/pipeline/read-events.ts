import { StringDecoder } from "node:string_decoder";
import {
  collectEvents,
  type EventCollector,
  type EventTrail,
  type UnreadPart,
} from "../actiontrail/last-calls.ts";
import { splitRecords } from "../actiontrail/records.ts";
import { refusal, type Diagnostic } from "../diagnostic.ts";
import { filesOf, noFiles, readLog, type UnreadLog } from "../requests/log-files.ts";
import type { Failed } from "../result.ts";
import type { Io } from "../run/io.ts";

/** Given events, and the warning about those that cannot be read. */
export interface ReadEvents {
  readonly trail: EventTrail;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads the events in a file, in the files of a folder, or on stdin for `-`. They are streamed, whatever their size. */
export async function readEvents(path: string, io: Pick<Io, "openStreams">): Promise<ReadEvents | Failed> {
  const collector = collectEvents();
  const files = filesOf(path, fileNames);
  if ("problem" in files) return unlisted(files);
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

function unlisted({ file, problem }: UnreadLog): Failed {
  const isEmpty = problem === noFiles;
  return failure(
    isEmpty
      ? `the folder \`${file}\` has no file whose name ends with .json, .jsonl or .gz`
      : `the events in \`${file}\` ${problem}`,
  );
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
  const decoder = new StringDecoder("utf8");
  const onPart = (part: Buffer) => splitter.push(decoder.write(part));
  const unread = await readLog(file, () => io.openStreams().input, onPart);
  splitter.push(decoder.end());
  if (unread?.isCutOff === false) return failure(`the events in \`${file}\` ${unread.problem}`, unread.help);
  if (unread !== undefined) collector.addProblem({ file, problem: unread.problem });
  splitter.end();
  return undefined;
}

const usual =
  "name a file of JSON lines, a file that ActionTrail delivered, a folder of such files, or - for stdin";

function failure(message: string, help = usual): Failed {
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
