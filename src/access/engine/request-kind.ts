/** Care set of the diagram: the values that a field can have, given the principal and the action. */

import type { AtomField } from "./fields.ts";

/** Facts about the principal and the action that limit the values of later fields. */
export interface RequestKind {
  readonly isObject: boolean;
  readonly isListing: boolean;
  readonly isAnonymous: boolean;
}

/** Kind of a request whose principal and action are not known yet. */
export const anyRequest: RequestKind = { isObject: false, isListing: false, isAnonymous: false };

/** Returns a number from 0 to 7 that identifies the kind. */
export function requestKindKey({ isObject, isListing, isAnonymous }: RequestKind): number {
  return Number(isObject) + 2 * Number(isListing) + 4 * Number(isAnonymous);
}

/** Returns the bits of the key that decide which values some of these fields can have. */
export function kindsFeltBy(fields: readonly { readonly name: string }[]): number {
  return fields.reduce((bits, { name }) => bits | (kindOfField[name] ?? 0), 0);
}

const kindOfField: Readonly<Record<string, number>> = {
  resource: requestKindKey({ ...anyRequest, isObject: true }),
  "oss:Prefix": requestKindKey({ ...anyRequest, isListing: true }),
  "oss:Delimiter": requestKindKey({ ...anyRequest, isListing: true }),
  "acs:AccessId": requestKindKey({ ...anyRequest, isAnonymous: true }),
};

interface Domain {
  readonly domain: bigint;
  readonly inside: RequestKind;
}

const known = new WeakMap<AtomField, Map<number, readonly Domain[]>>();

/** Returns the atoms that a request of this kind can have, split where later fields depend on the choice. */
export function domainsOf(field: AtomField, requestKind: RequestKind): readonly Domain[] {
  const all = known.get(field) ?? new Map<number, readonly Domain[]>();
  known.set(field, all);
  const key = requestKindKey(requestKind);
  const domains = all.get(key) ?? findDomains(field, requestKind);
  all.set(key, domains);
  return domains;
}

function findDomains(field: AtomField, requestKind: RequestKind): readonly Domain[] {
  const maskWhere = (holds: (sample: string | undefined, index: number) => boolean) =>
    field.atoms.reduce(
      (sum, { sample }, index) => (holds(sample, index) ? sum | (1n << BigInt(index)) : sum),
      0n,
    );
  if (field.name === "principal") {
    const [named, anonymous] = [{ ...requestKind }, { ...requestKind, isAnonymous: true }];
    return [
      { domain: maskWhere((who) => who === "anonymous"), inside: anonymous },
      { domain: maskWhere((who) => who !== "anonymous"), inside: named },
    ];
  }
  if (field.name === "action") {
    const isListing = (name: string | undefined) => name !== undefined && listings.has(name);
    const isObject = (index: number) => field.atoms[index]?.level === "object";
    return [
      { domain: maskWhere((_, index) => isObject(index)), inside: { ...requestKind, isObject: true } },
      { domain: maskWhere((name) => isListing(name)), inside: { ...requestKind, isListing: true } },
      { domain: maskWhere((name, index) => !isObject(index) && !isListing(name)), inside: requestKind },
    ];
  }
  const presence = presenceOf(field.name, requestKind);
  const domain = maskWhere((sample) => (sample === undefined ? presence !== "always" : presence !== "never"));
  return [{ domain, inside: requestKind }];
}

/** Actions with a prefix and a delimiter (OSS docs: policy syntax). */
const listings: ReadonlySet<string> = new Set(["oss:ListObjects", "oss:ListObjectVersions"]);

/** Returns whether a request has a key. "maybe" covers both cases: sound, even if some request never occurs. */
export function presenceOf(key: string, requestKind: RequestKind): "always" | "never" | "maybe" {
  switch (key) {
    case "resource":
      return requestKind.isObject ? "always" : "never";
    case "acs:SourceIp":
    case "acs:SourceVpc":
    case "acs:CurrentTime":
    case "acs:SecureTransport":
      return "always";
    case "acs:AccessId":
      return requestKind.isAnonymous ? "never" : "always";
    case "oss:Prefix":
    case "oss:Delimiter":
      return requestKind.isListing ? "maybe" : "never";
    default:
      return "maybe";
  }
}
