import type { SandboxObject } from "../state/object.ts";
import { refuse } from "../wire/wire-error.ts";
import { httpDate, quoted } from "./object-answer.ts";
import { empty, type OperationInput, type OperationResult } from "./operation.ts";

/**
 * Returns the answer if a condition on an object does not hold: 412, or 304 (OSS docs: GetObject, CopyObject). `prefix`
 * is that of the headers of a copy. A date that cannot be read is ignored, which is inferred.
 */
export function failedPrecondition(
  { etag, modifiedAt }: Pick<SandboxObject, "etag" | "modifiedAt">,
  headers: OperationInput["headers"],
  prefix = "",
): OperationResult | undefined {
  const value = (name: string): string | undefined => headers[`${prefix}${name}`];
  const modifiedMs = Date.parse(modifiedAt);
  const [match, noneMatch] = [value("if-match"), value("if-none-match")];
  const since = Date.parse(value("if-modified-since") ?? "");
  const unmodifiedSince = Date.parse(value("if-unmodified-since") ?? "");
  if (match !== undefined && !hasEtag(match, etag)) return failed("If-Match");
  if (modifiedMs > unmodifiedSince) return failed("If-Unmodified-Since");
  const isSame = noneMatch !== undefined && hasEtag(noneMatch, etag);
  if (!isSame && !(modifiedMs <= since)) return undefined;
  return { ...empty(200, { ETag: quoted(etag), "Last-Modified": httpDate(modifiedAt) }), status: 304 };
}

function failed(condition: string): OperationResult {
  return refuse("PreconditionFailed", { extras: [["Condition", condition]] });
}

/** Compares ETags; clients send them with and without quotes. */
function hasEtag(text: string, etag: string): boolean {
  return text.split(",").some((each) => {
    const bare = each.trim().replace(/^"(.*)"$/, "$1");
    return bare === "*" || bare.toUpperCase() === etag;
  });
}
