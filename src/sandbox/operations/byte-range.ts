import type { ByteRange } from "../state/body.ts";

/** Range header against the size of an object; `none` if it is to be ignored. */
export type RangeResult = ByteRange | "none" | "unsatisfiable";

/**
 * Reads a Range header. OSS ignores a range that does not lie within the object, and sends all of it; with
 * `x-oss-range-behavior: standard` the end is cut, and a start beyond the end refused (OSS docs: GetObject).
 */
export function rangeOf(text: string | undefined, size: number, isStandard: boolean): RangeResult {
  const match = /^bytes=(\d*)-(\d*)$/.exec(text?.trim() ?? "");
  if (match === null) return "none";
  const [, first = "", last = ""] = match;
  if (first === "") return suffixRange(last, size, isStandard);
  const range = { first: Number(first), last: last === "" ? size - 1 : Number(last) };
  if (last !== "" && range.first > range.last) return "none";
  if (range.first >= size) return isStandard ? "unsatisfiable" : "none";
  if (range.last < size) return range;
  return isStandard ? { ...range, last: size - 1 } : "none";
}

/** Reads `-N`, the last N bytes. More than there are are an invalid range too, which is inferred. */
function suffixRange(count: string, size: number, isStandard: boolean): RangeResult {
  if (count === "") return "none";
  const wanted = Number(count);
  if (wanted === 0 || size === 0) return isStandard ? "unsatisfiable" : "none";
  if (wanted > size && !isStandard) return "none";
  return { first: Math.max(size - wanted, 0), last: size - 1 };
}
