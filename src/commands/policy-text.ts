import type { Failed } from "../result.ts";
import { parseJson } from "../policy/json.ts";
import { problem } from "./access/reply.ts";

const notEmpty = "save the policy again; for a bucket without a policy, write `policy: none` in the file";

/** The text of a file that shall hold one policy; a reason where it is not the text of one. */
export function textOf(bytes: Uint8Array, file: string): string | Failed {
  const refuse = (what: string, help: string) => problem(`\`${file}\` ${what}`, help);
  const encoding = encodingOf(bytes);
  if (encoding !== undefined)
    return refuse(`is ${encoding} text`, "save it as UTF-8; in PowerShell, `Out-File -Encoding utf8`");
  const text = decoded(bytes);
  if (text === undefined) return refuse("is not UTF-8 text", "save it as UTF-8");
  if (text === "") return refuse("is empty", notEmpty);
  if (text.trim() === "") return refuse("has nothing but blanks", notEmpty);
  if (text.split("\n").every((line) => /^\s*(#|$)/.test(line)))
    return refuse("has nothing but comments", notEmpty);
  if (text.includes("\0")) return refuse("holds the character U+0000", "save it as plain UTF-8 text");
  const answer = /^\s*<(?:\?xml|!doctype|html|error)\b/i.test(text);
  if (answer) {
    const [, code] = /<Code>(\w+)<\/Code>/.exec(text) ?? [];
    const what = code === undefined ? "" : `, with the error code \`${code}\``;
    const isNone = code === "NoSuchBucketPolicy";
    return refuse(
      `holds an answer in XML or HTML${what}, and no policy`,
      isNone ? "for a bucket without a policy, write `policy: none` in the file" : "save the policy again",
    );
  }
  return jsonProblem(text, file) ?? text;
}

/** Of the encodings that are not UTF-8 but can be known by their first bytes. */
function encodingOf([first, second, third, fourth]: Uint8Array): string | undefined {
  if (first === 0xff && second === 0xfe) return third === 0 && fourth === 0 ? "UTF-32" : "UTF-16";
  if (first === 0xfe && second === 0xff) return "UTF-16";
  const isHalfEmpty = (first === 0) !== (second === 0) && (third === 0) !== (fourth === 0);
  return isHalfEmpty && second !== undefined && fourth !== undefined ? "UTF-16" : undefined;
}

/** A byte order mark is dropped. */
function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Explains the error in a text that is meant as JSON, though YAML might accept some of it. */
function jsonProblem(text: string, file: string): Failed | undefined {
  if (!/^\s*[{[]/.test(text)) return textInFront(text, file);
  const parsed = parseJson(text);
  if ("value" in parsed) return undefined;
  const [, offset] = /(?:at|in JSON at) position (\d+)/.exec(parsed.problem) ?? [];
  const at = offset === undefined ? undefined : Number(offset);
  const where = at === undefined ? "" : `, in ${placeIn(text, at)}`;
  if (at !== undefined && isWhole(text.slice(0, at))) {
    const [behind = ""] = text.slice(at).split("\n", 1);
    return problem(
      `\`${file}\` has text behind the policy${where}: \`${shortened(behind.trim())}\``,
      "remove everything after the last `}`",
    );
  }
  if (!/\.json$/i.test(file)) return undefined;
  if (at !== undefined && /,\s*$/.test(text.slice(0, at)) && /[}\]]/.test(text[at] ?? ""))
    return problem(`\`${file}\` is not JSON: a comma without a value behind it${where}`, "remove the comma");
  const what = parsed.problem.replace(/ at position \d.*/s, "").replace(/^[A-Z]/, (one) => one.toLowerCase());
  return problem(`\`${file}\` is not JSON: ${what}${where}`, "correct it there, or save the policy again");
}

/** Such as headers of an answer, or the prompt of a shell. */
function textInFront(text: string, file: string): Failed | undefined {
  const at = text.search(/^[{]\s*"(?:Version|Statement)"\s*:/m);
  if (at < 0) return undefined;
  const [first = ""] = text.trim().split("\n", 1);
  return problem(
    `\`${file}\` has text in front of the policy: \`${shortened(first.trim())}\``,
    "remove everything before the first `{`",
  );
}

function isWhole(text: string): boolean {
  return "value" in parseJson(text);
}

function placeIn(text: string, at: number): string {
  const before = text.slice(0, at).split("\n");
  return `line ${before.length}, column ${(before.at(-1) ?? "").length + 1}`;
}

function shortened(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 40)}...`;
}
