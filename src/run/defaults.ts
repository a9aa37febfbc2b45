import { readdirSync, readFileSync, statSync } from "node:fs";
import { refusal, type Diagnostic, type Span } from "../diagnostic.ts";
import { isFailed, type Failed, type Result } from "../result.ts";
import { errorCode } from "../system-error.ts";
import type { Options } from "./options.ts";

/** Options whose default a file may set: none of them has a say in how a change is judged. */
export const defaultedOptions = ["policies", "concurrency", "color"] as const;

type DefaultedOption = (typeof defaultedOptions)[number];

/** A file that sets defaults. */
export interface DefaultsSource {
  readonly file: string;
  readonly text: string;
}

/** Values that a file sets. */
export interface Defaults {
  readonly values: Partial<Pick<Options, DefaultedOption>>;
  /** Place of `policies`, if it is set and its file has places. */
  readonly policiesSpan?: Span | undefined;
}

/** The options of a run whose defaults are filled in, and the file that they are from. */
export interface DefaultedRun {
  readonly options: Options;
  readonly source?: DefaultsSource | undefined;
  readonly policiesSpan?: Span | undefined;
  /** The folder of the policy files is the one that the file names. */
  readonly namesPolicies?: boolean;
}

/** Parses one source. It is loaded only where there is one, so that other runs start as fast as without. */
export type LoadParser = () => Promise<(source: DefaultsSource) => Result<Defaults>>;

/** Problems with the defaults, and the text that they are about. */
export interface FailedDefaults extends Failed {
  readonly source?: DefaultsSource | undefined;
}

/** Defaults and the file that sets them. */
export interface FoundDefaults extends Defaults {
  readonly source?: DefaultsSource | undefined;
}

/** Reads the defaults that a file of the working directory sets. */
export async function readDefaults(loadParser: LoadParser): Promise<FoundDefaults | FailedDefaults> {
  const found = findDefaults();
  if (isFailed(found)) return found;
  const [source, second] = found.sources;
  if (source === undefined) return { values: {} };
  if (second !== undefined) return { problems: [twoSources(source, second)] };
  const parsed = (await loadParser())(source);
  return { ...parsed, source };
}

/** Fills in the defaults of the working directory. What is on the command line wins. */
export async function withDefaults(
  options: Options,
  isGiven: (name: DefaultedOption) => boolean,
  loadParser: LoadParser,
): Promise<DefaultedRun | FailedDefaults> {
  const found = await readDefaults(loadParser);
  if (isFailed(found)) return found;
  const used = Object.entries(found.values).filter(([name]) => !isGiven(name as DefaultedOption));
  return {
    options: { ...options, ...Object.fromEntries(used) },
    source: found.source,
    policiesSpan: found.policiesSpan,
    namesPolicies: used.some(([name, value]) => name === "policies" && value !== options.policies),
  };
}

function twoSources({ file }: DefaultsSource, second: DefaultsSource): Diagnostic {
  const message = `both \`${file}\` and \`${second.file}\` set defaults`;
  return refusal("defaults", message, "keep one of the two");
}

const packageFile = "package.json";
const packageKey = "oss-policy";
const files = [".oss-policyrc.yaml", ".oss-policyrc.json"];
/** Names under which other tools look for such a file. */
const otherName = /^\.oss-policyrc(\.(ya?ml|json[c5]?|toml|[cm]?[jt]s))?$/i;

function findDefaults(): { readonly sources: readonly DefaultsSource[] } | Failed {
  const names = namesHere();
  const other = names.find((name) => otherName.test(name) && !files.includes(name));
  if (other !== undefined) {
    const message = `\`${other}\` is not read: defaults are data, in YAML or JSON`;
    return { problems: [refusal("defaults", message, `write them in \`${files[0] ?? ""}\``)] };
  }
  const read = [
    ...names.filter((name) => files.includes(name)),
    ...names.filter((name) => name === packageFile),
  ];
  const sources = read.sort().map(readText);
  const problems = sources.flatMap((source) => (isFailed(source) ? source.problems : []));
  if (problems.length > 0) return { problems };
  return {
    sources: sources.flatMap((source) => (isFailed(source) || !setsDefaults(source) ? [] : [source])),
  };
}

function namesHere(): readonly string[] {
  try {
    return readdirSync(".");
  } catch {
    return [];
  }
}

/** Limit of a file of defaults, in bytes. */
const maxBytes = 1 << 20;

function readText(file: string): DefaultsSource | Failed {
  try {
    const stat = statSync(file);
    // A link may lead to a device or a pipe, which has no end.
    if (!stat.isFile() || stat.size > maxBytes) {
      const message = `\`${file}\` is not a file of at most ${maxBytes} bytes`;
      return { problems: [refusal("defaults", message, "remove it")] };
    }
    return { file, text: readFileSync(file, "utf8").replace(/^\uFEFF/, "") };
  } catch (error) {
    const message = `\`${file}\` cannot be read (${errorCode(error)})`;
    return { problems: [refusal("defaults", message, "make it readable, or remove it")] };
  }
}

/** Returns whether a file sets defaults. A package.json mostly does not, and is then not looked at any further. */
function setsDefaults({ file, text }: DefaultsSource): boolean {
  if (file !== packageFile) return true;
  if (!text.includes(`"${packageKey}"`)) return false;
  const manifest = parsedManifest(text);
  return typeof manifest === "object" && manifest !== null && Object.hasOwn(manifest, packageKey);
}

/** A package.json that npm cannot read either is left to npm. */
function parsedManifest(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Refuses a folder from a file where revisions are compared: a revision that changes the file would choose the
 * folder whose guards judge it.
 */
export function comparedFolderProblem(
  { options, source, policiesSpan, namesPolicies }: DefaultedRun,
  verb: string,
  [question]: readonly string[],
): Diagnostic | undefined {
  const isCompared =
    options.base !== undefined || options.plan !== undefined || (verb === "access" && question === "diff");
  if (namesPolicies !== true || !isCompared) return undefined;
  const message = `\`policies\` in \`${source?.file ?? ""}\` does not count where revisions are compared: one of them may have changed it`;
  const help = `name the folder on the command line: \`--policies ${options.policies}\``;
  const found = refusal("defaults", message, help);
  return policiesSpan === undefined ? found : { ...found, span: policiesSpan };
}
