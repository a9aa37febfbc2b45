import { isFailed } from "../../result.ts";
import { suggestion } from "../../near-miss.ts";
import { jsonText } from "../../policy/json.ts";
import { failure, success, type Ending } from "../../run/exit.ts";
import type { Io } from "../../run/io.ts";
import type { Options } from "../../run/options.ts";
import { startRun, type Run } from "../../run/run.ts";
import { canReply } from "./can.ts";
import { diffReply } from "./diff.ts";
import { matrixReply } from "./matrix.ts";
import { publicReply } from "./public.ts";
import { problem, type AccessAnswer, type AccessReply, type FileOption } from "./reply.ts";
import { reportReply } from "./report.ts";
import { unusedReply } from "./unused.ts";
import { whatCanReply } from "./what-can.ts";
import { whoCanReply } from "./who-can.ts";

interface Question {
  readonly answer: (words: readonly string[], run: Run) => AccessReply | Promise<AccessReply>;
  /** It may find something that --exit-code reports. */
  readonly finds?: true;
  /** It reads access logs. */
  readonly reads?: true;
  /** It may write files beside --json. */
  readonly writes?: readonly FileOption[];
}

const questions: Readonly<Record<string, Question>> = {
  "who-can": { answer: whoCanReply },
  can: { answer: canReply },
  diff: { answer: diffReply, finds: true },
  "what-can": { answer: whatCanReply, reads: true },
  public: { answer: publicReply, finds: true },
  matrix: { answer: matrixReply },
  unused: { answer: unusedReply, reads: true, writes: ["propose"] },
  report: { answer: reportReply, writes: ["html", "csv"] },
};

const fileOptions: readonly FileOption[] = ["html", "csv", "propose"];

/** Answers what the policies of the files allow, for all requests that can be made. */
export async function access(options: Options, io: Io): Promise<number> {
  const run = startRun(options, io);
  const { out } = run;
  const [name = "", ...words] = options.words;
  const reply = await replyTo(name, words, run);
  if (isFailed(reply)) {
    out.diagnostics(reply.problems);
    return out.end(failure("the question cannot be answered"));
  }
  out.result(reply.text);
  const written = options.json === undefined ? success : out.report(options.json, jsonOf(name, reply));
  const files = fileOptions.map((option) => {
    const [file, render] = [options[option], reply.files?.[option]];
    return file === undefined || render === undefined ? success : out.report(file, render());
  });
  return out.end(written, ...files, ...foundEndings(reply, options));
}

function jsonOf(question: string, { json }: AccessAnswer): string {
  return `${jsonText({ formatVersion: "2.1", question, ...json() }, 2)}\n`;
}

function replyTo(name: string, words: readonly string[], run: Run): AccessReply | Promise<AccessReply> {
  const question = questions[name];
  if (question === undefined)
    return problem(`access knows no question \`${name}\``, suggestion(name, Object.keys(questions)));
  if (run.options.exitCode && question.finds !== true)
    return problem(
      `\`${name}\` has no answer that --exit-code reports`,
      "use --exit-code with `public` or `diff`",
    );
  const file = fileOptions.find(
    (option) => run.options[option] !== undefined && question.writes?.includes(option) !== true,
  );
  if (file !== undefined) {
    const [owner = ""] = Object.keys(questions).filter((one) => questions[one]?.writes?.includes(file));
    return problem(`\`${name}\` has no --${file}`, `use --${file} with \`${owner}\``);
  }
  const { requests = [], since, until } = run.options;
  if (question.reads !== true && (requests.length > 0 || since !== undefined || until !== undefined)) {
    const readers = Object.keys(questions).filter((one) => questions[one]?.reads === true);
    const list = readers.map((one) => `\`${one}\``).join(" and ");
    return problem(`\`${name}\` reads no access logs`, `use --requests, --since and --until with ${list}`);
  }
  if (name !== "unused" && run.options.days !== undefined)
    return problem(`\`${name}\` has no --days`, "use --days with `unused`");
  return question.answer(words, run);
}

function foundEndings({ found }: AccessAnswer, { exitCode }: Options): readonly Ending[] {
  return exitCode && found !== undefined ? [{ kind: "found", why: found }] : [];
}
