import type { Diagnostic, Span } from "../diagnostic.ts";
import { suggestion } from "../near-miss.ts";
import {
  openQuestions,
  type Observation,
  type Observations,
  type OpenQuestion,
} from "../policy/open-questions.ts";
import type { Account } from "./account-file.ts";
import { interpretationsSchema } from "./interpretations-schema.ts";
import { childOf, stringOf, type Entry, type Node } from "./node.ts";
import type { Parsed } from "./parsed.ts";
import { checkSchema } from "./check-schema.ts";

/** File of interpretations. */
export interface InterpretationsFile {
  readonly file: string;
  readonly observed: Observations;
  readonly region: string;
  readonly date: string;
  /** Address of a server on this machine that was called in place of OSS. */
  readonly sandbox: string | undefined;
  readonly span: Span;
}

export function isInterpretationsFile(path: string): boolean {
  return /(?:^|[\\/])(?:[^\\/]+\.)?interpretations\.ya?ml$/.test(path);
}

/** Parses a file of interpretations; undefined if something in it is wrong, which is then reported. */
export function parseInterpretations(file: string, node: Node): Parsed<readonly InterpretationsFile[]> {
  const problems = checkSchema(interpretationsSchema, node);
  if (problems.length > 0) return { value: [], diagnostics: problems };
  const [region = "", date = ""] = ["region", "date"].map((name) => stringOf(childOf(node, name)));
  const settled = entriesIn(node, "observed");
  const open = entriesIn(node, "unsettled");
  const found = [
    ...dateProblems(date, childOf(node, "date") ?? node),
    ...[...settled, ...open].flatMap(questionProblems),
    ...settled.flatMap(positionProblems),
    ...settled.flatMap((entry) => contradiction(entry, open)),
  ];
  if (found.length > 0) return { value: [], diagnostics: found };
  const observed = new Map(
    settled.map(({ name, value }): [OpenQuestion, Observation] => [
      name as OpenQuestion,
      { position: stringOf(value) ?? "", region, date },
    ]),
  );
  const endpoint = stringOf(childOf(node, "endpoint"));
  const sandbox = loopback.test(endpoint ?? "") ? endpoint : undefined;
  return { value: [{ file, observed, region, date, sandbox, span: node.span }], diagnostics: [] };
}

const loopback = /^https?:\/\/(?:localhost|127(?:\.\d{1,3}){3})(?::\d+)?$/;

function entriesIn(node: Node, name: string): readonly Entry[] {
  const child = childOf(node, name);
  return child?.kind === "map" ? child.entries : [];
}

function dateProblems(date: string, { span }: Node): readonly Diagnostic[] {
  const day = new Date(`${date}T00:00:00Z`);
  const isDay = !Number.isNaN(day.getTime()) && day.toISOString().startsWith(date);
  return isDay ? [] : [problem(`\`${date}\` is not a day`, span, "write the day of the observation")];
}

function questionProblems({ name, nameSpan }: Entry): readonly Diagnostic[] {
  const names = Object.keys(openQuestions);
  if (names.includes(name)) return [];
  return [problem(`\`${name}\` is not an open question`, nameSpan, suggestion(name, names))];
}

function positionProblems({ name, value }: Entry): readonly Diagnostic[] {
  const positions: readonly string[] | undefined = Object.entries(openQuestions).find(
    ([question]) => question === name,
  )?.[1];
  const position = stringOf(value) ?? "";
  if (positions === undefined || positions.includes(position)) return [];
  const message = `\`${position}\` is not a position of \`${name}\``;
  return [problem(message, value.span, suggestion(position, positions))];
}

function contradiction({ name, nameSpan }: Entry, open: readonly Entry[]): readonly Diagnostic[] {
  const other = open.find((one) => one.name === name);
  if (other === undefined) return [];
  const help = "keep one of the two, or run `oss-policy conformance` again";
  const found = problem(`\`${name}\` is both observed and unsettled`, nameSpan, help);
  return [{ ...found, related: [{ message: "the other place", span: other.nameSpan }] }];
}

/** Gives each account what the file that it names observed. Reports a missing file, and one that no account names. */
export function withObservations(
  accounts: readonly Account[],
  files: readonly InterpretationsFile[],
  paths: readonly string[],
): Parsed<readonly Account[]> {
  const named = accounts.map((account) => observedBy(account, files, paths));
  const used = new Set(accounts.flatMap(({ interpretations }) => interpretations?.file ?? []));
  return {
    value: named.map(({ value }) => value),
    diagnostics: [
      ...named.flatMap(({ diagnostics }) => diagnostics),
      ...files.filter(({ file }) => !used.has(file)).map(unused),
    ],
  };
}

function observedBy(
  account: Account,
  files: readonly InterpretationsFile[],
  paths: readonly string[],
): Parsed<Account> {
  const { interpretations } = account;
  if (interpretations === undefined) return { value: account, diagnostics: [] };
  const { file, span } = interpretations;
  const found = files.find((one) => one.file === file);
  if (found?.sandbox !== undefined) {
    const message = `\`${file}\` has what the server ${found.sandbox} on this machine did, which says nothing about OSS`;
    const help = "run `oss-policy conformance` on a scratch bucket of OSS, or remove `interpretations`";
    return { value: account, diagnostics: [problem(message, span, help)] };
  }
  if (found !== undefined)
    return { value: { ...account, observed: found.observed }, diagnostics: [inForce(found, span)] };
  if (paths.includes(file)) return { value: account, diagnostics: [] };
  const help = "write it with `oss-policy conformance`, or remove `interpretations`";
  return { value: account, diagnostics: [problem(`\`${file}\` does not exist`, span, help)] };
}

/** Says what is no longer open: OSS may differ from region to region, and later. */
function inForce({ observed, region, date }: InterpretationsFile, span: Span): Diagnostic {
  const count = `${observed.size} of ${Object.keys(openQuestions).length} open questions`;
  const message = `${count} are decided as observed in ${region} on ${date}, for buckets of every region`;
  const help = "run `oss-policy conformance` again when OSS may have changed";
  return { code: "interpretations", severity: "note", message, span, help };
}

function unused({ file, span }: InterpretationsFile): Diagnostic {
  const name = file.replace(/^.*[\\/]/, "");
  const message = "no account.yaml beside it names this file, so it has no effect";
  const help = `write \`interpretations: ${name}\` in account.yaml, or remove the file`;
  return { code: "interpretations", severity: "warning", message, span, help };
}

function problem(message: string, span: Span, help: string): Diagnostic {
  return { code: "interpretations", severity: "error", message, span, help };
}
