import { findConditionKey } from "../policy/conditions.ts";
import { meantText, type Kind } from "./meaning.ts";

/** What the values of a condition key are; undefined where any text may be one, so that nothing is read into it. */
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

/** A delimiter is left out: a comma and a space can be one. */
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
