import { findConditionKey, type Family } from "../../src/policy/conditions.ts";
import type { Interpretation } from "../../src/access/request.ts";
import type { Bucket } from "../../src/policy/bucket.ts";
import { assertion, call, exactly, isIn, literal } from "./smtlib-terms.ts";

export interface Surroundings {
  readonly bucket: Bucket;
  readonly interpretation: Interpretation;
  /** The symbol of each condition key. */
  readonly names: ReadonlyMap<string, string>;
}

/** One letter or more. */
const anyLetters = "(re.+ re.allchar)";

const sorts: Readonly<Record<Family, string>> = {
  String: "String",
  Numeric: "Int",
  Date: "Int",
  Bool: "Bool",
  Ip: "Int",
};

function familyOf(key: string): Family {
  return findConditionKey(key)?.family ?? "String";
}

/** The declarations of one condition key, and what values it can have. */
export function keyLines(key: string, { names }: Surroundings): readonly string[] {
  const name = names.get(key) ?? "";
  return [
    `; ${literal(key)}`,
    `(declare-const ${name} ${sorts[familyOf(key)]})`,
    ...(familyOf(key) === "Ip" ? [`(declare-const ${name}-is-6 Bool)`] : []),
    `(declare-const has-${name} Bool)`,
    ...valueRules(key, name).map(assertion),
    ...presenceRules(key, `has-${name}`).map(assertion),
  ];
}

/** Dates in milliseconds since 1970, up to the end of the year 9999; days and addresses as whole numbers. */
function valueRules(key: string, name: string): readonly string[] {
  switch (familyOf(key)) {
    case "Bool":
      return [];
    case "Numeric":
      return [`(>= ${name} 0)`];
    case "Date":
      return [`(<= 0 ${name} ${Date.parse("9999-12-31T23:59:59Z")})`];
    case "Ip": {
      const [most4, most6, mapped] = [2n ** 32n - 1n, 2n ** 128n - 1n, 0xffffn * 2n ** 32n];
      const isMapped = `(<= ${mapped} ${name} ${mapped + most4})`;
      return [`(ite ${name}-is-6 (and (<= 0 ${name} ${most6}) (not ${isMapped})) (<= 0 ${name} ${most4}))`];
    }
    case "String":
      // Empty for a request from the Internet.
      if (key !== "acs:SourceVpc") return [];
      return [isIn(name, [exactly(""), call("re.++", [exactly("vpc-"), anyLetters])])];
  }
}

function presenceRules(key: string, has: string): readonly string[] {
  if (["acs:SourceIp", "acs:SourceVpc", "acs:CurrentTime", "acs:SecureTransport"].includes(key)) return [has];
  if (key === "acs:AccessId") return [`(= ${has} (distinct who 0))`];
  return key === "oss:Prefix" || key === "oss:Delimiter" ? [`(=> ${has} is-listing)`] : [];
}
