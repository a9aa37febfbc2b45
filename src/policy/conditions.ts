/** Type of the values that an operator compares. */
export type Family = "String" | "Numeric" | "Date" | "Bool" | "Ip";

export interface ConditionOperator {
  readonly name: string;
  readonly family: Family;
  /** A negated operator holds if no value matches; others hold if any value does (OSS docs: bucket policy). */
  readonly negated: boolean;
  /** False if OSS's documentation names the operator without saying what it does. */
  readonly hasMeaning: boolean;
}

export interface ConditionKey {
  /** Name of the key; a prefix ends in `/`, and the key of a tag follows it. */
  readonly name: string;
  readonly family: Family;
  readonly description: string;
  /** Addition to the description. */
  readonly note?: string;
}

/** Operators that OSS documents (OSS docs: policy syntax). */
export const operators: readonly ConditionOperator[] = [
  operator("String", "StringEquals"),
  operator("String", "StringNotEquals"),
  operator("String", "StringEqualsIgnoreCase"),
  operator("String", "StringNotEqualsIgnoreCase"),
  operator("String", "StringLike"),
  operator("String", "StringNotLike"),
  ...ordered("Numeric"),
  ...ordered("Date"),
  operator("Bool", "Bool"),
  operator("Ip", "IpAddress"),
  operator("Ip", "NotIpAddress"),
  { ...operator("Ip", "IpAddressIncludeBorder"), hasMeaning: false },
];

/** Keys that OSS documents, except those that contain the key of a tag (OSS docs: policy syntax). */
export const conditionKeys: readonly ConditionKey[] = [
  {
    name: "acs:SourceIp",
    family: "Ip",
    description: "the address that the request comes from",
    note: "needs acs:SourceVpc in the same statement",
  },
  {
    name: "acs:SourceVpc",
    family: "String",
    description: "the id of the VPC that the request comes from",
    note: "empty for a request from the Internet; only in regions with gateway endpoints",
  },
  {
    name: "acs:SourceVpcId",
    family: "String",
    description: "the id of a VPC",
    note: "documented only as part of what makes a policy public",
  },
  {
    name: "acs:SourceVpcIp",
    family: "Ip",
    description: "an address in a VPC",
    note: "documented only as part of what makes a policy public",
  },
  { name: "acs:UserAgent", family: "String", description: "the User-Agent header of the request" },
  { name: "acs:CurrentTime", family: "Date", description: "the time at which OSS receives the request" },
  {
    name: "acs:SecureTransport",
    family: "Bool",
    description: "whether the request uses HTTPS",
    note: "pages of 2021 list the values HTTP and HTTPS, which are no longer documented",
  },
  {
    name: "acs:AccessId",
    family: "String",
    description: "the AccessKey ID of the request",
    note: "temporary ones begin with STS. or TMP.",
  },
  {
    name: "acs:MFAPresent",
    family: "Bool",
    description: "whether the caller signed in with multi-factor authentication",
  },
  {
    name: "oss:x-oss-acl",
    family: "String",
    description: "the bucket ACL that the request sets",
    note: "private, public-read or public-read-write",
  },
  {
    name: "oss:x-oss-object-acl",
    family: "String",
    description: "the object ACL that the request sets",
    note: "private, public-read, public-read-write or default",
  },
  {
    name: "oss:Prefix",
    family: "String",
    description: "the prefix of a listing",
    note: "listing calls only",
  },
  {
    name: "oss:Delimiter",
    family: "String",
    description: "the delimiter of a listing",
    note: "listing calls only",
  },
  {
    name: "oss:object-remaining-retention-days",
    family: "Numeric",
    description: "the days for which an object must still be kept",
    note: "retention calls only",
  },
  {
    name: "oss:DataAccessPointArn",
    family: "String",
    description: "the ARN of the access point that the request goes through",
  },
  {
    name: "oss:DataAccessPointAccount",
    family: "String",
    description: "the account that owns the access point",
  },
  {
    name: "oss:AccessPointNetworkOrigin",
    family: "String",
    description: "the network origin of the access point",
    note: "internet or vpc",
  },
];

/** Prefixes of keys that end in the key of a tag (OSS docs: policy syntax). */
export const conditionKeyPrefixes: readonly ConditionKey[] = [
  { name: "oss:BucketTag/", family: "String", description: "the value of a tag of the bucket" },
  {
    name: "oss:ExistingObjectTag/",
    family: "String",
    description: "the value of a tag that the object has",
    note: "mostly on reads",
  },
  {
    name: "oss:RequestObjectTag/",
    family: "String",
    description: "the value of a tag that the request sets",
    note: "mostly on writes",
  },
];

/** Finds an operator by exact name: OSS does not document if case matters. */
export function findOperator(name: string): ConditionOperator | undefined {
  return operatorsByName.get(name);
}

const operatorsByName = new Map(operators.map((operator) => [operator.name, operator]));

/** Finds a key by exact name, as with operators; a prefix must be followed by the key of a tag. */
export function findConditionKey(name: string): ConditionKey | undefined {
  return (
    keysByName.get(name) ??
    conditionKeyPrefixes.find((prefix) => name.startsWith(prefix.name) && name !== prefix.name)
  );
}

const keysByName = new Map(conditionKeys.map((key) => [key.name, key]));

function operator(family: Family, name: string): ConditionOperator {
  return { name, family, negated: name.includes("Not"), hasMeaning: true };
}

function ordered(family: "Numeric" | "Date"): readonly ConditionOperator[] {
  const relations = ["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"];
  return relations.map((relation) => operator(family, `${family}${relation}`));
}
