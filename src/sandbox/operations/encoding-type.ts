import type { QueryPair } from "../auth/signature.ts";
import { queryValue } from "../wire/place.ts";
import { refuse, type Refused } from "../wire/wire-error.ts";
import type { XmlNode } from "../wire/xml.ts";

/** Form of the keys in an answer: XML cannot hold every character of a key (OSS docs: encoding-type). */
export interface Encoding {
  encode(text: string): string;
  /** Node that names the form; none without one. */
  readonly nodes: readonly XmlNode[];
}

/** Reads encoding-type, which is `url` or absent. An empty one counts as absent: oss2 sends it. */
export function encodingOf(query: readonly QueryPair[]): Encoding | Refused {
  const word = queryValue(query, "encoding-type") || undefined;
  if (word === undefined) return { encode: (text) => text, nodes: [] };
  if (word !== "url") return refuse("InvalidArgument", { message: "The encoding-type must be url." });
  return { encode: encodeURIComponent, nodes: [["EncodingType", "url"]] };
}
