import { isFailed, type Failed } from "../../result.ts";
import type { Account } from "../../desired/account-file.ts";
import type { DesiredBucket } from "../../desired/bucket-file.ts";
import { hasErrors } from "../../diagnostic.ts";
import { suggestion } from "../../near-miss.ts";
import { actionsMatching, isPattern } from "../../policy/actions.ts";
import { globMatches } from "../../policy/glob.ts";
import { readDesired } from "../../pipeline/read-desired.ts";
import type { Options } from "../../run/options.ts";
import { selectTree, type SelectionOptions } from "../../run/selection.ts";
import { problem } from "./reply.ts";

/** The key of a question, beside its bucket. */
interface QueriedKey {
  /** A key or a pattern of keys; `*` is the bucket and all its objects, undefined the bucket alone. */
  readonly key: string | undefined;
  /** The meaning that was chosen where the words are ambiguous; else empty. */
  readonly readAs: string;
}

/** The resource of a question. */
export interface QueriedResource extends QueriedKey {
  readonly bucket: DesiredBucket;
}

/** The resource of a question about all buckets that match a glob. */
export interface QueriedResources extends QueriedKey {
  readonly buckets: readonly DesiredBucket[];
  /** True if the bucket is named by a glob. */
  readonly isGlob: boolean;
}

type TreeOptions = SelectionOptions & Pick<Options, "policies">;

/** The selected buckets, and all accounts of their tree. */
interface QueriedTree {
  readonly buckets: readonly DesiredBucket[];
  readonly accounts: readonly Account[];
}

/** Returns the selected buckets of the tree. Lint errors do not matter here: the question is what the text means. */
export function bucketsOf(options: TreeOptions): QueriedTree | Failed {
  const { desired, diagnostics } = readDesired(options.policies);
  if (hasErrors(diagnostics)) return { problems: diagnostics };
  const selected = selectTree(desired, options);
  return isFailed(selected) ? selected : { buckets: selected.buckets, accounts: desired.accounts };
}

/** `bucket` or `bucket/key`. An action on objects with a bucket alone is a question about all its objects. */
export function placeOf(text: string, action: string, options: TreeOptions): QueriedResource | Failed {
  const found = bucketsOf(options);
  if (isFailed(found)) return found;
  const [name] = partsOf(text);
  const bucket = found.buckets.find((one) => one.bucket === name);
  return bucket === undefined ? unknownBucket(text, found.buckets) : { bucket, ...keyOf(text, action) };
}

/** The same, where the bucket may be a glob. */
export function placesOf(text: string, action: string, options: TreeOptions): QueriedResources | Failed {
  const found = bucketsOf(options);
  if (isFailed(found)) return found;
  const [glob] = partsOf(text);
  const buckets = found.buckets.filter(({ bucket }) => globMatches(glob, bucket));
  if (buckets.length === 0) return unknownBucket(text, found.buckets);
  return { buckets, isGlob: isPattern(glob), ...keyOf(text, action) };
}

/** Splits `bucket/key`; the key is empty if there is none. */
export function partsOf(text: string): readonly [name: string, key: string] {
  const slash = text.indexOf("/");
  return slash < 0 ? [text, ""] : [text.slice(0, slash), text.slice(slash + 1)];
}

/** Beginnings of resources of tools and of policies. */
const otherForms = /^(?:oss:\/\/|acs:oss:[^:]*:[^:]*:)/i;

/** Reports a resource whose bucket, or glob of buckets, no file is about. */
export function unknownBucket(text: string, buckets: readonly DesiredBucket[]): Failed {
  const bare = text.replace(otherForms, "");
  if (bare !== text && bare !== "")
    return problem(`\`${text}\` is neither BUCKET nor BUCKET/KEY`, `write \`${bare}\``);
  const [name] = partsOf(text);
  const names = buckets.map(({ bucket }) => bucket);
  const message = isPattern(name)
    ? `no file speaks of a bucket that matches \`${name}\``
    : `no file speaks of the bucket \`${name}\``;
  return problem(message, suggestion(name, names));
}

function keyOf(text: string, action: string): QueriedKey {
  const [, key] = partsOf(text);
  if (key !== "") return { key, readAs: "" };
  const levels = new Set(actionsMatching(action).map(({ level }) => level));
  if (!levels.has("object")) return { key: undefined, readAs: "" };
  const readAs = levels.has("bucket")
    ? "the bucket and its objects, whatever their key"
    : "objects, whatever their key";
  return { key: "*", readAs };
}

/** Text of the chosen meaning behind a resource; empty if there was no choice. */
export function readAsText({ readAs }: QueriedKey): string {
  return readAs === "" ? "" : ` (read as: ${readAs})`;
}
