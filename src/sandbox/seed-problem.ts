import { isMap, isNode, isScalar, type Document } from "yaml";
import type { z } from "zod";

/** `offset` counts characters of the file from 0. */
export interface Problem {
  readonly offset: number;
  readonly message: string;
}

/** What is wrong with a seed file's form, at the place in the file. `value` is the document as plain data. */
export function issueProblems(
  issue: z.core.$ZodIssue,
  document: Document,
  value: unknown,
): readonly Problem[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      offset: keyOffset(document, [...issue.path, key]),
      message: `\`${pathText([...issue.path, key])}\` is not a name that a seed file has`,
    }));
  }
  const missing = issue.path.length > 0 && valueAt(value, issue.path) === undefined;
  const subject = issue.path.length === 0 ? "the seed file" : `\`${pathText(issue.path)}\``;
  const message = missing ? `${subject} is missing` : `${subject} ${issue.message}`;
  return [{ offset: valueOffset(document, issue.path), message }];
}

type Path = readonly PropertyKey[];

function pathText(path: Path): string {
  return path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
    .join("")
    .replace(/^\./, "");
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (each, part) => (typeof each === "object" && each !== null ? Reflect.get(each, part) : undefined),
    value,
  );
}

/** Where the value stands, or what is nearest around it where there is none. */
function valueOffset(document: Document, path: Path): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return document.contents?.range?.[0] ?? 0;
}

function keyOffset(document: Document, path: Path): number {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const key = isMap(parent)
    ? parent.items
        .map((item) => item.key)
        .find((each) => isScalar(each) && String(each.value) === path.at(-1))
    : undefined;
  return isNode(key) && key.range ? key.range[0] : valueOffset(document, path);
}
