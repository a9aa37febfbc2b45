import type { Diagnostic } from "../../diagnostic.ts";
import type { Intent } from "../../edit/intent.ts";
import { actionsMatching, isPattern } from "../../policy/actions.ts";
import type { Options } from "../../run/options.ts";
import { isFailed, type Failed } from "../../result.ts";
import { pairsOf } from "../access/pairs.ts";
import { partsOf } from "../access/place.ts";
import { problem } from "../access/reply.ts";

/** Refuses a slash with nothing behind it, as an empty variable of a shell leaves it: it is not every object. */
export function emptyKeyProblem(resource: string | undefined): Failed | undefined {
  if (resource === undefined || !resource.includes("/")) return undefined;
  const [bucket, key] = partsOf(resource);
  if (key !== "") return undefined;
  return problem(
    `\`${resource}\` names no key behind the slash`,
    `name the objects behind it, or all of them as \`${bucket}/*\``,
  );
}

/** Notes that a key which looks like a folder is one object. */
export function oneObjectNotes(
  { verb, key }: Intent,
  options: Pick<Options, "words">,
): readonly Diagnostic[] {
  if (verb !== "grant" || key === undefined || isPattern(key) || /\.[^/.]+$/.test(key)) return [];
  const [bucket] = partsOf(options.words.at(-1) ?? "");
  return [
    {
      code: "edit",
      severity: "note",
      message: `\`${key}\` is the key of one object`,
      help: `if it is a folder, its objects are \`${bucket}/${key.replace(/\/$/, "")}/*\``,
    },
  ];
}

/** Calls that list a bucket, and have a prefix in place of a key. */
const listing: readonly string[] = ["oss:ListObjects", "oss:ListObjectVersions"];

/**
 * Returns the help for actions on the bucket beside a key: a call for the actions on objects, and one for those that list,
 * which a condition confines to the keys.
 */
export function splitHelp(
  { verb, key = "", actions }: Intent,
  options: Pick<Options, "words" | "with">,
): string {
  const isOn = (level: string) => (action: string) =>
    actionsMatching(action).some((found) => found.level === level);
  const onObjects = actions.filter(isOn("object"));
  const lists = actions.filter((action) => listing.includes(action));
  const pairs = pairsOf(options);
  const tests = isFailed(pairs) ? [] : pairs.all;
  const isPrefixed = tests.some(([name]) => name === "oss:Prefix");
  const isSplit = lists.length > 0 && onObjects.length + lists.length === actions.length;
  if (verb !== "grant" || !isSplit || isPrefixed)
    return "name the actions on the bucket in a call of their own, without a key: they are then for the whole bucket";
  const [bucket] = partsOf(options.words.at(-1) ?? "");
  const conditions = tests.map(([name, value]) => `${name}=${value}`);
  const call = (called: readonly string[], resource: string, withs: readonly string[]) =>
    `\`${[verb, options.words[0] ?? "", ...called, resource].map(quoted).join(" ")}${withs.map((test) => ` --with ${quoted(test)}`).join("")}\``;
  const list = call(lists, bucket, [...conditions, `oss:Prefix=${key}`]);
  const both =
    onObjects.length === 0 ? list : `${call(onObjects, `${bucket}/${key}`, conditions)} and ${list}`;
  const what =
    onObjects.length === 0
      ? "list only these keys"
      : "make two calls, of which the second lists only these keys";
  return `${what}, with the other options of this one: ${both}`;
}

/** Quotes a word for a shell, where it needs that. */
function quoted(word: string): string {
  return /^[\w@%+:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
