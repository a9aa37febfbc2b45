/** What an expression may name: `github`, `vars`, `inputs`, `steps`, `needs`. */
export type Context = Readonly<Record<string, unknown>>;

/** How the job stands when the expression is read. */
export type JobStatus = "success" | "failure";

/**
 * The few forms of GitHub's expressions that the workflows use: names with dots, texts, `==`, `!=`, `!`, `&&`, `||`,
 * brackets and the status functions. Anything else throws, so that no test passes on an expression that it cannot read.
 */
export function evaluate(text: string, context: Context, status: JobStatus): unknown {
  const tokens = tokensOf(text);
  const value = either({ tokens, at: 0 }, context, status);
  return value;
}

/** A text with its `${{ }}` replaced, as GitHub does before a step begins. */
export function interpolate(text: string, context: Context, status: JobStatus): string {
  return text.replaceAll(/\$\{\{(.*?)\}\}/gs, (_, inner: string) => String(evaluate(inner, context, status)));
}

/** Whether a condition calls a status function; without one, GitHub puts `success() &&` before it. */
export function asksForStatus(text: string): boolean {
  return /\b(?:always|success|failure|cancelled)\(\)/.test(text);
}

interface Reader {
  readonly tokens: readonly string[];
  at: number;
}

function tokensOf(text: string): readonly string[] {
  const tokens = [...text.matchAll(/==|!=|&&|\|\||[!()]|'[^']*'|[a-z_][\w-]*(?:\.[\w-]+)*|\S/gi)].map(
    ([token]) => token,
  );
  return [...tokens, ""];
}

function peek(reader: Reader): string {
  return reader.tokens[reader.at] ?? "";
}

function takes(reader: Reader, token: string): boolean {
  if (peek(reader) !== token) return false;
  reader.at += 1;
  return true;
}

function either(reader: Reader, context: Context, status: JobStatus): unknown {
  let value = both(reader, context, status);
  while (takes(reader, "||")) {
    const right = both(reader, context, status);
    value = isTrue(value) ? value : right;
  }
  if (peek(reader) !== "" && peek(reader) !== ")") throw new Error(`cannot read \`${peek(reader)}\``);
  return value;
}

function both(reader: Reader, context: Context, status: JobStatus): unknown {
  let value = comparison(reader, context, status);
  while (takes(reader, "&&")) {
    const right = comparison(reader, context, status);
    value = isTrue(value) ? right : value;
  }
  return value;
}

function comparison(reader: Reader, context: Context, status: JobStatus): unknown {
  const left = single(reader, context, status);
  if (takes(reader, "==")) return left === single(reader, context, status);
  if (takes(reader, "!=")) return left !== single(reader, context, status);
  return left;
}

function single(reader: Reader, context: Context, status: JobStatus): unknown {
  if (takes(reader, "!")) return !isTrue(single(reader, context, status));
  if (takes(reader, "(")) {
    const value = either(reader, context, status);
    if (!takes(reader, ")")) throw new Error("a bracket is not closed");
    return value;
  }
  const token = peek(reader);
  reader.at += 1;
  if (token.startsWith("'")) return token.slice(1, -1);
  if (takes(reader, "(")) {
    if (!takes(reader, ")")) throw new Error(`\`${token}\` has an argument`);
    return statusFunction(token, status);
  }
  return named(token, context);
}

function statusFunction(name: string, status: JobStatus): boolean {
  if (name === "always") return true;
  if (name === "success" || name === "failure") return status === name;
  if (name === "cancelled") return false;
  throw new Error(`\`${name}()\` is no status function`);
}

/** What is not there is the empty text; only a repository's variables, an event and outputs may lack something. */
function named(token: string, context: Context): unknown {
  const names = token.split(".");
  let value: unknown = context;
  for (const [index, name] of names.entries()) {
    const next: unknown = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
    const mayLack = names[0] === "vars" || names[1] === "event" || names.slice(0, index).includes("outputs");
    if (next === undefined && !mayLack) throw new Error(`\`${token}\` names nothing that a job has`);
    value = next;
  }
  return value ?? "";
}

function isTrue(value: unknown): boolean {
  return value !== "" && value !== false;
}
