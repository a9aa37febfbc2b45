import { parseDesired } from "../../desired/desired.ts";
import { listTree, loadListed } from "../../desired/load.ts";
import { hasErrors, mergeDiagnostics, type Diagnostic } from "../../diagnostic.ts";
import type { EditableTree } from "../../edit/editable-tree.ts";
import { editTree, type TreeEdit } from "../../edit/edit-tree.ts";
import type { Intent } from "../../edit/intent.ts";
import type { Sources } from "../../report/text/diagnostics.ts";
import { isFailed, type Failed } from "../../result.ts";
import { failure, success } from "../../run/exit.ts";
import type { Io } from "../../run/io.ts";
import type { Options } from "../../run/options.ts";
import { startRun, type Run } from "../../run/run.ts";
import { selectTree } from "../../run/selection.ts";
import { blockingNotes } from "./blocking.ts";
import { editErrors } from "./findings.ts";
import { oneObjectNotes } from "./key-words.ts";
import { accessText, closingText, diffText, filesText, leftText, notesOn } from "./summary.ts";
import { editRequest, type EditRequest } from "./words.ts";
import { writeFiles } from "../../run/write-files.ts";

/** Edits the policy files as an intent says: everything is computed and proved before the first file is written. */
export async function runEdit(verb: Intent["verb"], options: Options, io: Io): Promise<number> {
  const run = startRun(options, io);
  const tree = loadTree(options.policies);
  const refuse = (problems: readonly Diagnostic[], sources: Sources) => {
    run.out.diagnostics(mergeDiagnostics(problems), sources);
    return run.out.end(failure("no file was changed"));
  };
  if (isFailed(tree)) return refuse(tree.problems, new Map());
  const sources = sourcesOf(tree);
  const request = requestIn(verb, options, tree);
  if (isFailed(request)) return refuse(request.problems, sources);
  const edit = editTree(tree, request.targets, request.intent);
  if (isFailed(edit)) {
    if (request.targets.length > 1) run.out.note(oneRefused);
    return refuse(edit.problems, sources);
  }
  const { errors, isNew } = await editErrors(edit, io.today);
  if (errors.length > 0) {
    const edited = new Map(edit.files.map(({ path, after }) => [path, after]));
    const head = isNew
      ? "the edit would bring these errors"
      : "these errors have to be corrected before the edit can be proved";
    run.out.note(`${head}:`);
    return refuse(errors, isNew ? new Map([...sources, ...edited]) : sources);
  }
  return finish(edit, request, run);
}

const oneRefused =
  "a bucket that is refused leaves all files as they are; `--exclude BUCKET` edits the others without it";

/** Loads a tree for edits; fails if it has an error. */
export function loadTree(folder: string): EditableTree | Failed {
  const { files, unread, top, diagnostics } = loadListed(listTree(folder));
  const context = { unread, top };
  const desired = parseDesired(files, context);
  const problems = [...diagnostics, ...desired.diagnostics];
  return hasErrors(problems) ? { problems } : { files, context, desired };
}

function sourcesOf({ files }: EditableTree): Sources {
  return new Map(files.map(({ path, text }) => [path, text]));
}

function requestIn(verb: Intent["verb"], options: Options, { desired }: EditableTree): EditRequest | Failed {
  const selected = selectTree(desired, options);
  if (isFailed(selected)) return selected;
  const names = new Set(selected.buckets.map(({ bucket }) => bucket));
  return editRequest(
    verb,
    options,
    desired.buckets.filter(({ bucket }) => names.has(bucket)),
  );
}

function finish(edit: TreeEdit, { intent }: EditRequest, { options, io, out }: Run): number {
  const isDone = edit.files.length === 0;
  const notes = [
    ...oneObjectNotes(intent, options),
    ...notesOn(edit, intent),
    ...blockingNotes(edit, io.today),
  ];
  out.diagnostics(notes, new Map(edit.files.map(({ path, after }) => [path, after])));
  if (!isDone && options.dryRun) out.result(diffText(edit.files, out.style));
  const failed = isDone || options.dryRun ? undefined : writeFiles(edit.files);
  if (failed !== undefined) {
    out.diagnostics([failed.problem]);
    return out.end(failure(failed.ending));
  }
  out.result(filesText(edit.files));
  out.result(accessText(edit, out.style));
  out.result(leftText(edit, intent));
  out.result(closingText(edit, intent, options.dryRun));
  return out.end(success);
}
