import type { KeyQuery } from "../state/key-page.ts";
import { queryValue } from "../wire/place.ts";
import { refuse, type Refused } from "../wire/wire-error.ts";
import type { XmlNode } from "../wire/xml.ts";
import { encodingOf, type Encoding } from "./encoding-type.ts";
import type { OperationInput } from "./operation.ts";

/** Limit of the entries of a page (OSS docs: ListObjects, ListMultipartUploads, ListParts). */
const maxEntries = 1000;

/** Listing that a call asks for, without the place where its page starts. */
export interface ListQuery extends Omit<KeyQuery, "after"> {
  readonly encoding: Encoding;
}

/** Reads the parameters that all listings have. `sizeName` is that of the number of entries. */
export function listQuery(
  { query }: OperationInput["route"],
  sizeName: string,
  standard: number,
): ListQuery | Refused {
  const encoding = encodingOf(query);
  if ("refusal" in encoding) return encoding;
  const maxKeys = pageSize(queryValue(query, sizeName), sizeName, standard);
  if (typeof maxKeys === "object") return maxKeys;
  const [prefix = "", delimiter = ""] = ["prefix", "delimiter"].map((name) => queryValue(query, name));
  return { prefix, delimiter, maxKeys, encoding };
}

/** Reads the number of entries, from 1 to 1,000. An empty one counts as absent: oss2 sends it. */
export function pageSize(text: string | undefined, name: string, standard: number): number | Refused {
  const size = Number(text || standard);
  const isValid = /^\d{0,4}$/.test(text ?? "") && size >= 1 && size <= maxEntries;
  if (isValid) return size;
  return refuse("InvalidArgument", {
    message: `${name} must be a number from 1 to ${maxEntries}.`,
    extras: [
      ["ArgumentName", name],
      ["ArgumentValue", text ?? ""],
    ],
  });
}

export function commonPrefixNodes(prefixes: readonly string[], { encode }: Encoding): readonly XmlNode[] {
  return prefixes.map((prefix) => ["CommonPrefixes", [["Prefix", encode(prefix)]]]);
}
