import { findConditionKey } from "../policy/conditions.ts";
import { meantText, type Kind } from "./meaning.ts";

/** Returns the kind of a condition key's values; undefined if any text can be a value, so nothing is assumed. */
export function kindOfKey(name: string): Kind | undefined {
  const key = findConditionKey(meantText(name));
  if (key === undefined) return undefined;
  switch (key.family) {
    case "Ip":
      return "address";
    case "Date":
      return "date";
    case "Numeric":
      return "number";
    case "Bool":
      return "word";
    case "String":
      return key.name.endsWith("/") ? "tag" : kindsOfTexts.get(key.name);
  }
}

/** oss:Delimiter is missing on purpose: a comma or a space can be a delimiter. */
const kindsOfTexts: ReadonlyMap<string, Kind> = new Map([
  ["acs:SourceVpc", "word"],
  ["acs:SourceVpcId", "word"],
  ["acs:AccessId", "word"],
  ["acs:UserAgent", "text"],
  ["oss:x-oss-acl", "word"],
  ["oss:x-oss-object-acl", "word"],
  ["oss:Prefix", "prefix"],
  ["oss:DataAccessPointArn", "word"],
  ["oss:DataAccessPointAccount", "word"],
  ["oss:AccessPointNetworkOrigin", "word"],
]);
