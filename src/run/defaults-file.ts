import * as z from "zod/mini";
import { childOf, entryOf, jsonOf, nodeAt, type Node } from "../desired/node.ts";
import { parseYaml } from "../desired/yaml.ts";
import { hasErrors, refusal, type Diagnostic, type Span } from "../diagnostic.ts";
import { suggestion } from "../near-miss.ts";
import type { Result } from "../result.ts";
import { defaultedOptions, type Defaults, type DefaultsSource } from "./defaults.ts";
import { optionSpecs } from "./options.ts";

const concurrency = "concurrency is a whole number from 1 to 256";
const policies = "policies is the path of a folder, as a string";

const schema = z.strictObject({
  policies: z.optional(z.string(policies).check(z.minLength(1, policies))),
  concurrency: z.optional(z.int(concurrency).check(z.minimum(1, concurrency), z.maximum(256, concurrency))),
  color: z.optional(z.boolean("color is true or false")),
});

/** Parses the defaults of a file, or the ones below `oss-policy` in package.json. */
export function parseDefaults(source: DefaultsSource): Result<Defaults> {
  return source.file === "package.json" ? fromPackage(source) : fromFile(source);
}

function fromFile({ file, text }: DefaultsSource): Result<Defaults> {
  const { node, diagnostics } = parseYaml(text, file);
  if (hasErrors(diagnostics))
    return { problems: diagnostics.map((found) => ({ ...found, code: "defaults" })) };
  // A file without a value sets nothing.
  return node === undefined ? { values: {} } : check(jsonOf(node), { file, node });
}

/** The YAML reader only finds the places of mistakes: it has bounds that a package.json need not keep. */
function fromPackage({ file, text }: DefaultsSource): Result<Defaults> {
  const manifest = JSON.parse(text) as Readonly<Record<string, unknown>>;
  const { node } = parseYaml(text, file);
  return check(manifest["oss-policy"], { file, node: childOf(node, "oss-policy") });
}

/** The file, and the value that sets the defaults, if its places are known. */
interface DefaultsPlace {
  readonly file: string;
  readonly node: Node | undefined;
}

function check(value: unknown, place: DefaultsPlace): Result<Defaults> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) return { problems: parsed.error.issues.flatMap((issue) => explain(issue, place)) };
  const { data } = parsed;
  const values = {
    ...(data.policies === undefined ? {} : { policies: data.policies }),
    ...(data.concurrency === undefined ? {} : { concurrency: data.concurrency }),
    ...(data.color === undefined ? {} : { color: data.color }),
  };
  return { values, policiesSpan: entryOf(place.node, "policies")?.nameSpan };
}

const allowed = `a file may set ${defaultedOptions.map((name) => `\`${name}\``).join(", ")}`;

function explain(issue: z.core.$ZodIssue, { file, node }: DefaultsPlace): readonly Diagnostic[] {
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => {
      const { message, help } = unknownKey(key);
      return finding(message, help, file, entryOf(node, key)?.nameSpan);
    });
  const at = node === undefined ? undefined : nodeAt(node, issue.path).span;
  if (issue.path.length === 0) return [finding("the defaults must be a map", allowed, file, at)];
  return [finding(`\`${issue.path.join(".")}\`: ${issue.message}`, undefined, file, at)];
}

const optionNames: ReadonlySet<string> = new Set(
  Object.values(optionSpecs).map(({ flags }) => /^--(?:no-)?([a-z-]+)/.exec(flags)?.[1] ?? ""),
);

function unknownKey(key: string): Pick<Diagnostic, "message" | "help"> {
  const option = key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  if (optionNames.has(option))
    return {
      message: `\`${key}\` has no default in a file`,
      help: `give --${option} on the command line; ${allowed}`,
    };
  return {
    message: `\`${key}\` is not a default that a file may set`,
    help: suggestion(key, defaultedOptions),
  };
}

function finding(
  message: string,
  help: string | undefined,
  file: string,
  span: Span | undefined,
): Diagnostic {
  const found = refusal("defaults", span === undefined ? `\`${file}\`: ${message}` : message, help);
  return span === undefined ? found : { ...found, span };
}
