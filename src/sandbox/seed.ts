import { isPair, isScalar, LineCounter, parseDocument, visit, type Document } from "yaml";
import type { FaultRule } from "./faults.ts";
import { issueProblems, type Problem } from "./seed-problem.ts";
import { seedSchema } from "./seed-schema.ts";
import type { BucketAcl } from "./world.ts";

/** What a sandbox starts with. */
export interface Seed {
  /** The UID that owns every bucket. */
  readonly account: string;
  readonly keys: readonly SandboxKey[];
  readonly buckets: readonly SeedBucket[];
  readonly faults: readonly FaultRule[];
  /** What chance hangs on, where a fault rule has a probability; 0 where it is left out. */
  readonly seed?: number;
}

/** An access key; one with a token must be used with it, as STS keys are. */
export interface SandboxKey {
  readonly id: string;
  readonly secret: string;
  readonly token?: string;
}

export interface SeedBucket {
  readonly name: string;
  /** Short form, such as `cn-hangzhou`. */
  readonly region: string;
  /** The exact stored text. It is not validated, so that any policy can be there from the start. */
  readonly policy?: string;
  /** `private` where it is left out. */
  readonly acl?: BucketAcl;
  /** Off where it is left out. */
  readonly blockPublicAccess?: boolean;
}

export const sandboxKey: SandboxKey = { id: "sandbox", secret: "sandbox" };

export const defaultSeed: Seed = { account: "1746495857600001", keys: [sandboxKey], buckets: [], faults: [] };

/** Reads a seed file. Each problem is `file:line:column: message`; all are given, not only the first. */
export function parseSeed(text: string, file: string): { seed: Seed } | { problems: readonly string[] } {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const render = ({ offset, message }: Problem): string => {
    const { line, col } = lineCounter.linePos(offset);
    return `${file}:${Math.max(line, 1)}:${Math.max(col, 1)}: ${message}`;
  };
  const unreadable = [...syntaxProblems(document), ...numberProblems(document)];
  if (unreadable.length > 0) return { problems: unreadable.map(render) };
  const read = valueOf(document);
  if ("problem" in read) return { problems: [render(read.problem)] };
  const parsed = seedSchema.safeParse(read.value);
  if (parsed.success) return { seed: { ...defaultSeed, ...parsed.data } };
  return {
    problems: parsed.error.issues.flatMap((issue) => issueProblems(issue, document, read.value)).map(render),
  };
}

function syntaxProblems(document: Document): readonly Problem[] {
  return [...document.errors, ...document.warnings].map(({ pos, message }) => {
    const said = message.replace(/\s+/g, " ");
    return { offset: pos[0], message: `this is not YAML that can be read: ${said}` };
  });
}

/** A number in a policy that JavaScript would write otherwise, such as a long UID: it would be changed silently. */
function numberProblems(document: Document): readonly Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Scalar: (_key, { value, source, range }, path) => {
      if (typeof value !== "number" || source === undefined || String(value) === source) return;
      if (!path.some((each) => isPair(each) && isScalar(each.key) && each.key.value === "policy")) return;
      problems.push({
        offset: range?.[0] ?? 0,
        message: `the number \`${source}\` would not stay as it is written; put it in quotes, or give the whole policy as text`,
      });
    },
  });
  return problems;
}

/** An alias without its anchor, or one that stands inside what it names, shows only now. */
function valueOf(document: Document): { readonly value: unknown } | { readonly problem: Problem } {
  try {
    const value: unknown = document.toJS();
    JSON.stringify(value);
    return { value };
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n", 1).join("") : String(error);
    return { problem: { offset: 0, message: `this is not YAML that can be read: ${reason}` } };
  }
}
