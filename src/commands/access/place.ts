import { isFailed, type Failed } from "../../result.ts";
import type { DesiredBucket } from "../../desired/bucket-file.ts";
import { hasErrors } from "../../diagnostic.ts";
import { suggestion } from "../../near-miss.ts";
import { actionsMatching } from "../../policy/actions.ts";
import { readDesired } from "../../pipeline/read-desired.ts";
import type { Options } from "../../run/options.ts";
import { selectTree } from "../../run/selection.ts";
import { problem } from "./reply.ts";

/** The resource of a question. */
export interface QueriedResource {
  readonly bucket: DesiredBucket;
  /** A key or a pattern of keys; `*` is the bucket and all its objects, undefined the bucket alone. */
  readonly key: string | undefined;
  /** The meaning that was chosen where the words are ambiguous; else empty. */
  readonly readAs: string;
}

/** Returns the selected buckets of the tree. Lint errors do not matter here: the question is what the text means. */
export function bucketsOf(
  options: Pick<Options, "policies" | "account" | "bucket">,
): { readonly buckets: readonly DesiredBucket[] } | Failed {
  const { desired, diagnostics } = readDesired(options.policies);
  if (hasErrors(diagnostics)) return { problems: diagnostics };
  return selectTree(desired, options);
}

/** `bucket` or `bucket/key`. An action on objects with a bucket alone is a question about all its objects. */
export function placeOf(
  text: string,
  action: string,
  options: Pick<Options, "policies" | "account" | "bucket">,
): QueriedResource | Failed {
  const found = bucketsOf(options);
  if (isFailed(found)) return found;
  const slash = text.indexOf("/");
  const name = slash < 0 ? text : text.slice(0, slash);
  const bucket = found.buckets.find((one) => one.bucket === name);
  const names = found.buckets.map((one) => one.bucket);
  if (bucket === undefined)
    return problem(`no file speaks of the bucket \`${name}\``, suggestion(name, names));
  const key = slash < 0 ? "" : text.slice(slash + 1);
  if (key !== "") return { bucket, key, readAs: "" };
  const levels = new Set(actionsMatching(action).map(({ level }) => level));
  if (!levels.has("object")) return { bucket, key: undefined, readAs: "" };
  const readAs = levels.has("bucket")
    ? "the bucket and its objects, whatever their key"
    : "objects, whatever their key";
  return { bucket, key: "*", readAs };
}

/** Text of the chosen meaning behind a resource; empty if there was no choice. */
export function readAsText({ readAs }: QueriedResource): string {
  return readAs === "" ? "" : ` (read as: ${readAs})`;
}
